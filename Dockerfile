# One image per binary, each nothing but the binary and the certificates of public authorities:
#   docker build --target patchproof-worker -t patchproof-worker .
# Plain syntax, so that the legacy builder understands it, and no shell needed in any stage.

FROM golang:1.26.8 AS build
WORKDIR /src
# The libraries first: they change seldom, and their layer is kept.
COPY go.mod go.sum ./
RUN ["go", "mod", "download"]
COPY . .
ARG VERSION=dev
LABEL org.opencontainers.image.version=${VERSION}
# Static: the final images have no C library.
ENV CGO_ENABLED=0 GOTOOLCHAIN=local \
    GOFLAGS="-trimpath -buildvcs=false '-ldflags=-s -w -X main.version=${VERSION}'"
RUN ["go", "build", "-o", "/out/", "./starter", "./worker", "./simulator"]

# What the three have in common. 65532 is the number that images without users agree on for nobody in particular.
FROM scratch AS base
ARG VERSION=dev
LABEL org.opencontainers.image.version=${VERSION}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
USER 65532:65532

FROM base AS patchproof
COPY --from=build /out/starter /patchproof
ENTRYPOINT ["/patchproof"]

FROM base AS patchproof-worker
COPY --from=build /out/worker /patchproof-worker
ENTRYPOINT ["/patchproof-worker"]

FROM base AS patchproof-simulator
COPY --from=build /out/simulator /patchproof-simulator
ENTRYPOINT ["/patchproof-simulator"]
