package azure

import (
	"context"
	"strings"
	"testing"
)

// existing is what a Pulumi state has of a resource.
func (s state) existing(token string, outputs props) Existing {
	all := s.outputs.AsMap()
	for name, value := range outputs {
		all[name] = value
	}
	return Existing{Type: "azure-native:" + token, ID: s.id, Inputs: s.inputs.AsMap(), Outputs: all}
}

func TestSeededModelIsTheOneThatWasCreated(t *testing.T) {
	old := newLab(t)
	group := old.group()
	address := old.create(pipToken, "x", standardIP("p"))
	const elsewhere = "20.10.30.40" // no address of the lab's
	seeded := newLab(t)
	failures := seeded.Seed(context.Background(), []Existing{
		{Type: "command:remote:Command", ID: "c1"}, // not Azure's
		group.existing(groupToken, nil), address.existing(pipToken, props{"ipAddress": elsewhere, "resourceGuid": "as-it-was"}),
	})
	if len(failures) != 0 {
		t.Fatal(failures)
	}
	body := state{outputs: seeded.read(address).GetProperties()}.body()
	if body.Text("ipAddress") != elsewhere || body.Text("resourceGuid") != "as-it-was" {
		t.Errorf("address %s, guid %s; want what Azure had made up", body.Text("ipAddress"), body.Text("resourceGuid"))
	}
	// Another of the same name is refused as on Azure, and the model on disk is the same.
	again := openLab(t, seeded.dir, seeded.paper)
	if _, err := again.try(pipToken, "y", standardIP("p")); err == nil || !strings.Contains(err.Error(), "already existing") {
		t.Errorf("error %v, want that it exists", err)
	}
}

func TestSeedNamesWhatTheModelCannotHold(t *testing.T) {
	old := newLab(t)
	old.group()
	address := old.create(pipToken, "x", standardIP("p"))
	failures := newLab(t).Seed(context.Background(), []Existing{address.existing(pipToken, nil), {Type: "azure-native:keyvault:Vault", ID: "v"}})
	if len(failures) != 2 || !strings.Contains(failures[0].Error(), address.id) || !strings.Contains(failures[1].Error(), "keyvault") {
		t.Errorf("failures %v, want one for the address, whose group is missing, and one for the vault", failures)
	}
}
