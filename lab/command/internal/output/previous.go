package output

// Variable is an environment variable.
type Variable struct {
	Name, Value string
}

// Previous are the variables that tell a command what the one before it wrote: none for an empty stream, and none at
// all if the resource says addPreviousOutputInEnv: false.
func (r Result) Previous(add *bool) []Variable {
	if add != nil && !*add {
		return nil
	}
	var variables []Variable
	if r.Stdout != "" {
		variables = append(variables, Variable{"PULUMI_COMMAND_STDOUT", r.Stdout})
	}
	if r.Stderr != "" {
		variables = append(variables, Variable{"PULUMI_COMMAND_STDERR", r.Stderr})
	}
	return variables
}
