package components

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// PinImage returns an image with the digest that its registry has for its tag, NAME:TAG@sha256:…, for a service: all its tasks then
// run the same image, on whichever node and whenever they start, and an update that changes nothing shows nothing. (The Docker
// provider pins the image of a service when it creates it, and takes the tag for another image at the next update.)
//
// A manager asks the registry, without credentials, once for each image; a tag that moves is not followed. An image that has a
// digest is returned as it is, and so is every image with [Classic], whose containers pin none. The registered command is called
// NAME-IMAGE.
func (s *SwarmManagerSet) PinImage(ctx *pulumi.Context, name, image string) (pulumi.StringOutput, error) {
	if strings.Contains(image, "@") || !s.network().orchestrator.RunsServices() {
		return pulumi.String(image).ToStringOutput(), nil
	}
	var p rules.Problems
	p.Image("image", image, "nginx:1.28")
	if err := p.Err(rules.Heading("PinImage", name)); err != nil {
		return pulumi.StringOutput{}, err
	}
	site := s.network().site
	command, err := remote.NewCommand(ctx, name+"-"+image, site.Access, remote.Args{
		Script: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "IMAGE", Value: image},
				{Name: "MANAGER_PEERS", Value: strings.Join(s.swarm.Planned, " ")},
			},
			Files: []string{"peers", "swarm-image"},
		},
		Create: "pin_image", Peers: s.swarm.Known(s.swarm.Managers, s.swarm.Managers.KnownHosts),
	}, pulumi.Parent(s), site.Together(), pulumi.DependsOn([]pulumi.Resource{s.swarm.Ready}),
		// What was heard once stays, whoever the managers are by now.
		pulumi.IgnoreChanges([]string{"connection", "create", "stdin"}))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return command.Stdout.ApplyT(func(printed string) string {
		if printed = strings.TrimSpace(printed); printed != "" {
			return printed
		}
		return image // on paper
	}).(pulumi.StringOutput), nil
}
