package azure

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

//go:generate go test -count 1 -run ^TestRulesAreDocumented$ . -args -write

var write = flag.Bool("write", false, "write the documentation of the rules instead of comparing it")

const (
	rulesDocument = "../../docs/azure-rules.md"
	rulesIntro    = "testdata/rules_intro.md"
)

// behaviour is something else that Azure, or azure-native in front of it, does.
type behaviour struct {
	what   string
	origin origin
	test   string // "TestName", or "TestName/subtest"
}

var behaviours = []behaviour{
	{"unnamed resources are called as the logical name, with eight random characters from the engine's seed", by("setName", "provider source, recorded"), "TestNamesByType"},
	{"unnamed children of other resources are called as the logical name", by("setName", "provider source, recorded"), "TestNamesByType"},
	{"a name once given stays", by("setName", "provider source"), "TestCheckNames/as before"},
	{"the stack's autonaming configuration is honoured", by("setName", "provider source"), "TestCheckHonoursAutonaming"},
	{"the location is that given, that of before, the stack's, or the group's", by("setLocation", "provider source"), "TestCheckLocations"},
	{"missing and mistyped properties fail the check, all at once", by("checkInputs", "provider source"), "TestCheckFailures"},
	{"an existing resource is never taken over", by("checkAbsent", "provider source"), "TestCreateRefusesExistingResources"},
	{"ids and names are compared without regard to case, and keep theirs", by("fold", "azure-docs resource-name-rules.md"), "TestIDsKeepTheCaseTheyWereGiven"},
	{"names, ids and outputs are as recorded", by("checkpoint", "recorded"), "TestRecordedExchangesReplay"},
	{"a security group has six default rules", by("putNetworkSecurityGroup", "swagger/examples/NetworkSecurityGroupCreate.json"), "TestRecordedSecurityGroup"},
	{"the first dynamic address of a subnet is its fifth, and stays", by("privateAddress", "azure-docs virtual-networks-faq.md, recorded"), "TestDynamicAddressesAreTheFirstFreeAndStay"},
	{"changes compare inputs with inputs; what replaces is in azure-native's schema alone", by("Diff", "provider source"), "TestDiff"},
	{"what forces replacement, by type", by("diffInputs", "provider source"), "TestWhatForcesReplacement"},
	{"a preview knows inputs, and of an existing resource name and location", by("previewOutputs", "provider source"), "TestPreviewOutputsAreInputsAndUnknowns"},
	{"inputs in the state are secret", by("checkpoint", "recorded"), "TestInputsInTheStateAreSecretAndComplete"},
	{"an update keeps children that are resources of their own", by("Update", "provider source"), "TestUpdateKeepsUnsetSubResources"},
	{"a refresh changes inputs only where Azure's answer has changed", by("patchedInputs", "provider source"), "TestReadChangesNothingByItself"},
	{"answers show who refers to a resource, once somebody does", by("showLoadBalancer", "public GET of a load balancer; swagger of the other types"), "TestAnswersShowWhoRefersToAResource"},
	{"a refresh makes inputs of what Azure added", by("patchedInputs", "provider source"), "TestRefreshMakesInputsOfWhatAzureAdded"},
	{"two writes to one virtual network: the second is told to wait, and azure-native repeats it", by("begin", "azapi #503, pulumi-azure-native #699, #903, #1024"), "TestConflictingSubnetWritesAreRepeated"},
	{"azure-native repeats requests three times after 408, 409 AnotherOperationInProgress, 429, 500, 502, 503, 504", by("pause", "provider source, azcore"), "TestPassingFailuresAreRepeated"},
	{"a failure after Azure accepted a creation leaves the resource in the state", by("failure", "provider source"), "TestFailedCreationHasItsState"},
	{"a delete of what is gone succeeds", by("Delete", "provider source"), "TestGroupDeleteTakesEverything"},
	{"a group's delete takes everything in it", by("deleteGroup", "azure-docs delete-resource-group.md"), "TestGroupDeleteTakesEverything"},
	{"nothing is made in a group that is being deleted", by("begin", "ARM's answer, quoted in issues"), "TestNothingIsMadeInAGroupThatIsBeingDeleted"},
	{"a machine's delete detaches its interfaces, or deletes those that say so", by("deletedWith", "azure-docs virtual-network-network-interface-vm.md"), "TestInterfacesGoWithTheirMachineWhereTheySay"},
	{"a property that can't change and is left out of an update stays", by("checkMachineUnchanged", "provider source"), "TestAnImmutablePropertyLeftOutStays"},
	{"an answer about a deallocated machine leaves out its disk's type and size, on demand", by("showMachine", "azure-powershell #13213, azurerm #539"), "TestADeallocatedMachineTellsLessOfItsDisk"},
	{"a disk whose size and type an update doesn't name stays; that of a deallocated machine grows", by("checkStorage", "azure-docs expand-disks.md"), "TestADeallocatedMachineTellsLessOfItsDisk"},
	{"sizes with and without a local disk, and with SCSI and NVMe ones, don't follow each other", by("hardwareOf", "azure-compute-docs resize-vm.md, series pages", "series that the lab's naming rule takes wrongly"), "TestSizesKeepToTheHardware"},
	{"a size that is sold out, on demand", by("soldOut", "text of 2024-26 in issues", "status"), "TestSizesThatAreSoldOut"},
	{"a quota of cores, on demand", by("checkQuota", "cb-spider #1558, neonKUBE #1671", "what constrained sizes count"), "TestCoreQuota"},
}

