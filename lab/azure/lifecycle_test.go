package azure

import (
	"context"
	"encoding/base64"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
)

func TestCreateRefusesExistingResources(t *testing.T) {
	l := newLab(t)
	l.group()
	s := l.create(nsgToken, "x", nsg("nsg"))
	for _, name := range []string{"nsg", "NSG"} {
		_, err := l.try(nsgToken, "y", nsg(name))
		if want := "cannot create already existing resource '" + strings.Replace(s.id, "/nsg", "/"+name, 1) + "'"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestIDsKeepTheCaseTheyWereGiven(t *testing.T) {
	l := newLab(t)
	l.network()
	n := l.create(nicToken, "x", nic("Nic-A", "10.20.1.4", props{"subnet": ref(strings.ToUpper(subnetID("vnet", "a")))}))
	if !strings.HasSuffix(n.id, "/networkInterfaces/Nic-A") {
		t.Errorf("id %s", n.id)
	}
	if got := n.body().Objects("ipConfigurations")[0].Text("subnet.id"); got != subnetID("vnet", "a") {
		t.Errorf("subnet %s, want the subnet's own spelling", got)
	}
	n.id = strings.ToLower(n.id)
	if l.read(n).GetId() == "" {
		t.Error("ids are case-sensitive in Read")
	}
}

func TestPreviewOutputsAreInputsAndUnknowns(t *testing.T) {
	l := newLab(t)
	inputs, _ := l.check(vnetToken, "x", nil, vnet("v", inlineSubnet("a", "10.20.1.0/24", nil)))
	created, err := l.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urnOf(vnetToken, "x"), Properties: inputs, Preview: true})
	if err != nil || created.GetId() != "" {
		t.Fatalf("id %q, error %v", created.GetId(), err)
	}
	body := state{outputs: created.GetProperties()}.body()
	for _, unknown := range []string{"name", "etag", "id", "resourceGuid", "tags"} {
		if body.Text(unknown) != unknownString {
			t.Errorf("%s is %v, want unknown", unknown, body[unknown])
		}
	}
	subnet := body.Objects("subnets")[0]
	if subnet.Text("addressPrefix") != "10.20.1.0/24" || subnet.Text("id") != unknownString {
		t.Errorf("subnet %v, want its prefix and an unknown id", subnet)
	}
	if body.Has("virtualNetworkName") || body.Has("resourceGroupName") || body.Has("__createBeforeDelete") {
		t.Errorf("outputs echo path parameters or notes: %v", body)
	}
	if len(l.Resources()) > 0 {
		t.Error("a preview created something")
	}

	l.network()
	n, m := l.machine(0, nil)
	_, news := l.diff(m, vmToken, "vm0", vm("vm0", n.id, props{"tags": props{"a": "b"}}))
	updated, err := l.Update(context.Background(), &pulumirpc.UpdateRequest{Id: m.id, Urn: m.urn, Olds: m.outputs, News: news, Preview: true})
	if err != nil {
		t.Fatal(err)
	}
	body = state{outputs: updated.GetProperties()}.body()
	if body.Text("name") != "vm0" || body.Text("location") != "westeurope" || body.Text("vmId") != unknownString {
		t.Errorf("name %v, location %v, vmId %v; want the first two known", body["name"], body["location"], body["vmId"])
	}
}

func TestInputsInTheStateAreSecretAndComplete(t *testing.T) {
	l := newLab(t)
	l.network()
	_, m := l.machine(0, nil)
	secret := m.outputs.GetFields()["__inputs"].GetStructValue().GetFields()
	if secret["4dabf18193072939515e22adb298388d"].GetStringValue() != "1b47061264138c4ac30d75fd1eb44270" || !proto.Equal(secret["value"].GetStructValue(), m.inputs) {
		t.Errorf("__inputs %v", secret)
	}
	delete(m.outputs.Fields, "__inputs")
	if profile := m.body().Object("osProfile"); profile.Has("customData") || profile.Has("adminPassword") {
		t.Errorf("outputs hold what no GET answers: %v", profile)
	}
}

