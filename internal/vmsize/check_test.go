package vmsize

import (
	"strings"
	"testing"
)

func TestDefaultsAreKnownAndSizedAsDocumented(t *testing.T) {
	for name, memory := range map[string]float64{DefaultBastion: 1, DefaultControl: 4, DefaultWorker: 8} {
		if err := Check(name); err != nil {
			t.Error(err)
		}
		if Memory(name) != memory || VCPUs(name) != 2 {
			t.Errorf("%s: %v GiB and %d vCPUs, want %v and 2", name, Memory(name), VCPUs(name), memory)
		}
	}
}

func TestKnownSizes(t *testing.T) {
	for _, c := range []struct {
		name   string
		vcpus  int
		memory float64
	}{
		{"Standard_B1ls", 1, 0.5},
		{"Standard_B1s", 1, 1},
		{"Standard_B1ms", 1, 2},
		{"Standard_B2s", 2, 4},
		{"Standard_B20ms", 20, 80},
		{"Standard_B4als_v2", 4, 8},
		{"Standard_B32s_v2", 32, 128},
		{"Standard_DS1_v2", 1, 3.5},
		{"Standard_DS11_v2", 2, 14},
		{"Standard_DS15_v2", 20, 140},
		{"Standard_D64s_v3", 64, 256},
		{"Standard_D192s_v6", 192, 768},
		{"Standard_D96lds_v5", 96, 192},
		{"Standard_F72s_v2", 72, 144},
		{"Standard_F16ams_v6", 16, 128},
		{"Standard_E64s_v3", 64, 432},
		{"Standard_E64s_v4", 64, 504},
		{"Standard_E96as_v6", 96, 672},
		{"Standard_E96s_v6", 96, 768},
		{"Standard_L80as_v3", 80, 640},
	} {
		if err := Check(c.name); err != nil {
			t.Error(err)
		}
		if VCPUs(c.name) != c.vcpus || Memory(c.name) != c.memory {
			t.Errorf("%s: %d vCPUs and %v GiB, want %d and %v", c.name, VCPUs(c.name), Memory(c.name), c.vcpus, c.memory)
		}
	}
}

func TestRefusedSizes(t *testing.T) {
	const gen1, arm, confidential = "generation 2", "Arm64", "confidential"
	for name, why := range map[string]string{
		"Standard_A0":         "retired on 2024-08-31; use one such as Standard_B2als_v2",
		"Standard_A11":        "retired",
		"Basic_A4":            "retired",
		"Standard_NC6s_v3":    "retired on 2025-09-30",
		"Standard_NC24rs_v3":  "retired",
		"Standard_A1_v2":      gen1,
		"Standard_A8m_v2":     gen1,
		"Standard_D11_v2":     gen1,
		"Standard_D2_v3":      gen1,
		"Standard_E64i_v3":    gen1,
		"Standard_B2pts_v2":   arm,
		"Standard_D4plds_v5":  arm,
		"Standard_E16ps_v6":   arm,
		"Standard_DC2as_v5":   confidential,
		"Standard_EC4ads_v5":  confidential,
		"standard_b2als_v2":   "closest is Standard_B2als_v2",
		"B2as_v2":             "closest is Standard_B2as_v2",
		"Standard_D2as_v55":   "closest is Standard_D2as_v5",
		"Standard_D3s_v5":     "is not among",
		"":                    "is not among",
		"Standard_B2als_v2\n": "is not among",
	} {
		err := Check(name)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("Check(%q) = %v, want an error about %q", name, err, why)
		}
		if VCPUs(name) != 0 || Memory(name) != 0 {
			t.Errorf("%q is refused but has a size", name)
		}
	}
}

func TestEveryRefusalProposesAKnownSizeAndHitsNone(t *testing.T) {
	for _, r := range refusals {
		if err := Check(r.instead); err != nil {
			t.Error(err)
		}
		for name := range known {
			if r.names.MatchString(name) {
				t.Errorf("%s is known, and refused by %s", name, r.names)
			}
		}
	}
}

func TestFamiliesDoNotOverlap(t *testing.T) {
	total := 0
	for _, f := range families {
		total += len(f.vcpus)
		if f.numbering != nil && len(f.numbering) != len(f.vcpus) {
			t.Errorf("%s: %d numbers for %d sizes", f.name, len(f.numbering), len(f.vcpus))
		}
	}
	if len(known) != total {
		t.Errorf("%d sizes have %d names", total, len(known))
	}
	for name, size := range known {
		if size.memory <= 0 || size.vcpus <= 0 {
			t.Errorf("%s: %d vCPUs and %v GiB", name, size.vcpus, size.memory)
		}
	}
}

func TestLongNamesAreCutShort(t *testing.T) {
	if err := Check(strings.Repeat("x", 1<<20)); err == nil || len(err.Error()) > 250 {
		t.Error("accepted, or an error of more than 250 bytes")
	}
}

func TestHardwareOfSizes(t *testing.T) {
	for name, want := range map[string]string{
		DefaultBastion: plain, DefaultControl: plain, DefaultWorker: plain,
		"Standard_B2ts_v2": plain, "Standard_D2s_v4": plain, "Standard_D2as_v5": plain, "Standard_D2ls_v5": plain, "Standard_E4s_v5": plain,
		"Standard_B1ls": local, "Standard_B2ms": local, "Standard_DS11_v2": local, "Standard_D2s_v3": local, "Standard_D2as_v4": local,
		"Standard_D2ds_v5": local, "Standard_D2lds_v5": local, "Standard_E4ads_v5": local, "Standard_F4s_v2": local, "Standard_L8as_v3": local,
		"Standard_D2as_v6": nvme, "Standard_D2ds_v6": nvme, "Standard_F2als_v6": nvme, "Standard_E4ads_v6": nvme,
	} {
		if err := Check(name); err != nil || Hardware(name) != want {
			t.Errorf("%s (%v): hardware %q, want %q", name, err, Hardware(name), want)
		}
	}
}