// TestRulesAreDocumented compares docs/azure-rules.md with the rules, and with -write writes it.
func TestRulesAreDocumented(t *testing.T) {
	document, err := renderRules()
	if err != nil {
		t.Fatal(err)
	}
	if *write {
		if err := os.WriteFile(rulesDocument, []byte(document), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if current, err := os.ReadFile(rulesDocument); err != nil || string(current) != document {
		t.Errorf("%s is not current (%v): run `make docs`", rulesDocument, err)
	}
}

func renderRules() (string, error) {
	intro, err := os.ReadFile(rulesIntro)
	if err != nil {
		return "", err
	}
	where, err := functions(".", "arm", "fault")
	if err != nil {
		return "", err
	}
	tests, err := testNames()
	if err != nil {
		return "", err
	}
	var out, open strings.Builder
	out.WriteString("<!-- Written by `make docs`; edit lab/azure/*_test.go and lab/azure/testdata/rules_intro.md instead. -->\n\n")
	out.Write(intro)
	row := func(w *strings.Builder, cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
	place := func(o origin) (string, error) {
		file, ok := where[o.in]
		if !ok {
			return "", fmt.Errorf("no function is called %q", o.in)
		}
		return fmt.Sprintf("%s `%s`", file, o.in), nil
	}
	for _, table := range ruleTables {
		fmt.Fprintf(&out, "\n## %s\n\n| rule | code | implemented | source | test `TestRules/%s/…` |\n|---|---|---|---|---|\n", table.title, subtest(table.title))
		for _, r := range table.rules() {
			in, err := place(r.origin)
			if err != nil {
				return "", fmt.Errorf("%s: %w", r.rule, err)
			}
			row(&out, r.rule, r.code, in, r.origin.source, "`"+subtest(r.rule)+"`")
			if r.origin.open != "" {
				row(&open, table.title+": "+r.rule, r.origin.open)
			}
		}
	}
	out.WriteString("\n## Behaviour\n\n| behaviour | implemented | source | test |\n|---|---|---|---|\n")
	for _, b := range behaviours {
		in, err := place(b.origin)
		if err != nil {
			return "", fmt.Errorf("%s: %w", b.what, err)
		}
		name, sub, _ := strings.Cut(b.test, "/")
		if !strings.Contains(tests[name], sub) {
			return "", fmt.Errorf("%s: there is no test %s", b.what, b.test)
		}
		row(&out, b.what, in, b.origin.source, "`"+subtest(b.test)+"`")
		if b.origin.open != "" {
			row(&open, b.what, b.origin.open)
		}
	}
	out.WriteString("\n## Left open by the sources\n\nThe rule is known, but not all of Azure's answer: there the lab's words are its own.\n\n| rule | not known |\n|---|---|\n")
	out.WriteString(open.String())
	return out.String(), nil
}

// functions finds the file of every function in these packages.
func functions(directories ...string) (map[string]string, error) {
	where := map[string]string{}
	return where, parse(directories, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }, func(path string, f *ast.FuncDecl, _ []byte) {
		where[f.Name.Name] = filepath.ToSlash(path)
	})
}

// testNames are the tests of this package, with their source.
func testNames() (map[string]string, error) {
	tests := map[string]string{}
	return tests, parse([]string{"."}, func(name string) bool { return strings.HasSuffix(name, "_test.go") }, func(_ string, f *ast.FuncDecl, body []byte) {
		if strings.HasPrefix(f.Name.Name, "Test") {
			tests[f.Name.Name] = "\n" + string(body) // not empty: it exists
		}
	})
}

func parse(directories []string, wanted func(name string) bool, visit func(path string, f *ast.FuncDecl, text []byte)) error {
	for _, directory := range directories {
		entries, err := os.ReadDir(directory)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if filepath.Ext(entry.Name()) != ".go" || !wanted(entry.Name()) {
				continue
			}
			path := filepath.Join(directory, entry.Name())
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, declaration := range file.Decls {
				if f, ok := declaration.(*ast.FuncDecl); ok {
					visit(path, f, text[files.Position(f.Pos()).Offset:files.Position(f.End()).Offset])
				}
			}
		}
	}
	return nil
}

func TestSourcesAreNamed(t *testing.T) {
	for _, table := range ruleTables {
		for _, r := range table.rules() {
			if r.origin.source == "" || r.origin.source == "not found" && r.origin.open == "" {
				t.Errorf("%s: neither a source nor what is open", r.rule)
			}
			if slices.ContainsFunc([]string{r.rule, r.origin.source, r.origin.open}, func(s string) bool { return strings.ContainsAny(s, "|\n") }) {
				t.Errorf("%s: does not fit into a table", r.rule)
			}
		}
	}
}
