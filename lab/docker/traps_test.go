package docker

import (
	"maps"
	"strings"
	"testing"
	"time"
)

func TestNetworkWantsToBeReplacedForEver(t *testing.T) {
	subnet := object{"subnet": "10.9.0.0/24"}
	full := object{"subnet": "10.9.0.0/24", "gateway": "10.9.0.1"}
	mtu := object{"options": object{"com.docker.network.driver.mtu": "1400"}}
	vxlan := `options["com.docker.network.driver.overlay.vxlanid_list"]`
	for _, test := range []struct {
		name    string
		inputs  object
		ignore  []string
		atOnce  map[string]string
		refresh map[string]string
	}{
		{name: "subnet and gateway", inputs: overlay(full, nil)},
		{
			name: "subnet without gateway", inputs: overlay(subnet, nil),
			refresh: map[string]string{"ipamConfigs": "UPDATE_REPLACE"},
		},
		{
			name: "options", inputs: overlay(full, mtu),
			atOnce: map[string]string{vxlan: "DELETE_REPLACE"}, refresh: map[string]string{vxlan: "DELETE_REPLACE"},
		},
		{name: "options, ignored", inputs: overlay(full, mtu), ignore: []string{vxlan}},
		{name: "options, ignored as a whole", inputs: overlay(full, mtu), ignore: []string{"options"}},
		{name: "bridge with options", inputs: merge(mtu, object{"name": "br"})},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider, _, _ := newFakeProvider(t)
			network := mustCreate(t, provider, networkToken, test.inputs)
			if got := network.diff(t, test.inputs, test.ignore...); !maps.Equal(got, test.atOnce) {
				t.Errorf("after up: got %v, want %v", got, test.atOnce)
			}
			if !network.refresh(t) {
				t.Fatal("refresh dropped the network")
			}
			if got := network.diff(t, test.inputs, test.ignore...); !maps.Equal(got, test.refresh) {
				t.Errorf("after refresh: got %v, want %v", got, test.refresh)
			}
		})
	}
}

func TestServiceWithNetworkNameWantsToBeReplacedForEver(t *testing.T) {
	provider, _, _ := newFakeProvider(t)
	network := mustCreate(t, provider, networkToken, overlay(object{"subnet": "10.9.0.0/24", "gateway": "10.9.0.1"}, nil))
	for name, test := range map[string]struct {
		network string
		want    map[string]string
	}{
		"id":   {network.id, map[string]string{}},
		"name": {"ov", map[string]string{"taskSpec.networksAdvanceds[0].name": "UPDATE_REPLACE"}},
	} {
		t.Run(name, func(t *testing.T) {
			service := mustCreate(t, provider, serviceToken, web(test.network, nil))
			service.refresh(t)
			if got := service.diff(t, web(test.network, nil)); !maps.Equal(got, test.want) {
				t.Errorf("after refresh: got %v, want %v", got, test.want)
			}
		})
	}
}

func TestServiceImageIsPinnedByCreationOnly(t *testing.T) {
	const image, digest = "taskSpec.containerSpec.image", "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	provider, fake, _ := newFakeProvider(t)
	fake.digests = map[string]string{"whoami:1": digest}
	service := mustCreate(t, provider, serviceToken, web("n", nil))
	got := service.state["taskSpec"].(object)["containerSpec"].(object)["image"]
	if want := "whoami:1@" + digest; got != want {
		t.Fatalf("created with image %v, want %s", got, want)
	}
	// Its own tag looks like another image: once, as the update that this takes pins nothing.
	if got, want := service.diff(t, web("n", nil)), map[string]string{image: "UPDATE"}; !maps.Equal(got, want) {
		t.Errorf("with the same inputs: %v, want %v", got, want)
	}
	if got := service.diff(t, web("n", nil), image); len(got) > 0 {
		t.Errorf("ignored: %v", got)
	}
	service.refresh(t)
	if got := service.diff(t, web("n", nil), image); len(got) > 0 {
		t.Errorf("refreshed and ignored: %v", got)
	}
	// One that is given with its digest stays, refreshed or not.
	pinned := web("n", nil)
	pinned["name"] = "pinned"
	pinned["taskSpec"].(object)["containerSpec"].(object)["image"] = "whoami:1@" + digest
	pinned["taskSpec"].(object)["placement"] = object{"constraints": []any{"node.hostname==web-0"}}
	other := mustCreate(t, provider, serviceToken, pinned)
	for range 2 {
		if got := other.diff(t, pinned); len(got) > 0 {
			t.Errorf("given with its digest: %v", got)
		}
		other.refresh(t)
	}
	if err := service.update(t, web("n", nil)); err != nil {
		t.Fatal(err)
	}
	if got := service.diff(t, web("n", nil)); len(got) > 0 {
		t.Errorf("after the update: %v", got)
	}
}

