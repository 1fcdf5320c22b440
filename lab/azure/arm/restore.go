package arm

// madeUp are the properties whose values Azure makes up once.
var madeUp = []string{"vmId", "timeCreated", "resourceGuid", "ipAddress"}

// Restore gives a resource the values that Azure had made up for it, according to an answer of Azure's. Parts of other
// resources have none.
func (m *Manager) Restore(id string, answer Object) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.view.get(id)
	if old == nil {
		return nil
	}
	restored := *old
	restored.Body = old.Body.Copy()
	for _, property := range madeUp {
		if answer.Has(property) && restored.Body.Has(property) {
			restored.Body[property] = answer[property]
		}
	}
	m.view.set(&restored)
	return m.disk.save(&restored)
}
