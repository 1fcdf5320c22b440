package arm

import "regexp"

var sizeForm = regexp.MustCompile(`^(Standard|Basic)_[A-Z]+\d+(-\d+)?[A-Za-z]*(_[A-Za-z0-9]+)*$`)

// retiredSizes are series Azure has switched off.
var retiredSizes = []*regexp.Regexp{
	regexp.MustCompile(`^Basic_A\d$`),
	regexp.MustCompile(`^Standard_A\d+$`), // A0-A11; Av2 sizes end in _v2
	regexp.MustCompile(`^Standard_NC\d+r?$`),
	regexp.MustCompile(`^Standard_N[CD]\d+r?s(_v2)?$`),
	regexp.MustCompile(`^Standard_NV\d+$`),
}

func (w *write) checkSize() error {
	size := w.body.Text("hardwareProfile.vmSize")
	if size == "" {
		return badRequest("InvalidParameter", "Required parameter 'hardwareProfile.vmSize' is missing (null).")
	}
	if !sizeForm.MatchString(size) {
		return badRequest("InvalidParameter", "The requested VM size %s is not available in the current region. "+
			"The sizes available in the current region have names such as Standard_B2als_v2.", size)
	}
	if w.options.AllowRetired {
		return nil
	}
	for _, retired := range retiredSizes {
		if retired.MatchString(size) {
			return conflict("SkuNotAvailable", "The requested VM size for resource '%s' is currently not available in location '%s'. Please try another size or "+
				"deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.", size, w.body.Text("location"))
		}
	}
	return nil
}
