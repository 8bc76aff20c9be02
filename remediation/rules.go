package remediation

// What an organisation has laid down for a repository.

// Rules are what an organisation has laid down for the scans of a repository, whoever asks for them.
type Rules struct {
	// Credentials and Zone are used where a request names none.
	Credentials []int
	Zone        int
	// Windows are when scans may begin.
	Windows Windows
	// Trusted are the addresses at which the machine is believed to be the same, where nothing shows who it is.
	Trusted Targets
	// Allowed are the only addresses that may be scanned; if it is empty, all may.
	Allowed Targets
	// Never are the addresses that must not be scanned.
	Never Targets
}
