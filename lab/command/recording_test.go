package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"google.golang.org/protobuf/types/known/structpb"
)

// recordedCase is a run of the real plugin: the calls the engine made, in order.
type recordedCase struct {
	Case  string     `json:"case"`
	Calls []exchange `json:"calls"`
}

type exchange struct {
	Method  string `json:"method"`
	Request struct {
		URN        string         `json:"urn"`
		ID         string         `json:"id"`
		Name       string         `json:"name"`
		Preview    bool           `json:"preview"`
		Olds       map[string]any `json:"olds"`
		News       map[string]any `json:"news"`
		Properties map[string]any `json:"properties"`
		Inputs     map[string]any `json:"inputs"`
	} `json:"request"`
	Response map[string]any `json:"response"`
	Error    string         `json:"error"`
}

// readRecording reads the exchanges with the real plugin, which are kept outside the repository. change may replace
// parts of the text that belong to the machines of the recording.
func readRecording(t *testing.T, change func(string) string) []recordedCase {
	t.Helper()
	dir := os.Getenv("AZSWARM_RECORDED_PLUGINS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "plugins")
	}
	text, err := os.ReadFile(filepath.Join(dir, "command-exchanges.json"))
	if err != nil {
		t.Skipf("no recording of the real plugin (AZSWARM_RECORDED_PLUGINS names its directory): %v", err)
	}
	var cases []recordedCase
	if err := json.Unmarshal([]byte(change(string(text))), &cases); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(cases, func(c recordedCase) bool { return c.Case == "" }) // the legend
}

// The recording writes signatures as readable keys.
const (
	secretMark  = "<SECRET>"
	assetMark   = "<ASSET>"
	archiveMark = "<ARCHIVE>"
	unknownMark = "<UNKNOWN>"
)

const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// cutText is a long text the recording cut.
var cutText = regexp.MustCompile(`\A(.)+\.\.\.\((\d+) chars\)\z`)

// toWire turns recorded properties into those of a request.
func toWire(t *testing.T, properties map[string]any) *structpb.Struct {
	t.Helper()
	wire, err := structpb.NewStruct(signed(properties).(map[string]any))
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func signed(value any) any {
	switch value := value.(type) {
	case string:
		if value == unknownMark {
			return unknownString
		}
		if match := cutText.FindStringSubmatch(value); match != nil {
			length, _ := strconv.Atoi(match[2])
			return strings.Repeat(match[1], length)
		}
		return value
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = signed(element)
		}
		return list
	case map[string]any:
		if inner, ok := value[secretMark]; ok {
			return map[string]any{sig.Key: resource.SecretSig, "value": signed(inner)}
		}
		for mark, signature := range map[string]string{assetMark: asset.AssetSig, archiveMark: archive.ArchiveSig} {
			if inner, ok := value[mark]; ok {
				object := signed(inner).(map[string]any)
				object[sig.Key] = signature
				return object
			}
		}
		object := make(map[string]any, len(value))
		for key, element := range value {
			object[key] = signed(element)
		}
		return object
	default:
		return value
	}
}

// recorded turns properties of a response into the form of the recording.
func recorded(properties *structpb.Struct) map[string]any {
	return unsigned(properties.AsMap()).(map[string]any)
}

func unsigned(value any) any {
	switch value := value.(type) {
	case string:
		if value == unknownString {
			return unknownMark
		}
		if len(value) > 100_000 {
			return value[:60] + "...(" + strconv.Itoa(len(value)) + " chars)"
		}
		return value
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = unsigned(element)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for key, element := range value {
			if key != sig.Key {
				object[key] = unsigned(element)
			}
		}
		switch value[sig.Key] {
		case resource.SecretSig:
			return map[string]any{secretMark: object["value"]}
		case asset.AssetSig:
			return map[string]any{assetMark: object}
		case archive.ArchiveSig:
			return map[string]any{archiveMark: object}
		}
		return object
	default:
		return value
	}
}
