package arm

import (
	"regexp"
	"strconv"
	"strings"
)

var sizeForm = regexp.MustCompile(`^(?:Standard|Basic)_[A-Z]+(\d+)(?:-\d+)?[A-Za-z]*(?:_[A-Za-z0-9]+)*$`)

// retiredSizes are series Azure has switched off.
var retiredSizes = []*regexp.Regexp{
	regexp.MustCompile(`^Basic_A\d$`),
	regexp.MustCompile(`^Standard_A\d+$`), // A0-A11; Av2 sizes end in _v2
	regexp.MustCompile(`^Standard_NC\d+r?$`),
	regexp.MustCompile(`^Standard_N[CD]\d+r?s(_v2|_v3)?$`),
	regexp.MustCompile(`^Standard_NV\d+$`),
}

// Limits are what a subscription may have of machines in a region.
type Limits struct {
	// SoldOut are sizes that no new machine can have.
	SoldOut []string `json:"soldOut,omitempty"`
	// Cores is the quota of virtual CPUs; nil is no limit.
	Cores *int `json:"cores,omitempty"`
}

// IsSize says whether this could be the name of a VM size.
func IsSize(name string) bool { return sizeForm.MatchString(name) }

func (w *write) checkSize() error {
	size := w.body.Text("hardwareProfile.vmSize")
	if size == "" {
		return badRequest("InvalidParameter", "Required parameter 'hardwareProfile.vmSize' is missing (null).")
	}
	if !IsSize(size) {
		return badRequest("InvalidParameter", "The requested VM size %s is not available in the current region. "+
			"The sizes available in the current region have names such as Standard_B2als_v2.", size)
	}
	if !w.options.AllowRetired {
		for _, retired := range retiredSizes {
			if retired.MatchString(size) {
				return w.soldOut(size)
			}
		}
	}
	if w.options.Limits == nil || w.old != nil && strings.EqualFold(w.old.Body.Text("hardwareProfile.vmSize"), size) {
		return nil
	}
	limits, err := w.options.Limits()
	if err != nil {
		return err
	}
	for _, sold := range limits.SoldOut {
		if strings.EqualFold(sold, size) {
			return w.soldOut(size)
		}
	}
	return w.checkQuota(size, limits.Cores)
}

func (w *write) soldOut(size string) error {
	return conflict("SkuNotAvailable", "The requested VM size for resource '%s' is currently not available in location '%s'. Please try another size or "+
		"deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.", size, w.body.Text("location"))
}

// checkQuota keeps the virtual CPUs of all machines in the subscription and region within the quota.
func (w *write) checkQuota(size string, quota *int) error {
	if quota == nil {
		return nil
	}
	location, used, required := w.body.Text("location"), 0, cores(size)
	if w.old != nil {
		required -= cores(w.old.Body.Text("hardwareProfile.vmSize"))
	}
	for _, machine := range w.byType[virtualMachineToken] {
		id, err := ParseID(machine.ID)
		if err == nil && strings.EqualFold(id.Subscription, w.id.Subscription) && machine.Body.Text("location") == location {
			used += cores(machine.Body.Text("hardwareProfile.vmSize"))
		}
	}
	if required <= 0 || used+required <= *quota {
		return nil
	}
	return conflict("OperationNotAllowed", "Operation could not be completed as it results in exceeding approved Total Regional Cores quota. "+
		"Additional details - Deployment Model: Resource Manager, Location: %s, Current Limit: %d, Current Usage: %d, Additional Required: %d, "+
		"(Minimum) New Limit Required: %d. Setup Alerts when Quota reaches threshold. Learn more at https://aka.ms/quotamonitoringalerting .",
		location, *quota, used, required, used+required)
}

// numbered are the cores of series whose numbers are no count of them: D1 to D5 and D11 to D15, of version 2 or none.
var numbered = map[int]int{1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}

var isNumbered = regexp.MustCompile(`^Standard_DS?\d+(_v2)?$`)

// cores is how many virtual CPUs a size has: by Azure's naming convention the number in its name.
func cores(size string) int {
	parts := sizeForm.FindStringSubmatch(size)
	if parts == nil {
		return 0
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0
	}
	if isNumbered.MatchString(size) {
		return numbered[number]
	}
	return number
}
