package arm

const resourceGroupToken = "resources:ResourceGroup"

func resourceGroup() *Type {
	return &Type{
		Token:    resourceGroupToken,
		Path:     groupPath,
		ForceNew: []string{"location"},
		names:    groupNames,
		put: func(w *write) error {
			delete(w.body, "provisioningState")
			w.body["properties"] = map[string]any{"provisioningState": "Succeeded"}
			return nil
		},
	}
}
