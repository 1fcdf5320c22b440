package session

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStateTellsWhatWasInterrupted(t *testing.T) {
	session := &Session{Lab: newLab(t), Project: &Project{Name: "azswarm"}, Stack: "dev"}
	if state, err := session.State(); err != nil || len(state.Pending) != 0 {
		t.Fatalf("without a state: %v, %v", state, err)
	}
	if err := os.MkdirAll(filepath.Dir(session.stateFile()), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, session.stateFile(), `{"version":3,"checkpoint":{"latest":{
		"resources":[{"urn":"u1","id":"/subscriptions/S/resourceGroups/rg"}],
		"pending_operations":[{"type":"creating","resource":{"urn":"u2","type":"azure-native:compute:VirtualMachine",
			"inputs":{"vmName":"consul-0","osProfile":{"adminUsername":"a"}}}}]}}}`)
	state, err := session.State()
	if err != nil || len(state.Pending) != 1 {
		t.Fatalf("State = %v, %v; want one operation", state, err)
	}
	operation := state.Pending[0]
	if operation.Type != "creating" || operation.Resource.Input("vmName") != "consul-0" || operation.Resource.Input("osProfile") != "" {
		t.Errorf("operation %+v", operation)
	}
	if !state.Has("/subscriptions/s/resourcegroups/RG") || state.Has("/subscriptions/s") {
		t.Error("Has must compare whole ids, whatever their letters' case")
	}
}

func TestUnchangedReadsTheLatestUpdate(t *testing.T) {
	const quiet = `{"result":"succeeded","resourceChanges":{"same":4}}`
	for name, c := range map[string]struct {
		updates []string
		want    bool
	}{
		"no update":         {nil, false},
		"nothing to do":     {[]string{`{"result":"succeeded","resourceChanges":{"create":4}}`, quiet}, true},
		"then a change":     {[]string{quiet, `{"result":"succeeded","resourceChanges":{"same":3,"update":1}}`}, false},
		"then a failure":    {[]string{quiet, `{"result":"failed","resourceChanges":{"same":4}}`}, false},
		"not even one same": {[]string{`{"result":"succeeded"}`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			session := &Session{Lab: newLab(t), Project: &Project{Name: "azswarm"}, Stack: "dev"}
			dir := session.Lab.path("backend", ".pulumi", "history", "azswarm", "dev")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			for i, update := range c.updates {
				write(t, filepath.Join(dir, "dev-179539786846135685"+string(rune('0'+i))+".history.json"), update)
			}
			if got := session.Unchanged(); got != c.want {
				t.Errorf("Unchanged = %v, want %v", got, c.want)
			}
		})
	}
}

func TestResourcesAreThoseOfTheStackThatWasUsedLast(t *testing.T) {
	lab := newLab(t)
	if found, err := lab.Resources(); err != nil || len(found) != 0 {
		t.Fatalf("without a state: %v, %v", found, err)
	}
	if err := lab.Create(); err != nil {
		t.Fatal(err)
	}
	if err := lab.Remember(Record{Stack: "dev"}); err != nil {
		t.Fatal(err)
	}
	for stack, urn := range map[string]string{"dev": "u1", "prod": "u2"} {
		session := &Session{Lab: lab, Project: &Project{Name: "azswarm"}, Stack: stack}
		if err := os.MkdirAll(filepath.Dir(session.stateFile()), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, session.stateFile(), `{"checkpoint":{"latest":{"resources":[{"urn":"`+urn+`","type":"t","inputs":{"name":"n"},"id":"i"}]}}}`)
	}
	found, err := lab.Resources()
	if err != nil || len(found) != 1 || found[0].URN != "u1" || found[0].Type != "t" || string(found[0].Inputs["name"]) != `"n"` {
		t.Errorf("Resources = %v, %v; want those of dev", found, err)
	}
}
