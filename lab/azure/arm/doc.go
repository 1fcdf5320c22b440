// Package arm is a small Azure Resource Manager: it keeps a model of resource groups and what is in them on
// disk, decides what Azure would accept and refuse, and asks a [cloud.Cloud] for whatever has to exist for real.
//
// Bodies are in the shape Pulumi's azure-native SDKs use (ARM's "properties" flattened), so the provider on
// top passes them through unchanged. Ids and names are case-insensitive and keep the case they were created with.
//
// # What survives a crash
//
// A resource enters the model on disk only after the cloud has made it real and routed to it. Real Azure differs:
// a PUT it has accepted goes on although the caller died, so the resource then exists outside the Pulumi state,
// and the next "pulumi up" says "cannot create already existing resource" until "pulumi refresh" or an import heals it.
// Here a creation killed midway leaves nothing in the model: the next run creates the resource again, and
// EnsureMachine replaces a left-over machine, because its VMID differs.
// [Manager.Reconcile] removes machines that no run comes back for.
package arm