func TestServiceDiff(t *testing.T) {
	provider, _, _ := newFakeProvider(t)
	for name, test := range map[string]struct {
		more object
		want map[string]string
	}{
		"nothing":               {nil, map[string]string{}},
		"endpointSpec left out": {object{"endpointSpec": nil}, map[string]string{}},
		"mode left out":         {object{"mode": nil}, map[string]string{}},
		"replicas":              {object{"mode": object{"replicated": object{"replicas": 3.0}}}, map[string]string{"mode.replicated.replicas": "UPDATE"}},
		"a label added":         {object{"labels": []any{object{"label": "a", "value": "b"}}}, map[string]string{"labels": "ADD_REPLACE"}},
		"convergeConfig added":  {object{"convergeConfig": object{}}, map[string]string{"convergeConfig": "ADD"}},
		"name":                  {object{"name": "web2"}, map[string]string{"name": "UPDATE_REPLACE"}},
		"everything unknown": {
			object{"name": unknown, "mode": unknown, "taskSpec": unknown, "endpointSpec": unknown},
			map[string]string{"name": "UPDATE_REPLACE", "mode": "UPDATE_REPLACE", "taskSpec": "UPDATE_REPLACE", "endpointSpec": "UPDATE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			service := mustCreate(t, provider, serviceToken, web("some", nil))
			if got := service.diff(t, web("some", test.more)); !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestSetsHaveNoOrder(t *testing.T) {
	provider, fake, _ := newFakeProvider(t)
	fake.images["busybox"] = "sha256:1"
	inputs := func(envs ...any) object {
		return object{"name": "c", "image": "busybox", "command": []any{"sleep", "1"}, "envs": envs}
	}
	made := mustCreate(t, provider, containerToken, inputs("A=1", "B=2"))
	for name, test := range map[string]struct {
		inputs object
		want   map[string]string
	}{
		"other order": {inputs("B=2", "A=1"), map[string]string{}},
		"one changed": {inputs("B=2", "A=3"), map[string]string{"envs[0]": "DELETE_REPLACE", "envs[1]": "ADD_REPLACE"}},
		"one removed": {inputs("B=2"), map[string]string{"envs[0]": "DELETE_REPLACE"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := made.diff(t, test.inputs); !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNetworkThatTheDaemonDoesNotKnowAtOnceIsAwaited(t *testing.T) {
	provider, fake, _ := newFakeProvider(t)
	fake.unknown = 3
	mustCreate(t, provider, networkToken, overlay(object{"subnet": "10.9.0.0/24"}, nil))
	fake.unknown = 1_000
	_, err := create(t, provider, networkToken, object{"name": "other", "driver": "overlay"})
	if err == nil || !strings.Contains(err.Error(), "No such network") || fake.unknown > 990 {
		t.Errorf("a network that never shows: %v after %d looks, want that it is not found after some time", err, 1_000-fake.unknown)
	}
	if len(fake.networks) != 1 {
		t.Errorf("there are %d networks, want the first alone", len(fake.networks))
	}
}

func TestNetworkInUseIsNotDeleted(t *testing.T) {
	provider, _, _ := newFakeProvider(t)
	network := mustCreate(t, provider, networkToken, overlay(object{"subnet": "10.9.0.0/24"}, nil))
	service := mustCreate(t, provider, serviceToken, web(network.id, nil))
	want := "rpc error: code = Unknown desc = 1 error occurred:\n\t* Error response from daemon: rpc error: code = FailedPrecondition desc = network " +
		network.id + " is in use by service " + service.id + "\n\n"
	if err := network.delete(t); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := service.delete(t); err != nil {
		t.Fatal(err)
	}
	if err := network.delete(t); err != nil {
		t.Error(err)
	}
}

func TestConvergence(t *testing.T) {
	patience := object{"convergeConfig": object{"delay": "2s", "timeout": "10s"}}
	for _, test := range []struct {
		name    string
		inputs  object
		missing bool // the image
		waits   time.Duration
		fails   string
	}{
		{name: "not asked for, image missing", inputs: web("n", nil), missing: true},
		{name: "reached, defaults", inputs: web("n", object{"convergeConfig": object{}}), waits: 7 * time.Second},
		{name: "reached", inputs: web("n", patience), waits: 2 * time.Second},
		{name: "global", inputs: web("n", merge(patience, object{"mode": object{"global": true}})), waits: 2 * time.Second},
		{name: "image missing", inputs: web("n", patience), missing: true, waits: 12 * time.Second, fails: "did not converge after 10s"},
		{
			name: "not a duration", inputs: web("n", object{"convergeConfig": object{"delay": "soon"}}),
			fails: `convergeConfig.delay is "soon": a duration such as 7s or 3m is allowed`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider, fake, clock := newFakeProvider(t)
			if !test.missing {
				fake.images["whoami:1"] = "sha256:1"
			}
			_, err := create(t, provider, serviceToken, test.inputs)
			switch {
			case test.fails == "" && err != nil:
				t.Fatal(err)
			case test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)):
				t.Fatalf("got error %v, want %s", err, test.fails)
			}
			if clock.waited() != test.waits {
				t.Errorf("waited %s, want %s", clock.waited(), test.waits)
			}
			if left := len(fake.services); (left == 0) != (test.fails != "") {
				t.Errorf("%d services are left", left)
			}
		})
	}
}

func TestUpdateThatDoesNotConvergeLeavesTheService(t *testing.T) {
	provider, fake, clock := newFakeProvider(t)
	fake.images["whoami:1"] = "sha256:1"
	patience := object{"convergeConfig": object{"delay": "2s", "timeout": "10s"}}
	service := mustCreate(t, provider, serviceToken, web("n", patience))
	delete(fake.images, "whoami:1")
	start := clock.waited()
	err := service.update(t, web("n", merge(patience, object{"mode": object{"replicated": object{"replicas": 3.0}}})))
	if err == nil || !strings.Contains(err.Error(), "did not converge after 10s") {
		t.Errorf("got error %v", err)
	}
	if waited := clock.waited() - start; waited != 17*time.Second {
		t.Errorf("waited %s, want 17s: 7s before the first look, whatever the delay, and the timeout", waited)
	}
	if !service.refresh(t) || service.state["mode"].(object)["replicated"].(object)["replicas"] != 3.0 {
		t.Errorf("the service is not what it was updated to: %v", service.state["mode"])
	}
}

func TestStoppedContainerIsRemovedByRefresh(t *testing.T) {
	for name, test := range map[string]struct {
		mustRun bool
		left    int
	}{
		"must run": {true, 0},
		"need not": {false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			provider, fake, _ := newFakeProvider(t)
			fake.images["busybox"] = "sha256:1"
			made := mustCreate(t, provider, containerToken, object{
				"name": "c", "image": "busybox", "command": []any{"sleep", "1"}, "mustRun": test.mustRun,
			})
			fake.stopContainer("c")
			if there := made.refresh(t); there != (test.left == 1) {
				t.Errorf("after refresh there: %v", there)
			}
			if len(fake.containers) != test.left {
				t.Errorf("%d containers are left, want %d", len(fake.containers), test.left)
			}
		})
	}
}

func TestContainerThatDoesNotComeUpIsGivenUpAfterItsTime(t *testing.T) {
	for milliseconds, want := range map[float64]time.Duration{0: 15 * time.Second, 120_000: 2 * time.Minute} {
		provider, fake, clock := newFakeProvider(t)
		fake.images["busybox"] = "sha256:1"
		inputs := object{"name": "c", "image": "busybox", "command": []any{"never"}}
		if milliseconds > 0 {
			inputs["containerReadRefreshTimeoutMilliseconds"] = milliseconds
		}
		start := clock.waited()
		_, err := create(t, provider, containerToken, inputs)
		if err == nil || !strings.Contains(err.Error(), "did not come up within "+want.String()) {
			t.Errorf("%v ms: error %v, want one after %s", milliseconds, err, want)
		}
		if waited := clock.waited() - start; waited != want {
			t.Errorf("%v ms: waited %s, want %s", milliseconds, waited, want)
		}
		if len(fake.containers) != 0 {
			t.Errorf("%v ms: the container is left, and its name taken", milliseconds)
		}
	}
}

func TestDeletedImage(t *testing.T) {
	for name, test := range map[string]struct {
		keep bool
		left int
	}{
		"removed":      {false, 0},
		"kept locally": {true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			provider, fake, _ := newFakeProvider(t)
			fake.images["busybox:1"] = "sha256:1"
			image := mustCreate(t, provider, imageToken, object{"name": "busybox:1", "keepLocally": test.keep})
			if err := image.delete(t); err != nil {
				t.Fatal(err)
			}
			if len(fake.images) != test.left {
				t.Errorf("%d images are left, want %d", len(fake.images), test.left)
			}
		})
	}
}

func TestGoneResourcesAreDroppedByRefreshAndDeletedTwice(t *testing.T) {
	provider, fake, _ := newFakeProvider(t)
	fake.images["busybox"] = "sha256:1"
	for token, inputs := range map[string]object{
		networkToken:   {"name": "n"},
		serviceToken:   web("n", nil),
		containerToken: {"name": "c", "image": "busybox", "command": []any{"sleep", "1"}},
		imageToken:     {"name": "busybox"},
	} {
		t.Run(token, func(t *testing.T) {
			fake.images["busybox"] = "sha256:1"
			made := mustCreate(t, provider, token, inputs)
			for range 2 {
				if err := made.delete(t); err != nil {
					t.Fatal(err)
				}
			}
			if made.refresh(t) {
				t.Error("refresh still finds it")
			}
		})
	}
}
