package preview

import (
	"strings"
	"testing"
)

func markdown(t *testing.T, plan *Plan) string {
	t.Helper()
	var out strings.Builder
	if err := plan.Markdown(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestMarkdownHasSummaryDiagramAndFoldedPlan(t *testing.T) {
	create := object{"op": "create", "urn": machine(3), "newState": object{"parent": setURN}}
	plan := previewOf(t, nil, append(tree(), resize(0, "update"), create)...)
	got := markdown(t, plan)
	for _, want := range []string{
		"<!-- azswarm preview of stack prod -->\n### Preview of stack `prod`: 1 to create, 1 to update, 6 stay as they are\n",
		"```mermaid\nflowchart LR\n",
		"  c1[\"web<br/>WorkerPool<br/>+1 ~1\"]:::update\n",
		"<details>\n<summary>Plan: what happens to each resource</summary>\n\n| | resource |",
		"| ~ update | `web-0` | `azure-native:compute:VirtualMachine` | web | `hardwareProfile.vmSize`: `Standard_B2as_v2` → `Standard_B4as_v2`<br>`osProfile.customData` |\n",
		"| + create | `web-3` | `azure-native:compute:VirtualMachine` | web |  |\n\n</details>\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "CAUTION") {
		t.Errorf("it warns of nothing:\n%s", got)
	}
}

func TestMarkdownDrawsWhatAChangedComponentNeeds(t *testing.T) {
	got := markdown(t, previewOf(t, nil, append(tree(), resize(0, "update"))...))
	for _, want := range []string{"c0[\"azswarm<br/>Network<br/>2 unchanged\"]:::same\n", "  c0 --> c1\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "the stack itself") {
		t.Errorf("it draws what doesn't change:\n%s", got)
	}
}

func TestMarkdownOfNothingSaysSo(t *testing.T) {
	got := markdown(t, previewOf(t, nil, tree()...))
	if !strings.Contains(got, "nothing changes, 6 stay as they are") || strings.Contains(got, "mermaid") || strings.Contains(got, "<details>") {
		t.Errorf("got:\n%s", got)
	}
}

func TestMarkdownNeverGoesBeyondWhatAnErrorSays(t *testing.T) {
	plan := previewOf(t, []object{{"urn": machine(0), "severity": "error", "message": "a | b\n</details> @everyone <img> #1\n```"}}, append(tree(), resize(0, "update"))...)
	got := markdown(t, plan)
	want := "> - `web-0` (`azure-native:compute:VirtualMachine`): a \\| b &lt;/details&gt; &#64;everyone &lt;img&gt; \\#1 \\`\\`\\`\n"
	if !strings.Contains(got, "> [!CAUTION]\n") || !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
}

func TestMarkdownFitsIntoAComment(t *testing.T) {
	steps := tree()
	for i := range 2000 {
		steps = append(steps, resize(i, "update"))
	}
	got := markdown(t, previewOf(t, nil, steps...))
	if len(got) > 65536 || !strings.Contains(got, " more: too many for a comment.\n") || !strings.HasSuffix(got, "</details>\n") {
		t.Errorf("%d characters, ending in %q", len(got), got[len(got)-200:])
	}
	if !strings.Contains(got, "~2000") {
		t.Error("the diagram must count all")
	}
}

func TestTextListsWhatMarkdownLists(t *testing.T) {
	plan := previewOf(t, []object{{"urn": machine(0), "severity": "error", "message": "no such size"}}, append(tree(), resize(0, "update"))...)
	var out strings.Builder
	if err := plan.Text(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nweb\n  ~ update   web-0 ", "hardwareProfile.vmSize: Standard_B2as_v2 -> Standard_B4as_v2\n",
		"stack prod: 1 to update, 6 stay as they are\n", "refused: web-0: no such size\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}