func TestSecretsInInputsAreUnwrapped(t *testing.T) {
	l := newLab(t)
	inputs := nsg("n", rule("r", 100, nil))
	inputs["tags"] = props{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": props{"a": "b"}}
	checked, failures := l.check(nsgToken, "x", nil, inputs)
	if tags, _ := checked.AsMap()["tags"].(map[string]any); failures != "" || tags["a"] != "b" {
		t.Errorf("checked %v, failures %s", checked, failures)
	}
}

func TestModelFilesAreForTheOwnerOnly(t *testing.T) {
	l := newLab(t)
	l.network()
	l.machine(0, nil)
	files := 0
	err := filepath.WalkDir(l.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == l.dir {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || files != 4 {
		t.Errorf("%d files, %v; want 4, one per resource", files, err)
	}
}

func TestUpdatesInPlace(t *testing.T) {
	l := newLab(t)
	network := l.network()
	n, m := l.machine(0, nil)
	before, _ := l.paper.Machine(m.id)

	resized, err := l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"hardwareProfile": props{"vmSize": "Standard_B4als_v2"}}))
	if err != nil {
		t.Fatal(err)
	}
	after, _ := l.paper.Machine(m.id)
	if after.Size != "Standard_B4als_v2" || after.VMID != before.VMID || string(after.CustomData) != string(before.CustomData) {
		t.Errorf("machine %+v after %+v", after, before)
	}
	if resized.body().Text("storageProfile.osDisk.name") != m.body().Text("storageProfile.osDisk.name") {
		t.Error("the disk was renamed")
	}
	if _, err := l.update(n, nicToken, "nic0", nic("nic0", "10.20.1.77", nil)); err != nil {
		t.Fatal(err)
	}
	if moved, _ := l.paper.Machine(m.id); !slices.Equal(moved.Addresses, []netip.Addr{addr("10.20.1.77")}) {
		t.Errorf("the machine did not follow its interface: %v", moved.Addresses)
	}
	grown, err := l.update(network, vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", nil), inlineSubnet("b", "10.20.2.0/24", nil)))
	if err != nil {
		t.Fatal(err)
	}
	if got := l.paper.Networks()[network.id]; len(got.Subnets) != 2 || got.Subnets[1].ID != grown.body().Objects("subnets")[1].Text("id") {
		t.Errorf("network %+v", got)
	}
	if grown.body().Text("etag") == network.body().Text("etag") || grown.body().Text("resourceGuid") != network.body().Text("resourceGuid") {
		t.Error("an update must change the etag and keep the resourceGuid")
	}
}

func TestAnImmutablePropertyLeftOutStays(t *testing.T) {
	l := newLab(t)
	l.network()
	n, m := l.machine(0, nil)
	if _, err := l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"osProfile": osProfile("vm0", props{"customData": nil})})); err != nil {
		t.Fatal(err)
	}
	if after, _ := l.paper.Machine(m.id); len(after.CustomData) == 0 {
		t.Error("the custom data is gone")
	}
}

// Children made as resources of their own must survive an update of their parent that does not mention them.
func TestUpdateKeepsUnsetSubResources(t *testing.T) {
	l := newLab(t)
	l.group()
	plain := merge(vnet("vnet"), props{"subnets": nil})
	network := l.create(vnetToken, "vnet", plain)
	child := l.create(subnetToken, "b", props{"resourceGroupName": "rg", "virtualNetworkName": "vnet", "addressPrefix": "10.20.2.0/24"})
	network, err := l.update(network, vnetToken, "vnet", merge(plain, props{"tags": props{"a": "b"}}))
	if err != nil {
		t.Fatal(err)
	}
	if subnets := network.body().Objects("subnets"); len(subnets) != 1 || subnets[0].Text("id") != child.id {
		t.Errorf("subnets %v, want %s", subnets, child.id)
	}
	if answer := l.read(network); !proto.Equal(answer.GetInputs(), network.inputs) {
		t.Errorf("refresh pushed the subnet into the inputs: %v", answer.GetInputs())
	}
	if err := l.delete(child); err != nil {
		t.Fatal(err)
	}
	if answer := l.read(child); answer.GetId() != "" {
		t.Error("the subnet is still there")
	}
	if err := l.delete(child); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
}

