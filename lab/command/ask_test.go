package command

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// ask makes the call and returns the answer in the form of the recording: without what is empty.
func ask(t *testing.T, w *world, call exchange) (map[string]any, error) {
	t.Helper()
	ctx, r := t.Context(), call.Request
	answer := map[string]any{}
	switch call.Method {
	case "CheckConfig", "Check":
		method := w.client.Check
		if call.Method == "CheckConfig" {
			method = w.client.CheckConfig
		}
		response, err := method(ctx, &pulumirpc.CheckRequest{Urn: r.URN, Name: r.Name, Olds: toWire(t, r.Olds), News: toWire(t, r.News)})
		if err != nil {
			return answer, err
		}
		answer["inputs"] = recorded(response.GetInputs())
		var failures []any
		for _, failure := range response.GetFailures() {
			failures = append(failures, map[string]any{"property": failure.GetProperty(), "reason": failure.GetReason()})
		}
		if failures != nil {
			answer["failures"] = failures
		}
	case "DiffConfig":
		_, err := w.client.DiffConfig(ctx, &pulumirpc.DiffRequest{Urn: r.URN, Olds: toWire(t, r.Olds), News: toWire(t, r.News)})
		return answer, err
	case "Configure":
		response, err := w.client.Configure(ctx, &pulumirpc.ConfigureRequest{})
		if err != nil {
			return answer, err
		}
		answer = map[string]any{
			"acceptSecrets": response.GetAcceptSecrets(), "supportsPreview": response.GetSupportsPreview(),
			"acceptResources": response.GetAcceptResources(), "acceptOutputs": response.GetAcceptOutputs(),
		}
	case "Diff":
		response, err := w.client.Diff(ctx, &pulumirpc.DiffRequest{Id: r.ID, Urn: r.URN, Olds: toWire(t, r.Olds), News: toWire(t, r.News)})
		if err != nil {
			return answer, err
		}
		return diffAnswer(response), nil
	case "Create":
		response, err := w.client.Create(ctx, &pulumirpc.CreateRequest{Urn: r.URN, Name: r.Name, Preview: r.Preview, Properties: toWire(t, r.Properties)})
		if err != nil {
			return answer, err
		}
		answer["properties"] = recorded(response.GetProperties())
		if id := response.GetId(); id != "" {
			answer["id"] = id
		}
	case "Update":
		response, err := w.client.Update(ctx, &pulumirpc.UpdateRequest{Id: r.ID, Urn: r.URN, Preview: r.Preview, Olds: toWire(t, r.Olds), News: toWire(t, r.News)})
		if err != nil {
			return answer, err
		}
		answer["properties"] = recorded(response.GetProperties())
	case "Read":
		response, err := w.client.Read(ctx, &pulumirpc.ReadRequest{Id: r.ID, Urn: r.URN, Properties: toWire(t, r.Properties), Inputs: toWire(t, r.Inputs)})
		if err != nil {
			return answer, err
		}
		answer = map[string]any{"id": response.GetId(), "properties": recorded(response.GetProperties()), "inputs": recorded(response.GetInputs())}
	case "Delete":
		_, err := w.client.Delete(ctx, &pulumirpc.DeleteRequest{Id: r.ID, Urn: r.URN, Properties: toWire(t, r.Properties)})
		return answer, err
	default:
		t.Fatalf("recorded method %q is not known here", call.Method)
	}
	return answer, nil
}

func diffAnswer(response *pulumirpc.DiffResponse) map[string]any {
	answer := map[string]any{"changes": response.GetChanges().String(), "hasDetailedDiff": response.GetHasDetailedDiff()}
	for name, list := range map[string][]string{"diffs": response.GetDiffs(), "replaces": response.GetReplaces(), "stables": response.GetStables()} {
		if len(list) > 0 {
			var values []any
			for _, value := range list {
				values = append(values, value)
			}
			answer[name] = values
		}
	}
	if len(response.GetDetailedDiff()) > 0 {
		detailed := map[string]any{}
		for path, change := range response.GetDetailedDiff() {
			entry := map[string]any{}
			if change.GetKind() != pulumirpc.PropertyDiff_ADD {
				entry["kind"] = change.GetKind().String()
			}
			detailed[path] = entry
		}
		answer["detailedDiff"] = detailed
	}
	return answer
}
