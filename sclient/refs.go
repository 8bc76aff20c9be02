package sclient

// Ref is another object, by id and name. An absent one has the ID -1 or 0.
type Ref struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	UUID        string `json:"uuid,omitempty"`
	Type        string `json:"type,omitempty"`
	Status      Int    `json:"status,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (r *Ref) UnmarshalJSON(data []byte) error {
	type plain Ref
	*r = Ref{}
	return nested(data, (*plain)(r), &r.ID)
}

// Person is the owner, creator or initiator of something.
type Person struct {
	ID        ID     `json:"id"`
	Username  string `json:"username"`
	Firstname string `json:"firstname"`
	Lastname  string `json:"lastname"`
	UUID      string `json:"uuid,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (p *Person) UnmarshalJSON(data []byte) error {
	type plain Person
	*p = Person{}
	return nested(data, (*plain)(p), &p.ID)
}

// FamilyRef is the family of a plugin. Names repeat between active and passive families; compliance rows have ID 0.
type FamilyRef struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"` // active, passive, compliance, lce
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (f *FamilyRef) UnmarshalJSON(data []byte) error {
	type plain FamilyRef
	*f = FamilyRef{}
	return nested(data, (*plain)(f), &f.ID)
}

// RepositoryRef is the repository of a row or scan.
type RepositoryRef struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	DataFormat  string `json:"dataFormat,omitempty"` // IPv4, IPv6, agent, mobile, universal
	Type        string `json:"type,omitempty"`
	UUID        string `json:"uuid,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (r *RepositoryRef) UnmarshalJSON(data []byte) error {
	type plain RepositoryRef
	*r = RepositoryRef{}
	return nested(data, (*plain)(r), &r.ID)
}

// Severity is 0 (info) to 4 (critical).
type Severity struct {
	ID          Int    `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare number, or nothing.
func (s *Severity) UnmarshalJSON(data []byte) error {
	type plain Severity
	*s = Severity{}
	var bare ID
	err := nested(data, (*plain)(s), &bare)
	if bare != 0 {
		s.ID = Int(bare)
	}
	return err
}
