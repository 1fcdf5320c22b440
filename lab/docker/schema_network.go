package docker

// label pairs are the same everywhere.
var labelFields = schema{
	"label": {kind: text, required: true, replaces: true},
	"value": {kind: text, required: true, replaces: true},
}

var networkSchema = schema{
	"attachable":     {kind: flag, replaces: true},
	"checkDuplicate": {kind: flag, replaces: true},
	"driver":         {kind: text, replaces: true, computed: true},
	"ingress":        {kind: flag, replaces: true},
	"internal":       {kind: flag, replaces: true, computed: true},
	"ipamConfigs": {kind: blockSet, replaces: true, computed: true, whole: true, fields: schema{
		"auxAddress": {kind: textMap, replaces: true},
		"gateway":    {kind: text, replaces: true},
		"ipRange":    {kind: text, replaces: true},
		"subnet":     {kind: text, replaces: true},
	}},
	"ipamDriver":  {kind: text, replaces: true, initial: "default"},
	"ipamOptions": {kind: textMap, replaces: true},
	"ipv6":        {kind: flag, replaces: true},
	"labels":      {kind: blockSet, replaces: true, fields: labelFields},
	"name":        {kind: text, replaces: true},
	"options":     {kind: textMap, replaces: true, computed: true},
	"scope":       {kind: text, computed: true},
}

var imageSchema = schema{
	"build":        {kind: block, foreign: true},
	"forceRemove":  {kind: flag},
	"imageId":      {kind: text, computed: true},
	"keepLocally":  {kind: flag},
	"name":         {kind: text, required: true, replaces: true},
	"platform":     {kind: text, replaces: true, initial: ""},
	"pullTriggers": {kind: textSet, replaces: true},
	"repoDigest":   {kind: text, computed: true},
	"triggers":     {kind: textMap, replaces: true},
}
