package remote

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// reworded is an error with another text.
type reworded struct {
	error
	text string
}

func (r reworded) Error() string { return r.text }
func (r reworded) Unwrap() error { return r.error }

// inOldWords gives an error the text it has in the plugin, which is built on an older SSH library: that one does not
// quote what the other side says.
func inOldWords(err error) error {
	var rejected *ssh.OpenChannelError
	var mismatch *ssh.AlgorithmNegotiationError
	switch {
	case errors.As(err, &rejected):
		return reword(err, rejected, fmt.Sprintf("ssh: rejected: %s (%s)", rejected.Reason, rejected.Message))
	case errors.As(err, &mismatch):
		return reword(err, mismatch, fmt.Sprintf("ssh: no common algorithm for %s; we offered: %v, peer offered: %v",
			mismatch.What, mismatch.SupportedAlgorithms, mismatch.RequestedAlgorithms))
	default:
		return err
	}
}

func reword(err, inner error, text string) error {
	return reworded{err, strings.Replace(err.Error(), inner.Error(), text, 1)}
}
