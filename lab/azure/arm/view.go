package arm

import (
	"maps"
	"net/netip"
	"slices"
)

// link says that the resource, or a part of it, with the id From points to Target. Ids of parts (an IP
// configuration, a subnet) are links of their own.
type link struct{ From, Target string }

// view is the model in memory with the indexes that keep every question cheap in a model of thousands. The Manager's lock guards it.
type view struct {
	records   map[string]*record
	byType    map[string]map[string]*record    // token -> id -> record
	inbound   map[string]map[string]string     // folded target -> folded source -> source
	addresses map[string]map[netip.Addr]string // folded subnet id -> private address -> IP configuration
	public    map[netip.Addr]string            // public address -> id of the public IP
}

func newView() *view {
	return &view{
		records:   map[string]*record{},
		byType:    map[string]map[string]*record{},
		inbound:   map[string]map[string]string{},
		addresses: map[string]map[netip.Addr]string{},
		public:    map[netip.Addr]string{},
	}
}

func (v *view) get(id string) *record { return v.records[fold(id)] }

// set stores r in place of what was under its id.
func (v *view) set(r *record) {
	v.drop(r.ID)
	key := fold(r.ID)
	v.records[key] = r
	if v.byType[r.kind.Token] == nil {
		v.byType[r.kind.Token] = map[string]*record{}
	}
	v.byType[r.kind.Token][key] = r
	for _, l := range r.links() {
		target := fold(l.Target)
		if v.inbound[target] == nil {
			v.inbound[target] = map[string]string{}
		}
		v.inbound[target][fold(l.From)] = l.From
	}
	for _, c := range r.privateAddresses() {
		if v.addresses[c.subnet] == nil {
			v.addresses[c.subnet] = map[netip.Addr]string{}
		}
		v.addresses[c.subnet][c.address] = c.id
	}
	if address, ok := r.publicAddress(); ok {
		v.public[address] = r.ID
	}
}

// drop forgets the record under id.
func (v *view) drop(id string) {
	key := fold(id)
	r := v.records[key]
	if r == nil {
		return
	}
	delete(v.records, key)
	delete(v.byType[r.kind.Token], key)
	for _, l := range r.links() {
		target := fold(l.Target)
		delete(v.inbound[target], fold(l.From))
		if len(v.inbound[target]) == 0 {
			delete(v.inbound, target)
		}
	}
	for _, c := range r.privateAddresses() {
		delete(v.addresses[c.subnet], c.address)
	}
	if address, ok := r.publicAddress(); ok {
		delete(v.public, address)
	}
}

// sources lists who points to the target, sorted.
func (v *view) sources(target string) []string {
	inbound := v.inbound[fold(target)]
	sources := make([]string, 0, len(inbound))
	for _, key := range slices.Sorted(maps.Keys(inbound)) {
		sources = append(sources, inbound[key])
	}
	return sources
}

// sourcesOf lists the sources that are of a type, or parts of one ("Microsoft.Network/networkInterfaces/ipConfigurations").
func (v *view) sourcesOf(target, armType string) []string {
	var matching []string
	for _, source := range v.sources(target) {
		if id, err := ParseID(source); err == nil && fold(id.ResourceType()) == fold(armType) {
			matching = append(matching, source)
		}
	}
	return matching
}

// owner is the record a resource or a part of one belongs to.
func (v *view) owner(id string) *record {
	parsed, err := ParseID(id)
	if err != nil {
		return nil
	}
	for ; len(parsed.Types) > 0; parsed = parsed.Parent() {
		if r := v.get(parsed.String()); r != nil {
			return r
		}
	}
	return nil
}

// part finds a child in a list of its parent's body by id: a subnet of a network, a pool of a load balancer.
func (v *view) part(id, list string) (Object, *record) {
	parent := v.get(parentOf(id))
	if parent == nil {
		return nil, nil
	}
	for _, child := range parent.Body.Objects(list) {
		if fold(child.Text("id")) == fold(id) {
			return child, parent
		}
	}
	return nil, nil
}

// group is the record of the id's resource group.
func (v *view) group(id ID) *record { return v.get(id.GroupID()) }

// in lists the records in a resource group, itself excluded, ordered by id.
func (v *view) in(groupID string) []*record {
	var inside []*record
	for _, r := range v.records {
		if id, err := ParseID(r.ID); err == nil && id.Provider != "" && fold(id.GroupID()) == fold(groupID) {
			inside = append(inside, r)
		}
	}
	sortRecords(inside)
	return inside
}

// all lists the records of a type, ordered by id.
func (v *view) all(token string) []*record {
	records := slices.Collect(maps.Values(v.byType[token]))
	sortRecords(records)
	return records
}

func (r *record) links() []link {
	if r.kind.refs == nil {
		return nil
	}
	return r.kind.refs(r.ID, r.Body)
}
