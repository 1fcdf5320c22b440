// Package fault holds what shall go wrong between Pulumi and the lab's Azure: calls that fail, sizes that are sold out,
// a quota. The faults lie in a file in the directory of the model, so that a command or a test can set them while another
// process serves the provider.
package fault

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// Operation is what a request to Azure does.
type Operation string

// The operations. A Pulumi create is a Read (is it there already?), a Create and a Read; an update is an Update and a Read,
// preceded by a Read where the resource has children of its own.
const (
	Create Operation = "create" // PUT by a Pulumi create
	Update Operation = "update" // PUT by a Pulumi update
	Read   Operation = "read"   // GET
	Delete Operation = "delete" // DELETE
)

// Operations lists them all.
var Operations = []Operation{Create, Read, Update, Delete}

// Answer is what a request gets instead of Azure's own answer.
type Answer struct {
	// Status is the HTTP status, 400 to 599; 0 for a caller that gave up waiting.
	Status int `json:"status,omitempty"`
	// Code is ARM's error code, such as "AnotherOperationInProgress".
	Code string `json:"code,omitempty"`
	// Message is ARM's error message.
	Message string `json:"message,omitempty"`
	// RetryAfter is what the Retry-After header says, in seconds; 0 for no such header.
	RetryAfter int `json:"retryAfter,omitempty"`
	// Changed makes the change first, and then answers.
	Changed bool `json:"changed,omitempty"`
	// Polled is an answer Azure gives while the change it had accepted is under way: the provider doesn't repeat the
	// request, and a resource it was creating is in Pulumi's state. Only with Changed.
	Polled bool `json:"polled,omitempty"`
}

// Conflict says that the resource is busy. The provider repeats such requests.
func Conflict() Answer {
	return Answer{Status: http.StatusConflict, Code: "AnotherOperationInProgress",
		Message: "Another operation on this or dependent resource is in progress."}
}

// Throttled says that there were too many requests. The provider repeats the request after so many seconds, or, told to
// wait longer than two minutes, not at all.
func Throttled(retryAfter int) Answer {
	return Answer{Status: http.StatusTooManyRequests, Code: "SubscriptionRequestsThrottled", RetryAfter: retryAfter,
		Message: fmt.Sprintf("Number of requests for subscription exceeded the server limits. Please try again after '%d' seconds.", retryAfter)}
}

// ServerError is a failure of Azure itself. The provider repeats such requests.
func ServerError() Answer {
	return Answer{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: "An error occurred."}
}

// TimedOut makes the change, but lets the provider wait for the end of it until its time is up.
func TimedOut() Answer { return Answer{Message: "operation timed out", Changed: true, Polled: true} }

// Failed makes the change, which Azure then says has failed: a virtual machine whose agent never reports, for example.
func Failed(code, message string) Answer {
	return Answer{Status: http.StatusOK, Code: code, Message: message, Changed: true, Polled: true}
}

// Error is the error the provider shows.
func (a Answer) Error() error {
	if a.Status == 0 {
		return errors.New(a.Message)
	}
	return &arm.Error{Status: a.Status, Code: a.Code, Message: a.Message}
}

func (a Answer) validate() error {
	switch {
	case a.Polled && !a.Changed:
		return errors.New("an answer that comes while Azure works (Polled) needs Changed")
	case a.Polled && (a.Status == 0 || a.Status == http.StatusOK):
		return nil
	case a.Status < 400 || a.Status > 599:
		return fmt.Errorf("status %d: must be 400 to 599", a.Status)
	case a.RetryAfter < 0:
		return fmt.Errorf("retry after %d seconds: must be 0 or more", a.RetryAfter)
	}
	return nil
}

// Forever is the Count of a Call that answers until it is cleared.
const Forever = -1

// Call makes requests fail.
type Call struct {
	// ID names the fault in the table; [Table.Add] sets it.
	ID int `json:"id"`

	// Type is that of the resource: "compute:VirtualMachine", "VirtualMachine" or "Microsoft.Compute/virtualMachines".
	// [Table.Add] makes the first of it. "" is any.
	Type string `json:"type,omitempty"`
	// Operation is what the request does; "" is anything.
	Operation Operation `json:"operation,omitempty"`
	// Name is that of the resource in Azure, without regard to case; "" is any.
	Name string `json:"name,omitempty"`

	// Skip is how many requests that match pass first: with neither type, operation nor name, k-1 makes the k-th request
	// fail. It counts down.
	Skip int `json:"skip,omitempty"`
	// Count is how many requests get the answer. It counts down; at 0 the fault is over. [Table.Add] makes 1 of 0.
	Count int `json:"count"`
	// Insist answers the provider's repetitions of a request in the same way, and counts them as one with it: the error
	// is seen by the user.
	Insist bool `json:"insist,omitempty"`
	// Struck is how many requests got the answer.
	Struck int `json:"struck,omitempty"`

	Answer Answer `json:"answer"`
}

func (c *Call) validate() error {
	if c.Operation != "" && !slices.Contains(Operations, c.Operation) {
		return fmt.Errorf("operation %q: must be one of %v, or empty for any", c.Operation, Operations)
	}
	if c.Type != "" {
		token, err := resolve(c.Type)
		if err != nil {
			return err
		}
		c.Type = token
	}
	if c.Skip < 0 {
		return fmt.Errorf("skip %d: must be 0 or more", c.Skip)
	}
	if c.Count < Forever {
		return fmt.Errorf("count %d: must be 1 or more, or %d to answer until it is cleared", c.Count, Forever)
	}
	c.Count = cmp.Or(c.Count, 1)
	c.Struck = 0
	return c.Answer.validate()
}

// resolve finds the token of a type however it is written.
func resolve(name string) (string, error) {
	short := strings.TrimPrefix(strings.ToLower(name), "azure-native:")
	for _, token := range arm.Tokens() {
		kind, err := arm.LookUp(token)
		if err != nil {
			return "", err
		}
		_, last, _ := strings.Cut(kind.Token, ":")
		if short == strings.ToLower(kind.Token) || short == strings.ToLower(last) || short == strings.ToLower(kind.ARM()) {
			return kind.Token, nil
		}
	}
	return "", fmt.Errorf("resource type %q is not one of the lab's: %s", name, strings.Join(arm.Tokens(), ", "))
}

// matches says whether the request is one of those this fault is about.
func (c *Call) matches(operation Operation, token, name string) bool {
	return c.Count != 0 && (c.Operation == "" || c.Operation == operation) && (c.Type == "" || c.Type == token) &&
		(c.Name == "" || strings.EqualFold(c.Name, name))
}
