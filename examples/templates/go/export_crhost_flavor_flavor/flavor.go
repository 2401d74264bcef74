// Package export_crhost_flavor_flavor is the flavor: what crhost asks about registries of my-registry. The bindings name
// the package.
package export_crhost_flavor_flavor

import (
	"fmt"
	"net/url"
	"wit_component/crhost"
	"wit_component/crhost_flavor_flavor"
	"wit_component/crhost_flavor_http"
	"wit_component/crhost_flavor_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

const (
	version      = "0.1.0"
	host         = "my-registry.example"
	example      = host + "/team"
	api          = "https://api.my-registry.example"
	repositories = "/v1/repositories"
)

var service = crhost.Service{Name: "my-registry", Credential: "the token", Option: "endpoint"}

// Describe says what the flavor is and needs.
func Describe() crhost_flavor_flavor.Description {
	flag, address := crhost_flavor_flavor.MakeOptionKindFlag(), crhost_flavor_flavor.MakeOptionKindUrl()
	return crhost_flavor_flavor.Description{
		Name:          "my-registry",
		Version:       version,
		Summary:       "Registries of " + host,
		Documentation: wit.None[string](),
		UriExamples:   []string{example},
		Options: []crhost_flavor_flavor.OptionSpec{
			crhost.Option("create-repository", "Create a missing repository before a push", flag, "true"),
			crhost.Option("endpoint", fmt.Sprintf("URL of the API; `%s` unless you go through another", api), address, ""),
		},
		AuthMethods: []crhost_flavor_flavor.AuthMethod{{
			ConnectorType: "my-registry",
			Name:          "token",
			Summary:       "A user name and an access token",
			Fields: []crhost_flavor_flavor.Field{
				crhost.TextField("username", "The user name", "MY_REGISTRY_USERNAME"),
				crhost.SecretField("token", "The access token", "MY_REGISTRY_TOKEN"),
			},
			Operations: []crhost_flavor_flavor.Operation{
				crhost.Operation("check-repository", "Looks for the repository", crhost_flavor_http.Method_Get, api, repositories+"/*", "token"),
				crhost.Operation("create-repository", "Creates it", crhost_flavor_http.Method_Post, api, repositories, "token", "name"),
			},
			RegistryPassword: wit.Some("token"),
		}},
	}
}

// ValidateUri says whether a URI names a registry of this kind.
func ValidateUri(uri string) wit.Result[crhost_flavor_flavor.AcceptedUri, crhost_flavor_types.Failure] {
	rules := crhost.Rules{Host: host, Example: example, Grammar: grammar}
	return crhost.Answer(func() crhost_flavor_flavor.AcceptedUri { return rules.Accept(uri) })
}

// The canonical form of a well-formed URI, and warnings.
func grammar(uri *crhost.URI) (warnings []string) {
	hint := fmt.Sprintf("write e.g. `%s`", example)
	switch {
	case (uri.Host == "localhost" || uri.Host == "127.0.0.1") && uri.Port != "":
		warnings = append(warnings, fmt.Sprintf("`%s:%s` is taken for a registry of this kind, for development", uri.Host, uri.Port))
	case uri.Host != host:
		crhost.Invalid(fmt.Sprintf("host `%s` is not `%s`", uri.Host, host), hint)
	case uri.Port != "" && uri.Port != "443":
		crhost.Invalid(fmt.Sprintf("`%s` has a port, expected `%s` without one", uri, host), hint)
	default:
		uri.Port = ""
	}
	if len(uri.Path) == 0 {
		crhost.Invalid(fmt.Sprintf("`%s` names no team", uri), fmt.Sprintf("write e.g. `%s/team`", uri))
	}
	return warnings
}

// PrepareImagePush checks that the repository exists, or creates it.
func PrepareImagePush(registry crhost_flavor_types.Registry, connector wit.Option[crhost_flavor_types.Connector], image crhost_flavor_types.Image) wit.Result[crhost_flavor_flavor.Prepared, crhost_flavor_types.Failure] {
	return crhost.Answer(func() crhost_flavor_flavor.Prepared {
		prepared := crhost_flavor_flavor.Prepared{Profile: crhost.StandardProfile()}
		// Without a connector nothing can be asked; the registry itself answers the push.
		if connector.IsNone() {
			return prepared
		}
		address := crhost.OptionOf(registry, "endpoint")
		if address == "" {
			address = api
		}
		token, name := crhost.FieldOf(connector.Some(), "token").Secret(), image.Repository
		found := service.Send(crhost_flavor_http.Method_Get, address+repositories+"/"+url.PathEscape(name), token, nil)
		if found.Status != 404 {
			service.Check(found)
			return prepared
		}
		if crhost.OptionOf(registry, "create-repository") != "true" {
			panic(crhost.Failure{
				Kind:    crhost_flavor_types.FailureKind_NotFound,
				Message: fmt.Sprintf("there is no repository `%s`", name),
				Hint:    "create it first, or set the option `create-repository`",
			})
		}
		created := service.Send(crhost_flavor_http.Method_Post, address+repositories, token, map[string]string{"name": name})
		// Another push may have been faster.
		if created.Status != 409 {
			service.Check(created)
			prepared.Notes = append(prepared.Notes, fmt.Sprintf("created the repository `%s`", name))
		}
		return prepared
	})
}

// Credentials gives the user name, and the handle of the token as the password.
func Credentials(_ crhost_flavor_types.Registry, connector wit.Option[crhost_flavor_types.Connector], _ crhost_flavor_flavor.Purpose, _ wit.Option[crhost_flavor_types.Image]) wit.Result[crhost_flavor_flavor.Credential, crhost_flavor_types.Failure] {
	return crhost.Answer(func() crhost_flavor_flavor.Credential {
		if connector.IsNone() {
			return crhost_flavor_flavor.MakeCredentialDockerConfig()
		}
		return crhost_flavor_flavor.MakeCredentialBasic(crhost_flavor_flavor.Basic{
			Username:  crhost.FieldOf(connector.Some(), "username").Text(),
			Password:  crhost_flavor_flavor.MakePasswordSecret(crhost.FieldOf(connector.Some(), "token").Secret()),
			ExpiresAt: wit.None[uint64](),
		})
	})
}
