package components

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// refused is the mistake of one argument: what it is, and what is allowed.
func refused(argument, format string, values ...any) error {
	return fmt.Errorf("%s: %w", argument, fmt.Errorf(format, values...))
}

// componentName is what fits every name derived from it: an index or a part's name is added, and host names take
// neither capitals nor underscores.
var componentName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

func validateName(kind, name string) error {
	if componentName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%s %q: the name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter: machines are named after it", kind, name)
}

// validateImage wants an image that stays what it is: with a tag other than latest, or a digest.
func validateImage(key, image string) error {
	_, tag, tagged := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	if tagged && tag != "" && tag != "latest" && !strings.ContainsAny(image, " '\"\n") {
		return nil
	}
	return refused(key, "%q; must be an image with a tag other than latest, or a digest", image)
}

// parseCIDR wants an IPv4 CIDR as Azure takes it: without host bits.
func parseCIDR(key, text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !prefix.Addr().Is4():
		return prefix, refused(key, "%q; must be an IPv4 CIDR such as 198.51.100.0/24", text)
	case prefix != prefix.Masked():
		return prefix, refused(key, "%q has host bits set; must be written %s", text, prefix.Masked())
	}
	return prefix, nil
}
