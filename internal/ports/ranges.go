package ports

import (
	"fmt"
	"strconv"
	"strings"
)

// Range is one port or several adjacent ones.
type Range struct{ First, Last int }

// ParseRange reads "8080" or "32768-60999". It refuses ranges that hold a port of the platform.
func ParseRange(text string) (Range, error) {
	low, high, several := strings.Cut(text, "-")
	if !several {
		high = low
	}
	first, err := strconv.Atoi(low)
	last, errLast := strconv.Atoi(high)
	if err != nil || errLast != nil || first < 1 || last > 65535 || first > last {
		return Range{}, fmt.Errorf("must be a port such as 8080, or a range such as 32768-60999, from 1 to 65535")
	}
	for port := first; port <= last; port++ {
		if why, taken := Platform(port); taken {
			return Range{}, fmt.Errorf("port %d is the platform's (%s); must be others", port, why)
		}
	}
	return Range{first, last}, nil
}

// String is the range as [ParseRange] reads it, and as Azure does.
func (r Range) String() string {
	if r.First == r.Last {
		return strconv.Itoa(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}
