package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// InstalledPlugins finds which of these resource plugins the user has installed, and where: in the plugin cache of the
// user's own CLI or in PATH. Several versions of one are one entry, that of the last in alphabetical order.
func InstalledPlugins(names ...string) (map[string]string, error) {
	cache, err := pluginCache()
	if err != nil {
		return nil, err
	}
	installed := map[string]string{}
	for _, name := range names {
		binary := "pulumi-resource-" + name
		found, _ := filepath.Glob(filepath.Join(cache, "resource-"+name+"-v*", binary)) // fails for bad patterns only
		slices.Sort(found)
		if len(found) > 0 {
			installed[name] = filepath.Dir(found[len(found)-1])
		} else if path, err := lookPath(binary, []string{"PATH=" + os.Getenv("PATH")}); err == nil {
			installed[name] = path
		}
	}
	return installed, nil
}

// UsePlugins lets the lab's CLI see the plugins the user has installed.
func (l *Lab) UsePlugins() error {
	cache, err := pluginCache()
	if err != nil {
		return err
	}
	link := filepath.Join(l.pulumiHome(), "plugins")
	// A link from an earlier command may lead elsewhere. A directory stays: the lab's CLI was told to install
	// plugins of its own.
	if _, err := os.Readlink(link); err == nil {
		if err := os.Remove(link); err != nil {
			return fmt.Errorf("use the installed plugins: %w", err)
		}
	}
	if err := os.Symlink(cache, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("use the installed plugins: %w", err)
	}
	return nil
}

// pluginCache is where the user's own CLI keeps plugins.
func pluginCache() (string, error) {
	home := os.Getenv("PULUMI_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find installed plugins (set HOME or PULUMI_HOME): %w", err)
		}
		home = filepath.Join(user, ".pulumi")
	}
	return filepath.Join(strings.TrimRight(home, "/"), "plugins"), nil
}
