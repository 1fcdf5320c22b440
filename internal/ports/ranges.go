package ports

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Range is one port or several adjacent ones.
type Range struct{ First, Last int }

// ParseRange reads "8080" or "32768-60999", with the errors of [Range.Check].
func ParseRange(text string) (Range, error) {
	low, high, several := strings.Cut(text, "-")
	if !several {
		high = low
	}
	first, err := strconv.Atoi(low)
	last, errLast := strconv.Atoi(high)
	if err != nil || errLast != nil {
		first, last = 0, 0
	}
	r := Range{first, last}
	return r, r.Check()
}

// Check refuses what is no range of ports, and ranges that hold a port of the platform.
func (r Range) Check() error {
	if r.First < 1 || r.Last > 65535 || r.First > r.Last {
		return errors.New("must be a port such as 8080, or a range such as 32768-60999, from 1 to 65535")
	}
	for port := r.First; port <= r.Last; port++ {
		if why, taken := Platform(port); taken {
			return fmt.Errorf("port %d is the platform's (%s); must be others", port, why)
		}
	}
	return nil
}

// String is the range as [ParseRange] reads it, and as Azure does.
func (r Range) String() string {
	if r.First == r.Last {
		return strconv.Itoa(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}
