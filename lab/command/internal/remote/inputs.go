// Package remote runs commands and copies files on hosts over SSH.
//
// The names of the package and of its types are part of what users see: Check failures quote them.
package remote

// CommandInputs are the inputs of command:remote:Command.
type CommandInputs struct {
	Connection             *Connection       `pulumi:"connection"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Triggers               *[]any            `pulumi:"triggers,optional"`
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *string           `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// CopyToRemoteInputs are the inputs of command:remote:CopyToRemote. Source is an asset or an archive.
type CopyToRemoteInputs struct {
	Connection *Connection `pulumi:"connection"`
	Triggers   *[]any      `pulumi:"triggers,optional"`
	Source     any         `pulumi:"source"`
	RemotePath string      `pulumi:"remotePath"`
}

// Connection says how to reach a host, and with which credentials.
type Connection struct {
	User               *string          `pulumi:"user,optional"`
	Password           *string          `pulumi:"password,optional"`
	Host               string           `pulumi:"host"`
	Port               *float64         `pulumi:"port,optional"`
	PrivateKey         *string          `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string          `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string          `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int             `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int             `pulumi:"perDialTimeout,optional"`
	HostKey            *string          `pulumi:"hostKey,optional"`
	Proxy              *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is the host to go through: a Connection that has no proxy of its own.
type ProxyConnection struct {
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	Host               string   `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

// connection is the proxy as a host of its own.
func (p *ProxyConnection) connection() *Connection {
	return &Connection{
		User: p.User, Password: p.Password, Host: p.Host, Port: p.Port, PrivateKey: p.PrivateKey,
		PrivateKeyPassword: p.PrivateKeyPassword, AgentSocketPath: p.AgentSocketPath,
		DialErrorLimit: p.DialErrorLimit, PerDialTimeout: p.PerDialTimeout, HostKey: p.HostKey,
	}
}
