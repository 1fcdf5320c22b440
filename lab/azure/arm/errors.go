package arm

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an answer of Azure Resource Manager other than success.
type Error struct {
	Status  int    // HTTP status
	Code    string // ARM error code, such as "InvalidResourceReference"
	Message string
}

// Error is the text the azure-native provider shows.
func (e *Error) Error() string {
	return fmt.Sprintf(`Status=%d Code="%s" Message="%s"`, e.Status, e.Code, e.Message)
}

// IsNotFound says whether err is a 404.
func IsNotFound(err error) bool {
	var answer *Error
	return errors.As(err, &answer) && answer.Status == http.StatusNotFound
}

func badRequest(code, format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

func conflict(code, format string, args ...any) *Error {
	return &Error{http.StatusConflict, code, fmt.Sprintf(format, args...)}
}

func notFound(code, format string, args ...any) *Error {
	return &Error{http.StatusNotFound, code, fmt.Sprintf(format, args...)}
}

func resourceNotFound(id ID) *Error {
	if id.Provider == "" {
		return notFound("ResourceGroupNotFound", "Resource group '%s' could not be found.", id.Group)
	}
	return notFound("ResourceNotFound", "The Resource '%s' under resource group '%s' was not found. "+
		"For more details please go to https://aka.ms/ARMResourceNotFoundFix", id.TypeAndName(), id.Group)
}

func missingReference(target, from string) *Error {
	return badRequest("InvalidResourceReference", "Resource %s referenced by resource %s was not found. "+
		"Please make sure that the referenced resource exists, and that both resources are in the same region.", target, from)
}

func duplicateName(id, name string) *Error {
	return badRequest("DuplicateResourceName", "Resource %s has two child resources with the same name (%s).", id, name)
}

func changeNotAllowed(property string) *Error {
	return conflict("PropertyChangeNotAllowed", "Changing property '%s' is not allowed.", property)
}
