package preview

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// events is what `pulumi up --json` prints.
func events(t *testing.T, list ...object) []byte {
	t.Helper()
	var lines []string
	for _, e := range list {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

func before(op, urn string) object {
	return object{"resourcePreEvent": object{"metadata": object{"op": op, "urn": urn}}}
}

func TestRehearsalAddsWhatIsRefused(t *testing.T) {
	plan := previewOf(t, nil, append(tree(), resize(0, "update"))...)
	output := events(t, object{"preludeEvent": object{}}, before("update", machine(0)),
		object{"diagnosticEvent": object{"urn": machine(0), "severity": "error", "message": "Status=409 Code=\"OperationNotAllowed\"\n"}},
		object{"diagnosticEvent": object{"severity": "error", "message": "update failed\n"}},
		object{"diagnosticEvent": object{"severity": "info", "message": "hello"}})
	if err := plan.Rehearse(output); err != nil {
		t.Fatal(err)
	}
	want := []Refusal{{"web-0", "azure-native:compute:VirtualMachine", `Status=409 Code="OperationNotAllowed"`}}
	if !slices.Equal(plan.Refusals, want) {
		t.Errorf("refusals %v, want %v", plan.Refusals, want)
	}
	if plan.Changes[0].Rehearsed != "" {
		t.Error("a rehearsal that failed says nothing about the preview")
	}
}

func TestRehearsalTellsWherePreviewsDontTellTheTruth(t *testing.T) {
	plan := previewOf(t, nil, append(tree(), resize(0, "update"), resize(1, "replace"), resize(2, "update"))...)
	output := events(t, before("update", machine(0)), before("same", machine(1)), before("delete-replaced", machine(2)),
		before("create-replacement", machine(2)), before("create", machine(9)))
	if err := plan.Rehearse(output); err != nil {
		t.Fatal(err)
	}
	got := map[string]Operation{}
	for _, change := range plan.Changes {
		got[change.Name] = change.Rehearsed
	}
	if got["web-0"] != "" || got["web-1"] != Same || got["web-2"] != Replace {
		t.Errorf("rehearsed %v", got)
	}
	if want := []string{"the rehearsal did a create of web-9, which the preview had not shown"}; !slices.Equal(plan.Notes, want) {
		t.Errorf("notes %q, want %q", plan.Notes, want)
	}
	if text := markdown(t, plan); !strings.Contains(text, "in the rehearsal: replace") || !strings.Contains(text, "in the rehearsal it stayed as it is") {
		t.Errorf("the Markdown doesn't say so:\n%s", text)
	}
}

func TestWhatIsNoRehearsalIsRefused(t *testing.T) {
	if err := previewOf(t, nil, tree()...).Rehearse([]byte("error: no stack")); err == nil {
		t.Error("it was taken for one")
	}
}
