package dialect

// Refusals, with the codes and the words of real servers.

import (
	"fmt"
	"net/http"
)

// Codes of refusals; each stands for a class of messages.
const (
	CodeToken        = 12
	CodeView         = 142
	CodeNotWritten   = 143
	CodeInvalid      = 146
	CodeDoesNotExist = 147
)

// RefusalError is an error with its place in the dialect.
type RefusalError struct {
	Status int
	Code   int
	Text   string
	// HTML labels the JSON as HTML, as real servers do for refusals of identity.
	HTML bool
}

func (r *RefusalError) Error() string { return r.Text }

// Refuse is the usual refusal: 403 and the code of an invalid request, whatever the reason.
func Refuse(format string, args ...any) *RefusalError {
	return RefuseWith(CodeInvalid, format, args...)
}

// RefuseWith is a refusal with a code that tells more.
func RefuseWith(code int, format string, args ...any) *RefusalError {
	return &RefusalError{Status: http.StatusForbidden, Code: code, Text: fmt.Sprintf(format, args...)}
}

// Missing is the refusal of an ID that does not exist.
func Missing(doing, kind string, id int) *RefusalError {
	return RefuseWith(CodeDoesNotExist, "Unable to %s %s #%d.\n%s #%d does not exist.\n", doing, kind, id, kind, id)
}

// Undeletable is the refusal to delete what does not exist.
func Undeletable(kind string, id int) *RefusalError {
	return RefuseWith(CodeDoesNotExist, "Unable to find existing %s #%d to delete.\n%s #%d does not exist.\n", kind, id, kind, id)
}

// NotSimulated says that a real server would go on where the simulator cannot. It must never be mistaken for a refusal of the server.
func NotSimulated(format string, args ...any) *RefusalError {
	return &RefusalError{Status: http.StatusNotImplemented, Text: "the simulator does not know " + fmt.Sprintf(format, args...)}
}
