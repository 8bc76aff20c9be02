#!/usr/bin/env bash
# Verifies one ticket through the containers of docker-compose.yml and takes everything down again.
#
# No registry is needed: the two images of others, golang and temporalio/temporal, are made from what this machine has pinned
# already (its Go, the modules of go.sum, bin/temporal), under the names that Dockerfile and docker-compose.yml use, so that
# both files are tested as they are. An image that is there already is used and never replaced.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "test-compose: $*"; }
skip() {
	say "SKIPPED: $*; docker-compose.yml is only validated"
	exit 0
}

bin/compose-check docker-compose.yml
say "docker-compose.yml is valid"

[[ $(go env GOHOSTOS) == linux ]] || skip "the stand-ins are made of this machine's Linux binaries, and it has none"
command -v docker >/dev/null || skip "there is no docker command"
timeout 20 docker info >/dev/null 2>&1 || skip "no Docker engine answers"
if docker compose version >/dev/null 2>&1; then
	compose=(docker compose)
elif command -v docker-compose >/dev/null; then
	compose=(docker-compose)
else
	skip "there is neither docker compose nor docker-compose"
fi

# A project, tags and ports of its own: nothing here meets a stack that is already running. The settings are those of the demo,
# whatever a developer's environment or .env says.
id=test-$$
label=org.opencontainers.image.version=$id
export COMPOSE_PROJECT_NAME=patchproof-$id PATCHPROOF_VERSION=$id
export TEMPORAL_PORT=0 TEMPORAL_UI_PORT=0 SIMULATOR_PORT=0 HEALTH_PORT=0
unset SC_URL SC_ACCESS_KEY SC_SECRET_KEY SC_TLS_SKIP_VERIFY SC_ALLOW_HTTP

work=$(mktemp -d)
touch "$work/no.env"
compose+=(--env-file "$work/no.env")
ours=(patchproof:"$id" patchproof-worker:"$id" patchproof-simulator:"$id")
started=

cleanup() {
	local code=$?
	trap - EXIT
	if [[ -n $started ]]; then
		if ((code != 0)); then
			"${compose[@]}" ps --all || true
			"${compose[@]}" logs --no-color --tail 60 || true
		fi
		"${compose[@]}" down --volumes --remove-orphans --timeout 20 >/dev/null 2>&1 || say "the stack did not go down cleanly"
	fi
	# What a build leaves without a name has the label: from the Dockerfile, or from the stand-in that it was built on.
	docker container prune --force --filter "label=$label" >/dev/null 2>&1 || true
	docker rmi --force "${ours[@]}" >/dev/null 2>&1 || true
	docker image prune --force --filter "label=$label" >/dev/null 2>&1 || true
	rm -rf "$work"
	say "containers, volumes, networks and the images made for the test are removed"
	exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

present() { docker image inspect "$1" >/dev/null 2>&1; }

# stand_in NAME CHANGE... makes an image from the archive on standard input.
stand_in() {
	local name=$1
	shift
	local changes=(--change "LABEL $label")
	for change in "$@"; do changes+=(--change "$change"); done
	docker import "${changes[@]}" - "$name" >/dev/null
	say "made a stand-in for $name"
}

temporal_stand_in() {
	local root=$work/temporal
	mkdir -p "$root"/{usr/local/bin,home/temporal,etc,tmp}
	ln bin/temporal "$root/usr/local/bin/" 2>/dev/null || cp bin/temporal "$root/usr/local/bin/"
	echo 'temporal:x:1000:1000::/home/temporal:/sbin/nologin' >"$root/etc/passwd"
	tar -C "$root" --owner=1000 --group=1000 -c . |
		stand_in "$1" 'USER temporal' 'ENTRYPOINT ["temporal"]'
}

golang_stand_in() {
	local root=$work/golang goroot
	goroot=$(realpath "$(go env GOROOT)")
	mkdir -p "$root"/{etc/ssl/certs,root,tmp}
	cp -L "$(certificates)" "$root/etc/ssl/certs/ca-certificates.crt"
	# Downloading into an empty cache leaves in it exactly what the image needs, in the layout of a module proxy. This machine's
	# own cache is asked first.
	GOMODCACHE=$work/modules GOFLAGS=-modcacherw GOPROXY="file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)" \
		go mod download
	mv "$work/modules/cache/download" "$root/proxy"
	rm -rf "$root/proxy/sumdb" "$work/modules"
	tar -c --owner=0 --group=0 --transform "flags=r;s|^${goroot#/}|usr/local/go|" \
		--exclude="${goroot#/}/test" --exclude="${goroot#/}/api" --exclude="${goroot#/}/doc" \
		-C "$root" . -C / "${goroot#/}" |
		stand_in "$1" 'ENV PATH=/usr/local/go/bin:/usr/bin:/bin' 'ENV GOPATH=/go' 'ENV HOME=/root' \
			'ENV GOPROXY=file:///proxy,off' 'WORKDIR /go'
}

certificates() {
	local file
	for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
		[[ -e $file ]] && echo "$file" && return
	done
	say "no certificates of public authorities found" >&2
	return 1
}

golang=$(sed -n 's/^FROM \(golang:[^ ]*\).*/\1/p' Dockerfile)
temporal=$(sed -n 's/^ *image: \(temporalio\/temporal:.*\)/\1/p' docker-compose.yml)
if present "$golang"; then
	say "$golang is there already"
else
	ours+=("$golang")
	golang_stand_in "$golang"
fi
if present "$temporal"; then
	say "$temporal is there already"
else
	ours+=("$temporal")
	temporal_stand_in "$temporal"
fi

say "building our images ($(go env GOVERSION) stands in where golang was missing)"
started=yes
"${compose[@]}" build >"$work/build.log" 2>&1 || {
	cat "$work/build.log"
	exit 1
}
"${compose[@]}" up --detach
say "the stack is up; verifying a ticket"

answer=$work/answer.json
timeout 300 "${compose[@]}" run --rm -T patchproof \
	verify --ticket TEST-COMPOSE --plugin 97833 --repository 1 --ip 10.0.0.5 --poll 1s --wait -o json </dev/null | tee "$answer"
grep -q '"outcome": *"fixed"' "$answer" || {
	say "the outcome is not fixed"
	exit 1
}
say "PASSED: the ticket is fixed, and exit code 0 says so"
