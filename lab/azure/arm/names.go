package arm

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// nameRule is what Azure allows as the name of a resource, and how it refuses another.
type nameRule struct {
	min, max int
	pattern  *regexp.Regexp
	refusal  func(name string, max int) *Error
}

func (r nameRule) check(name string) error {
	if length := utf8.RuneCountInString(name); length < r.min || length > r.max || !r.pattern.MatchString(name) {
		return r.refusal(name, r.max)
	}
	return nil
}

var (
	// The rule Azure quotes for compute forbids "-" and "." at the end with a look-behind, which comes to the same.
	wordPattern  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`)
	diskPattern  = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	groupPattern = regexp.MustCompile(`^[-\p{L}\p{Nd}._()]*[-\p{L}\p{Nd}_()]$`)
)

var (
	networkNames = nameRule{1, 80, wordPattern, refuseNetworkName}
	vnetNames    = nameRule{2, 64, wordPattern, refuseNetworkName}
	setNames     = nameRule{1, 80, wordPattern, refuseComputeName}
	machineNames = nameRule{1, 64, wordPattern, refuseComputeName}
	diskNames    = nameRule{1, 80, diskPattern, refuseDiskName}
	groupNames   = nameRule{1, 90, groupPattern, refuseGroupName}
)

func refuseNetworkName(name string, limit int) *Error {
	return badRequest("InvalidResourceName", "Resource name %s is invalid. The name can be up to %d characters long. "+
		"It must begin with a word character, and it must end with a word character or with '_'. "+
		"The name may contain word characters or '.', '-', '_'.", name, limit)
}

func refuseComputeName(name string, _ int) *Error {
	return badRequest("InvalidParameter", "The entity name '%s' is invalid according to its validation rule: "+
		`^[^_\W][\w-._]{0,79}(?<![-.])$.`, name)
}

func refuseDiskName(name string, limit int) *Error {
	return badRequest("InvalidParameter", "Disk name '%s' is invalid. The name can be up to %d characters long and can only contain letters, digits, '_' and '-'.", name, limit)
}

func refuseGroupName(name string, limit int) *Error {
	if strings.HasSuffix(name, ".") {
		return badRequest("InvalidResourceGroup", "The provided resource group name '%s' is invalid: it cannot end with a period.", name)
	}
	return badRequest("InvalidResourceGroup", "The provided resource group name '%s' is invalid. The name can be up to %d "+
		"characters long and can only contain letters, digits, '-', '.', '(', ')' or '_'.", name, limit)
}