func TestReadChangesNothingByItself(t *testing.T) {
	l := newLab(t)
	network := l.network()
	ip := l.create(pipToken, "ip", standardIP("ip"))
	n := l.create(nicToken, "n", nic("n", "10.20.1.4", props{"publicIPAddress": ref(ip.id)}))
	m := l.create(vmToken, "m", vm("m", n.id, nil))
	for _, s := range []state{network, ip, n, m} {
		answer := l.read(s)
		if !proto.Equal(answer.GetInputs(), s.inputs) {
			t.Errorf("%s: inputs %v, want %v", s.id, answer.GetInputs(), s.inputs)
		}
	}
	body := state{outputs: l.read(n).GetProperties()}.body()
	if body.Text("virtualMachine.id") != m.id || !body.Bool("primary", false) {
		t.Errorf("interface does not show its machine: %v", body)
	}
	if got := (state{outputs: l.read(network).GetProperties()}).body().Objects("subnets")[0].Objects("ipConfigurations"); len(got) != 1 {
		t.Errorf("subnet does not show its IP configurations: %v", got)
	}
}

func TestReadFindsDrift(t *testing.T) {
	l := newLab(t)
	l.group()
	s := l.create(nsgToken, "x", nsg("nsg", rule("one", 100, nil)))
	if _, err := l.update(s, nsgToken, "x", merge(nsg("nsg", rule("one", 150, nil)), props{"tags": props{"by": "hand"}})); err != nil {
		t.Fatal(err)
	}
	inputs := state{outputs: l.read(s).GetInputs()}.body()
	first := inputs.Objects("securityRules")[0]
	if first.Int("priority", 0) != 150 || inputs.Text("tags.by") != "hand" || first.Has("provisioningState") {
		t.Errorf("inputs %v, want the new priority and tag and nothing else", inputs)
	}
}

func TestImport(t *testing.T) {
	l := newLab(t)
	l.network()
	s := l.create(nicToken, "x", nic("nic", "10.20.1.4", nil))
	answer := l.read(state{urn: s.urn, id: s.id})
	inputs := state{outputs: answer.GetInputs()}.body()
	if inputs.Text("resourceGroupName") != "rg" || inputs.Text("networkInterfaceName") != "nic" || inputs.Has("etag") ||
		inputs.Objects("ipConfigurations")[0].Text("privateIPAddress") != "10.20.1.4" {
		t.Errorf("imported inputs %v", inputs)
	}
}

func TestAcceptedKeysAndData(t *testing.T) {
	for what, changes := range map[string]props{
		"RSA of 2048 bits":      {"linuxConfiguration": linux(rsa2048Key)},
		"two keys":              {"linuxConfiguration": linux(ed25519Key, rsa2048Key)},
		"65535 bytes of data":   {"customData": base64.StdEncoding.EncodeToString(make([]byte, 65535))},
		"a password and no key": {"adminPassword": "S3cret-enough", "linuxConfiguration": nil},
	} {
		t.Run(what, func(t *testing.T) {
			if err := machineWith(props{"osProfile": osProfile("vm", changes)})(newLab(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDynamicAddressesAreTheFirstFreeAndStay(t *testing.T) {
	l := newLab(t)
	l.network()
	dynamic := props{"privateIPAllocationMethod": "Dynamic", "privateIPAddress": nil}
	l.create(nicToken, "a", nic("a", "10.20.1.4", nil))
	s := l.create(nicToken, "b", nic("b", "", dynamic))
	if got := s.body().Objects("ipConfigurations")[0].Text("privateIPAddress"); got != "10.20.1.5" {
		t.Errorf("address %s, want 10.20.1.5", got)
	}
	if err := l.delete(state{urn: urnOf(nicToken, "a"), id: strings.Replace(s.id, "/b", "/a", 1)}); err != nil {
		t.Fatal(err)
	}
	s, err := l.update(s, nicToken, "b", merge(nic("b", "", dynamic), props{"tags": props{"a": "b"}}))
	if err != nil || s.body().Objects("ipConfigurations")[0].Text("privateIPAddress") != "10.20.1.5" {
		t.Errorf("address %v, error %v; want 10.20.1.5 kept", s.body(), err)
	}
}
