package arm

import (
	"crypto/rsa"
	"encoding/base64"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/crypto/ssh"
)

const (
	maxComputerName  = 64    // Linux
	maxAdminName     = 64    // Linux
	maxCustomData    = 65535 // bytes, decoded
	minRSABits       = 2048
	minPassword      = 6 // Linux
	maxPassword      = 72
	hostNameRefused  = "`~!@#$%^&*()=+_[]{}\\|;:'\",<>/?"
	passwordAnswer   = "The Admin password specified is not allowed."
	customDataAnswer = "Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters."
)

// refusedAdmins are user names Azure does not allow.
var refusedAdmins = strings.Fields(`administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup
	console david guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5`)

// refusedPasswords are known to everybody.
var refusedPasswords = []string{
	"abc@123", "P@$$w0rd", "P@ssw0rd", "P@ssword123", "Pa$$word", "pass@word1", "Password!", "Password1", "Password22", "iloveyou!",
}

// checkOSProfile checks and completes the profile, and moves what no GET answers out of the body.
func (w *write) checkOSProfile() error {
	profile := w.body.Object("osProfile")
	if profile == nil {
		return badRequest("InvalidParameter", "Required parameter 'osProfile' is missing (null).")
	}
	for _, property := range []string{"computerName", "adminUsername"} {
		if profile.Text(property) == "" {
			return badRequest("InvalidParameter", "Required parameter 'osProfile.%s' is missing (null).", property)
		}
	}
	if name := profile.Text("computerName"); len(name) > maxComputerName || strings.ContainsAny(name, hostNameRefused) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, "-") {
		return badRequest("InvalidParameter", "Linux host name cannot exceed 64 characters in length or contain the following characters: "+
			"` ~ ! @ # $ %% ^ & * ( ) = + _ [ ] { } \\ | ; : ' \" , < > / ?.")
	}
	admin := profile.Text("adminUsername")
	if len(admin) > maxAdminName || slices.Contains(refusedAdmins, strings.ToLower(admin)) {
		return badRequest("InvalidParameter", "The Admin Username specified is not allowed.")
	}
	if err := w.checkCustomData(profile); err != nil {
		return err
	}
	linux := profile.Child("linuxConfiguration")
	if err := checkLogin(profile, linux, admin); err != nil {
		return err
	}
	w.hide(profile, "adminPassword")
	profile.Default(Object{"allowExtensionOperations": true, "requireGuestProvisionSignal": true, "secrets": []any{}})
	linux.Default(Object{
		"disablePasswordAuthentication": false, "provisionVMAgent": true,
		"patchSettings": map[string]any{"assessmentMode": "ImageDefault", "patchMode": "ImageDefault"},
	})
	return nil
}

// hide moves a property from the body to where no GET answers it from.
func (w *write) hide(profile Object, property string) {
	if profile.Has(property) {
		w.hidden[property] = profile[property]
		delete(profile, property)
	}
}

func (w *write) checkCustomData(profile Object) error {
	if !profile.Has("customData") {
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(profile.Text("customData"))
	if err != nil || len(decoded) > maxCustomData {
		return badRequest("InvalidParameter", customDataAnswer)
	}
	w.hide(profile, "customData")
	return nil
}

// checkLogin checks that somebody can log in, and with what.
func checkLogin(profile, linux Object, admin string) error {
	keys := linux.Objects("ssh.publicKeys")
	password := profile.Text("adminPassword")
	if len(keys) == 0 && (password == "" || linux.Bool("disablePasswordAuthentication", false)) {
		return badRequest("InvalidParameter", "Authentication using either SSH or by user name and password must be enabled in Linux profile.")
	}
	if password != "" {
		if err := checkPassword(password); err != nil {
			return err
		}
	}
	home := "/home/" + admin + "/.ssh/authorized_keys"
	for _, key := range keys {
		if path := key.TextOr("path", home); path != home {
			return badRequest("InvalidParameter", "Destination path for Ssh public keys is currently limited to its default value %s due to a known issue in "+
				"Linux provisioning agent.", home)
		}
		key["path"] = home
		if !isAcceptedKey(key.Text("keyData")) {
			return badRequest("InvalidParameter", "The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.")
		}
	}
	return nil
}

// isAcceptedKey says whether Azure takes the public key: RSA of 2048 bits or more, or ed25519.
func isAcceptedKey(line string) bool {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return false
	}
	switch key.Type() {
	case ssh.KeyAlgoED25519:
		return true
	case ssh.KeyAlgoRSA:
		if public, ok := key.(ssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey); ok {
			return public.N.BitLen() >= minRSABits
		}
	}
	return false
}

func checkPassword(password string) error {
	if slices.Contains(refusedPasswords, password) {
		return badRequest("InvalidParameter", passwordAnswer)
	}
	classes := 0
	for _, class := range []func(rune) bool{unicode.IsLower, unicode.IsUpper, unicode.IsDigit, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }} {
		if strings.ContainsFunc(password, class) {
			classes++
		}
	}
	if len(password) < minPassword || len(password) > maxPassword || classes < 3 {
		return badRequest("InvalidParameter", "The supplied password must be between %d-%d characters long and must satisfy at least 3 of password complexity requirements "+
			"from the following: Contains an uppercase character, Contains a lowercase character, Contains a numeric digit, Contains a special character, "+
			"Control characters are not allowed", minPassword, maxPassword)
	}
	return nil
}
