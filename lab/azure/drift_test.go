package azure

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestDriftChangesWhatAzureAnswers(t *testing.T) {
	l := newLab(t)
	l.network()
	n, m := l.machine(0, props{"tags": props{"owner": "us"}})
	for _, c := range []struct {
		id, property, value string
		want                any
	}{
		{m.id, "osProfile.linuxConfiguration.patchSettings.assessmentMode", "AutomaticByPlatform", "AutomaticByPlatform"},
		{m.id, "networkProfile.networkInterfaces[0].deleteOption", "Delete", nil},
		{m.id, "storageProfile.osDisk.diskSizeGB", "128", 128.0},
		{m.id, "tags.cost.center", "42", nil},
		{m.id, "tags.owner", "", nil},
		{m.id, "identity", `{"type":"SystemAssigned"}`, map[string]any{"type": "SystemAssigned"}},
		{n.id, "enableAcceleratedNetworking", "true", true},
		{n.id, "ipConfigurations[1].name", "second", nil},
		{subnetID("vnet", "a"), "privateEndpointNetworkPolicies", "Enabled", "Enabled"},
	} {
		if err := l.Drift(context.Background(), c.id, c.property, c.value); err != nil {
			t.Errorf("%s=%s: %v", c.property, c.value, err)
			continue
		}
		body, err := l.ARM().Get(c.id)
		if err != nil {
			t.Fatal(err)
		}
		if got := body.Value(c.property); c.want != nil && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is %v after it became %v", c.property, got, c.want)
		}
	}
	body, err := l.ARM().Get(m.id)
	if err != nil {
		t.Fatal(err)
	}
	if tags := body.Object("tags"); len(tags) != 1 || tags["cost.center"] != "42" {
		t.Errorf("tags %v, want the one with a dot in its name", tags)
	}
	if option := body.Objects("networkProfile.networkInterfaces")[0].Text("deleteOption"); option != "Delete" {
		t.Errorf("delete option %q", option)
	}
	if body, err = l.ARM().Get(n.id); err != nil || len(body.Objects("ipConfigurations")) != 2 {
		t.Errorf("%d IP configurations (%v), want another", len(body.Objects("ipConfigurations")), err)
	}
	if err := l.Drift(context.Background(), n.id, "ipConfigurations[1]", ""); err != nil {
		t.Error(err)
	}
	if body, err = l.ARM().Get(n.id); err != nil || len(body.Objects("ipConfigurations")) != 1 {
		t.Errorf("%d IP configurations (%v), want the first alone", len(body.Objects("ipConfigurations")), err)
	}
	other := openLab(t, l.dir, l.paper)
	if body, err := other.ARM().Get(m.id); err != nil || body.Int("storageProfile.osDisk.diskSizeGB", 0) != 128 {
		t.Errorf("another program finds a disk of %d GB (%v)", body.Int("storageProfile.osDisk.diskSizeGB", 0), err)
	}
}

func TestDriftRefusesWhatIsNot(t *testing.T) {
	l := newLab(t)
	l.network()
	n, m := l.machine(0, nil)
	for _, c := range []struct{ id, property, value, want string }{
		{m.id, "osProfile.nonsense", "1", "osProfile.nonsense: there is none; must be one of adminPassword, adminUsername"},
		{m.id, "vmName", "x", "there is none"},
		{m.id, "storageProfile.osDisk.diskSizeGB", "large", `"large"; must be JSON of kind int`},
		{m.id, "zones", "1", "must be JSON of kind strings"},
		{m.id, "hardwareProfile", "small", "must be JSON of kind object"},
		{n.id, "enableIPForwarding", "perhaps", "must be JSON of kind bool"},
		{n.id, "ipConfigurations[2].name", "x", "the list has 1 elements"},
		{n.id, "ipConfigurations[x]", "y", "must be a path such as"},
		{m.id + "-other", "location", "x", "ResourceNotFound"},
		{subnetID("vnet", "none"), "addressPrefix", "x", "ResourceNotFound"},
	} {
		if err := l.Drift(context.Background(), c.id, c.property, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: %v, want %q", c.property, c.value, err, c.want)
		}
	}
}

