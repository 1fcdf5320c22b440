// Command sdk writes the package's SDK for programs in TypeScript and JavaScript, as `pulumi package add` does where the language host
// can generate code: that of the lab is older than this.
//
//	go run ./sdk DIR
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/seed-3bc5c20b/azswarm/internal/version"
	"github.com/seed-3bc5c20b/azswarm/tools/provider/internal/azswarm"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sdk DIR")
		os.Exit(2)
	}
	if err := write(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sdk:", err)
		os.Exit(1)
	}
}

// write writes the SDK into a directory, which is emptied first.
func write(ctx context.Context, dir string) error {
	p, err := azswarm.New()
	if err != nil {
		return err
	}
	spec, err := provider.GetSchema(ctx, azswarm.Name, version.Version, p)
	if err != nil {
		return err
	}
	// Nothing in it is another package's, so that nothing is loaded, neither here nor below.
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err == nil && diagnostics.HasErrors() {
		err = diagnostics
	}
	if err != nil {
		return fmt.Errorf("the schema: %w", err)
	}
	files, err := nodejs.GeneratePackage("pulumi-language-nodejs", pkg, nil, nil, true, nil)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("nothing was generated")
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
