// Package local runs commands on this machine.
//
// The names of the package and of its types are part of what users see: Check failures quote them.
package local

// CommandInputs are the inputs of command:local:Command.
type CommandInputs struct {
	Interpreter            *[]string         `pulumi:"interpreter,optional"`
	Dir                    *string           `pulumi:"dir,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Triggers               *[]any            `pulumi:"triggers,optional"`
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *string           `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
	AssetPaths             *[]string         `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string         `pulumi:"archivePaths,optional"`
}

// WorkingDirectory is where the command runs: its dir, or project if it names none.
func (in *CommandInputs) WorkingDirectory(project string) string {
	if in.Dir != nil {
		return *in.Dir
	}
	return project
}