func TestADeallocatedMachineTellsLessOfItsDisk(t *testing.T) {
	l := newLab(t)
	l.network()
	n, m := l.machine(0, nil)
	const size, kind = "storageProfile.osDisk.diskSizeGB", "storageProfile.osDisk.managedDisk.storageAccountType"
	had := m.body()
	if err := l.Deallocate(context.Background(), m.id); err != nil {
		t.Fatal(err)
	}
	if got := l.Deallocated(); !slices.Equal(got, []string{m.id}) {
		t.Errorf("deallocated are %v", got)
	}
	if machine, _ := l.paper.Machine(m.id); !machine.Deallocated {
		t.Error("the cloud has not learned of it")
	}
	read := l.read(m)
	off := state{m.urn, m.id, read.GetInputs(), read.GetProperties()}
	if body := off.body(); body.Has(size) || body.Has(kind) || !body.Has("storageProfile.osDisk.managedDisk.id") {
		t.Errorf("the disk is %v", body.Object("storageProfile.osDisk"))
	}
	// An update leaves it without a host, and its disk as it is, though it says nothing of it.
	off, err := l.update(off, vmToken, "vm0", vm("vm0", n.id, props{"tags": props{"owner": "us"}, "storageProfile": props{
		"imageReference": storageProfile("12-gen2")["imageReference"], "osDisk": props{"createOption": "FromImage"},
	}}))
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Deallocated(); len(got) != 1 {
		t.Errorf("after an update, deallocated are %v", got)
	}
	if _, err := l.update(off, vmToken, "vm0", vm("vm0", n.id, osDisk(props{"diskSizeGB": 29.0}))); err == nil {
		t.Error("its disk shrinks")
	}
	if _, err = l.update(off, vmToken, "vm0", vm("vm0", n.id, osDisk(props{"diskSizeGB": 100.0}))); err != nil {
		t.Errorf("its disk does not grow: %v", err)
	}
	if err := l.Allocate(context.Background(), m.id); err != nil {
		t.Fatal(err)
	}
	body, err := l.ARM().Get(m.id)
	if err != nil {
		t.Fatal(err)
	}
	if body.Int(size, 0) != 100 || body.Text(kind) != had.Text(kind) || len(l.Deallocated()) != 0 {
		t.Errorf("started, the disk is %v; it was %v", body.Object("storageProfile.osDisk"), had.Object("storageProfile.osDisk"))
	}
	if err := l.Deallocate(context.Background(), n.id); err == nil {
		t.Error("an interface was deallocated")
	}
}

func TestSizesKeepToTheHardware(t *testing.T) {
	for _, c := range []struct {
		from, to string
		fits     bool
	}{
		{"Standard_B2als_v2", "Standard_D2as_v5", true},
		{"Standard_B2als_v2", "Standard_D2s_v4", true},
		{"Standard_B2ms", "Standard_DS1_v2", true},
		{"Standard_D2s_v3", "Standard_D2ds_v5", true},
		{"Standard_D2as_v4", "Standard_F2s_v2", true},
		{"Standard_L8s_v3", "Standard_E2ads_v5", true},
		{"Standard_D2ds_v6", "Standard_D2as_v6", true},
		{"Standard_B2als_v2", "Standard_B2ms", false},
		{"Standard_B2als_v2", "Standard_D2ds_v5", false},
		{"Standard_B2als_v2", "Standard_D2as_v4", false},
		{"Standard_B2als_v2", "Standard_D2as_v6", false},
		{"Standard_D2ds_v5", "Standard_D2ds_v6", false},
	} {
		for _, way := range [][2]string{{c.from, c.to}, {c.to, c.from}} {
			l := newLab(t)
			l.network()
			n, m := l.machine(0, props{"hardwareProfile": props{"vmSize": way[0]}})
			if _, err := l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"hardwareProfile": props{"vmSize": way[1]}})); (err == nil) != c.fits {
				t.Errorf("%s to %s: %v", way[0], way[1], err)
			}
		}
	}
}
