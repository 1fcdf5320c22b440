package rules

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// Limits of Azure's resource tags.
// Source: "Use tags to organize your Azure resources", Microsoft Learn.
const (
	maxTags         = 50
	maxTagName      = 512
	maxTagValue     = 256
	forbiddenInTags = `<>%&\?/`
)

var (
	// What Swarm's placement constraints can express, less the wildcards.
	labelName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	labelValue = regexp.MustCompile(`^[A-Za-z0-9 :._/-]{0,128}$`)
	image      = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?` + // registry
		`[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*` + // repository
		`(?::(\w[\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?$`) // tag and digest
	// A host is told from a path by its dot or port.
	registry = regexp.MustCompile(`^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?|[A-Za-z0-9-]+:[0-9]{1,5})` +
		`(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`)
	sha256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// TagNames checks the names of all tags together.
func (p *Problems) TagNames(path string, names []string) {
	if len(names) > maxTags {
		p.Add(path, "%d tags: Azure allows at most %d", len(names), maxTags)
	}
	spelling := map[string]string{}
	for _, name := range slices.Sorted(slices.Values(names)) {
		if other, ok := spelling[strings.ToLower(name)]; ok {
			p.Add(Field(path, name), "is %s, too, for Azure: tag names ignore case", Show(other))
		}
		spelling[strings.ToLower(name)] = name
		if name == "" || len([]rune(name)) > maxTagName || strings.ContainsAny(name, forbiddenInTags) {
			p.Add(Field(path, name), "name must have 1 to %d characters, none of %s", maxTagName, forbiddenInTags)
		}
	}
}

// TagValue checks the value of one tag.
func (p *Problems) TagValue(path, value string) {
	if len([]rune(value)) > maxTagValue {
		p.Refuse(path, value, "must have at most %d characters", maxTagValue)
	}
}

// LabelName checks the name of a node's label, of which the path is that of all labels.
func (p *Problems) LabelName(path, name string) {
	if !labelName.MatchString(name) {
		p.Add(Field(path, name), "name must have 1 to 63 letters, digits, dots, hyphens or underscores, a letter or digit first")
	}
}

// LabelValue checks the value of a node's label.
func (p *Problems) LabelValue(path, value string) {
	if !labelValue.MatchString(value) {
		p.Refuse(path, value, "must have at most 128 letters, digits, spaces or :._/-")
	}
}

// OverlayName checks the name of an overlay network.
func (p *Problems) OverlayName(path, name string) {
	if !labelName.MatchString(name) {
		p.Refuse(path, name, "must have 1 to 63 letters, digits, dots, hyphens or underscores, a letter or digit first")
	}
}

// Image checks that the name of an image is one, and stays the same image: with a version, or a digest. The example shows how.
func (p *Problems) Image(path, name, example string) {
	match := image.FindStringSubmatch(name)
	switch {
	case match == nil:
		p.Refuse(path, name, "must be an image reference such as %s", example)
	case match[2] != "":
		// A digest pins the image, whatever the tag says.
	case match[1] == "":
		p.Refuse(path, name, "must carry a tag or a digest, as in %s", example)
	case match[1] == "latest":
		p.Refuse(path, name, "the tag latest moves under a running cluster; must be a version, as in %s", example)
	}
}

// ExampleCacheImage is how the image of a cache of images is named: there is no default, as there is no cache by default.
const ExampleCacheImage = "registry:2"

// Registry checks what takes Docker Hub's place.
func (p *Problems) Registry(path, text string) {
	if !registry.MatchString(text) {
		p.Refuse(path, text, "must be a registry and a path in it, such as example.azurecr.io/hub, without a scheme and a slash at the end")
	}
}

// Upstream checks where a cache of images fetches from.
func (p *Problems) Upstream(path, text string) {
	if address, err := url.Parse(text); err != nil || address.Hostname() == "" || text != "https://"+address.Host {
		p.Refuse(path, text, "must be the https URL of a registry with Docker Hub's images, without a path, such as https://mirror.example.com")
	}
}

// archive is what the classic orchestrator needs.
const archive = "the https URL of a static archive of Docker Engine 20.10, which has the Consul cluster store"

// Archive checks where an engine is fetched from.
func (p *Problems) Archive(path, text string) {
	if address, err := url.Parse(text); err != nil || address.Scheme != "https" || address.Hostname() == "" {
		p.Refuse(path, text, "must be %s", archive)
	}
}

// NoArchive reports that there is none; the property that says which orchestrator it is, is named by its path.
func (p *Problems) NoArchive(path, orchestratorPath string) {
	p.Add(path, "is missing; %s %s needs %s", orchestratorPath, Classic, archive)
}

// SHA256 checks a checksum.
func (p *Problems) SHA256(path, text string) {
	if !sha256.MatchString(text) {
		p.Refuse(path, text, "must be a SHA-256, 64 lower-case hexadecimal digits")
	}
}

// NoSHA256 reports that there is none.
func (p *Problems) NoSHA256(path string) {
	p.Add(path, "is missing; an archive is used only if it has the SHA-256 named here")
}

// ClassicOnly reports a property that the built-in Swarm doesn't take, with the reason, or "" for none; the property that says which
// orchestrator it is, is named by its path.
func (p *Problems) ClassicOnly(path, orchestratorPath, why string) {
	if why != "" {
		why = ": " + why
	}
	p.Add(path, "is for %s %s only%s", orchestratorPath, Classic, why)
}

// EngineIsTheDistributions is a reason of [Problems.ClassicOnly].
const EngineIsTheDistributions = Swarm + " uses the distribution's engine, which gets its security updates"

// Autolock refuses a lock where there is nothing to lock.
func (p *Problems) Autolock(path string, orchestrator, orchestratorPath string) {
	if orchestrator == Classic {
		p.Refuse(path, true, "is for %s %s only: managers of %s keep no data", orchestratorPath, Swarm, Classic)
	}
}

// VMSize checks a size of machines.
func (p *Problems) VMSize(path, size string) {
	if err := vmsize.Check(size); err != nil {
		p.Add(path, "%v", err)
	}
}

var diskTypes = []string{"Standard_LRS", "StandardSSD_LRS", "Premium_LRS"}

// DiskType checks the storage of a disk.
func (p *Problems) DiskType(path, text string) {
	if !slices.Contains(diskTypes, text) {
		p.Refuse(path, text, "must be one of %s", strings.Join(diskTypes, ", "))
	}
}

// componentName is what fits every name derived from it: an index or a part's name is added, and host names take
// neither capitals nor underscores.
var componentName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

// ComponentName checks the name of a component.
func (p *Problems) ComponentName(path, name string) {
	if !componentName.MatchString(name) {
		p.Refuse(path, name, "must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter: machines are named after it")
	}
}
