package docker

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// TestLifeOnPaper: what is made without Docker stays as it is, until the program changes.
func TestLifeOnPaper(t *testing.T) {
	provider := NewPaper()
	own := newMaterials(t)
	if _, err := provider.Configure(t.Context(), &pulumirpc.ConfigureRequest{Variables: map[string]string{
		configPrefix + "host": closedPort(t), configPrefix + "caMaterial": own.ca, configPrefix + "certMaterial": own.cert, configPrefix + "keyMaterial": own.key,
	}}); err != nil {
		t.Fatal(err)
	}
	overlayInputs := overlay(object{"subnet": "10.99.0.0/24", "gateway": "10.99.0.1"}, nil)
	network := mustCreate(t, provider, networkToken, overlayInputs)
	inputs := web(network.id, nil)
	service := mustCreate(t, provider, serviceToken, inputs)
	for _, made := range []*managed{network, service} {
		if !strings.HasPrefix(made.id, paperID) {
			t.Errorf("id %q could be taken for Docker's", made.id)
		}
	}
	if changes := network.diff(t, overlayInputs); len(changes) != 0 {
		t.Errorf("the same network again changes %v", changes)
	}
	if changes := service.diff(t, inputs); len(changes) != 0 {
		t.Errorf("the same service again changes %v", changes)
	}
	if !service.refresh(t) {
		t.Error("a refresh lost the service")
	}
	more := web(network.id, object{"mode": object{"replicated": object{"replicas": 3.0}}})
	if changes := service.diff(t, more); len(changes) != 1 {
		t.Errorf("one more replica changes %v, want one property", changes)
	}
	if err := service.update(t, more); err != nil {
		t.Error(err)
	}
	if err := service.delete(t); err != nil {
		t.Error(err)
	}
}

func TestWhatIsWrongWithoutDockerIsWrongOnPaper(t *testing.T) {
	own := newMaterials(t)
	for name, test := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"host":           {map[string]string{"host": "nonsense"}, "nonsense"},
		"half a key":     {map[string]string{"host": "tcp://10.0.0.1:2376", "caMaterial": own.ca}, "must all be specified"},
		"no certificate": {map[string]string{"host": "tcp://10.0.0.1:2376", "caMaterial": "x", "certMaterial": "x", "keyMaterial": "x"}, "could not add RootCA pem"},
	} {
		t.Run(name, func(t *testing.T) {
			variables := map[string]string{}
			for key, value := range test.variables {
				variables[configPrefix+key] = value
			}
			_, err := NewPaper().Configure(t.Context(), &pulumirpc.ConfigureRequest{Variables: variables})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	_, err := create(t, NewPaper(), serviceToken, web("n", object{"convergeConfig": object{"delay": "soon", "timeout": "3m"}}))
	if err == nil || !strings.Contains(err.Error(), "convergeConfig.delay") {
		t.Errorf("a service with a wrong duration: %v", err)
	}
}
