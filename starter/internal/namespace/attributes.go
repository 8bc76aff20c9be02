package namespace

// Registering the search attributes.

import (
	"context"

	"go.temporal.io/api/operatorservice/v1"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/workflows"
)

// Attribute is a search attribute of ours as the namespace has it.
type Attribute struct {
	Name    string
	Want    enumspb.IndexedValueType
	Have    enumspb.IndexedValueType
	Present bool // maybe of another type
}

// Usable reports whether verifications can be found by it.
func (a Attribute) Usable() bool { return a.Present && a.Have == a.Want }

// SearchAttributes gives every search attribute of ours.
func (n *Namespace) SearchAttributes(ctx context.Context) ([]Attribute, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	answer, err := n.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: n.Name})
	if err != nil {
		return nil, err
	}
	var all []Attribute
	for _, key := range workflows.SearchAttributes() {
		have, present := answer.GetCustomAttributes()[key.GetName()]
		all = append(all, Attribute{Name: key.GetName(), Want: key.GetValueType(), Have: have, Present: present})
	}
	return all, nil
}
