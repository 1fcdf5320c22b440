package nsg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// span is a range of numbers, both ends included: of IPv4 addresses or of ports.
type span struct{ first, last uint32 }

// spans is a set of numbers: ranges in order, none touching another. nft takes no others within one set.
type spans []span

// Everything there is.
var (
	everyAddress = spans{{0, math.MaxUint32}}
	everyPort    = spans{{0, math.MaxUint16}}
)

// union is the set of all numbers in any of the ranges.
func union(ranges ...span) spans {
	slices.SortFunc(ranges, func(a, b span) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	var merged spans
	for _, r := range ranges {
		if n := len(merged); n > 0 && uint64(r.first) <= uint64(merged[n-1].last)+1 {
			merged[n-1].last = max(merged[n-1].last, r.last)
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

// without is the set of the addresses of s that are not in other.
func (s spans) without(other spans) spans {
	var rest spans
	for _, r := range s {
		first := uint64(r.first)
		for _, o := range other {
			if uint64(o.last) < first || o.first > r.last {
				continue
			}
			if uint64(o.first) > first {
				rest = append(rest, span{uint32(first), o.first - 1})
			}
			first = uint64(o.last) + 1
		}
		if first <= uint64(r.last) {
			rest = append(rest, span{uint32(first), r.last})
		}
	}
	return rest
}

func (s spans) equal(other spans) bool { return slices.Equal(s, other) }

// prefixSpan is the range of an IPv4 prefix.
func prefixSpan(p netip.Prefix) span {
	first := number(p.Masked().Addr())
	return span{first, first | uint32(uint64(1)<<(32-p.Bits())-1)}
}

func prefixSpans(prefixes []netip.Prefix) spans {
	var ranges []span
	for _, p := range prefixes {
		if p.Addr().Is4() {
			ranges = append(ranges, prefixSpan(p))
		}
	}
	return union(ranges...)
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n)))
}

// addresses renders a set of addresses for nft, prefixes as such.
func (s spans) addresses() string {
	var texts []string
	for _, r := range s {
		first, size := address(r.first), uint64(r.last)-uint64(r.first)+1
		bits := 32
		for size>>(32-bits) > 1 {
			bits--
		}
		switch p := netip.PrefixFrom(first, bits); {
		case size == 1:
			texts = append(texts, first.String())
		case prefixSpan(p) == r:
			texts = append(texts, p.String())
		default:
			texts = append(texts, fmt.Sprintf("%s-%s", first, address(r.last)))
		}
	}
	return set(texts)
}

// ports renders a set of ports for nft.
func (s spans) ports() string {
	var texts []string
	for _, r := range s {
		if r.first == r.last {
			texts = append(texts, fmt.Sprint(r.first))
		} else {
			texts = append(texts, fmt.Sprintf("%d-%d", r.first, r.last))
		}
	}
	return set(texts)
}

func set(elements []string) string {
	if len(elements) == 1 {
		return elements[0]
	}
	return "{ " + strings.Join(elements, ", ") + " }"
}

// parsePorts reads ports as Azure writes them.
func parsePorts(texts []string) (spans, error) {
	if len(texts) == 0 {
		return nil, errors.New("it has no ports: want a port, a range of ports or *")
	}
	var ranges []span
	for _, text := range texts {
		if text == "*" {
			return everyPort, nil
		}
		low, high, ranged := strings.Cut(text, "-")
		if !ranged {
			high = low
		}
		first, err := strconv.ParseUint(low, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("port %q: want a port, a range of ports or *", text)
		}
		last, err := strconv.ParseUint(high, 10, 16)
		if err != nil || last < first {
			return nil, fmt.Errorf("port %q: want a port, a range of ports or *", text)
		}
		ranges = append(ranges, span{uint32(first), uint32(last)})
	}
	return union(ranges...), nil
}
