package docker

var serviceSchema = schema{
	"auth": {kind: block, replaces: true, foreign: true, fields: schema{
		"password":      {kind: text, replaces: true},
		"serverAddress": {kind: text, replaces: true, required: true},
		"username":      {kind: text, replaces: true},
	}},
	"convergeConfig": {kind: block, fields: schema{
		"delay":   {kind: text, initial: "7s"},
		"timeout": {kind: text, initial: "3m"},
	}},
	"endpointSpec": {kind: block, computed: true, fields: schema{
		"mode": {kind: text, computed: true},
		"ports": {kind: blocks, fields: schema{
			"name":          {kind: text},
			"protocol":      {kind: text, initial: "tcp"},
			"publishMode":   {kind: text, initial: "ingress"},
			"publishedPort": {kind: number, computed: true},
			"targetPort":    {kind: number, required: true},
		}},
	}},
	"labels": {kind: blockSet, computed: true, fields: labelFields},
	"mode": {kind: block, replaces: true, computed: true, fields: schema{
		"global": {kind: flag},
		"replicated": {kind: block, computed: true, fields: schema{
			"replicas": {kind: number, initial: 1.0},
		}},
	}},
	"name":           {kind: text, replaces: true},
	"rollbackConfig": {kind: block, fields: updateFields},
	"taskSpec": {kind: block, required: true, fields: schema{
		"containerSpec": {kind: block, required: true, fields: containerSpecSchema},
		"forceUpdate":   {kind: number, computed: true},
		"logDriver": {kind: block, fields: schema{
			"name":    {kind: text, required: true},
			"options": {kind: textMap},
		}},
		"networksAdvanceds": {kind: blockSet, fields: schema{
			"aliases":    {kind: textSet, replaces: true},
			"driverOpts": {kind: textSet, replaces: true},
			"name":       {kind: text, replaces: true, required: true},
		}},
		"placement": {kind: block, computed: true, fields: schema{
			"constraints": {kind: textSet},
			"maxReplicas": {kind: number},
			"platforms": {kind: blockSet, fields: schema{
				"architecture": {kind: text, required: true},
				"os":           {kind: text, required: true},
			}},
			"prefs": {kind: textSet},
		}},
		"resources": {kind: block, computed: true, fields: schema{
			"limits": {kind: block, fields: schema{
				"memoryBytes": {kind: number},
				"nanoCpus":    {kind: number},
			}},
			"reservation": {kind: block, fields: schema{
				"genericResources": {kind: block, foreign: true, fields: schema{
					"discreteResourcesSpecs": {kind: textSet},
					"namedResourcesSpecs":    {kind: textSet},
				}},
				"memoryBytes": {kind: number},
				"nanoCpus":    {kind: number},
			}},
		}},
		"restartPolicy": {kind: block, computed: true, fields: schema{
			"condition":   {kind: text},
			"delay":       {kind: text},
			"maxAttempts": {kind: number},
			"window":      {kind: text},
		}},
		"runtime": {kind: text, computed: true, replaces: true},
	}},
	"updateConfig": {kind: block, fields: updateFields},
}

var updateFields = schema{
	"delay":           {kind: text, initial: "0s"},
	"failureAction":   {kind: text, initial: "pause"},
	"maxFailureRatio": {kind: text, initial: "0.0"},
	"monitor":         {kind: text, initial: "5s"},
	"order":           {kind: text, initial: "stop-first"},
	"parallelism":     {kind: number, initial: 1.0},
}

// serviceLabelFields is the same as labelFields, but of labels that change in place.
var serviceLabelFields = schema{
	"label": {kind: text, required: true},
	"value": {kind: text, required: true},
}

var containerSpecSchema = schema{
	"args":     {kind: texts},
	"capAdds":  {kind: texts},
	"capDrops": {kind: texts},
	"commands": {kind: texts},
	"configs":  {kind: blockSet, fields: fileFields("configId", "configName")},
	"dir":      {kind: text},
	"dnsConfig": {kind: block, computed: true, fields: schema{
		"nameservers": {kind: texts},
		"options":     {kind: texts},
		"searches":    {kind: texts},
	}},
	"env":    {kind: textMap},
	"groups": {kind: texts},
	"healthcheck": {kind: block, computed: true, fields: schema{
		"interval":    {kind: text, initial: "0s"},
		"retries":     {kind: number, initial: 0.0},
		"startPeriod": {kind: text, initial: "0s"},
		"tests":       {kind: texts, required: true},
		"timeout":     {kind: text, initial: "0s"},
	}},
	"hostname": {kind: text},
	"hosts": {kind: blockSet, fields: schema{
		"host": {kind: text, required: true},
		"ip":   {kind: text, required: true},
	}},
	"image":     {kind: text, required: true},
	"isolation": {kind: text, initial: "default"},
	"labels":    {kind: blockSet, fields: serviceLabelFields},
	"mounts":    {kind: blockSet, fields: mountFields(false)},
	"privileges": {kind: block, foreign: true, fields: schema{
		"credentialSpec": {kind: block},
		"seLinuxContext": {kind: block},
	}},
	"readOnly":        {kind: flag},
	"secrets":         {kind: blockSet, fields: fileFields("secretId", "secretName")},
	"stopGracePeriod": {kind: text, computed: true},
	"stopSignal":      {kind: text},
	"sysctl":          {kind: textMap},
	"user":            {kind: text},
}

// fileFields describes a config or secret put into a service's containers as a file.
func fileFields(id, name string) schema {
	return schema{
		id:         {kind: text, required: true},
		name:       {kind: text},
		"fileGid":  {kind: text, initial: "0"},
		"fileMode": {kind: number, initial: 292.0}, // 0444
		"fileName": {kind: text, required: true},
		"fileUid":  {kind: text, initial: "0"},
	}
}
