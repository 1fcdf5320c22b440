package local

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
)

// Assets are the outputs that assetPaths and archivePaths ask for: the files under dir that the globs select.
func Assets(in *CommandInputs, dir string) (resource.PropertyMap, error) {
	outputs := resource.PropertyMap{}
	if in.AssetPaths != nil {
		files, err := selectFiles(dir, *in.AssetPaths)
		if err != nil {
			return nil, err
		}
		assets := resource.PropertyMap{}
		for name, file := range files {
			assets[resource.PropertyKey(name)] = resource.NewProperty(file)
		}
		outputs["assets"] = resource.NewProperty(assets)
	}
	if in.ArchivePaths != nil {
		files, err := selectFiles(dir, *in.ArchivePaths)
		if err != nil {
			return nil, err
		}
		members := map[string]any{}
		for name, file := range files {
			members[name] = file
		}
		bundle, err := archive.FromAssets(members)
		if err != nil {
			return nil, fmt.Errorf("archive of %q: %w", *in.ArchivePaths, err)
		}
		outputs["archive"] = resource.NewProperty(bundle)
	}
	return outputs, nil
}

// selectFiles applies the globs in order, each to the files under dir: later ones win, and one that starts with "!"
// takes out what it matches. "*" and "?" stay within a directory, "**" does not.
func selectFiles(dir string, globs []string) (map[string]*asset.Asset, error) {
	patterns := make([]*regexp.Regexp, len(globs))
	for i, glob := range globs {
		patterns[i] = pattern(strings.TrimPrefix(glob, "!"))
	}
	files := map[string]*asset.Asset{}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		selected := false
		for i, glob := range globs {
			if patterns[i].MatchString(name) {
				selected = !strings.HasPrefix(glob, "!")
			}
		}
		if !selected {
			return nil
		}
		absolute, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		files[name], err = asset.FromPath(absolute)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("select files for %q: %w", globs, err)
	}
	return files, nil
}

// wildcards are the parts of a glob that do not stand for themselves; longer ones first.
var wildcards = strings.NewReplacer(`\*\*/`, `(?:.*/)?`, `\*\*`, `.*`, `\*`, `[^/]*`, `\?`, `[^/]`)

func pattern(glob string) *regexp.Regexp {
	return regexp.MustCompile(`\A` + wildcards.Replace(regexp.QuoteMeta(glob)) + `\z`)
}
