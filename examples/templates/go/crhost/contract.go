package crhost

import (
	"fmt"
	"wit_component/crhost_flavor_flavor"
	"wit_component/crhost_flavor_http"
	"wit_component/crhost_flavor_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

func field(kind crhost_flavor_flavor.FieldKind, name, summary, variable string) crhost_flavor_flavor.Field {
	sources := []crhost_flavor_flavor.Source{crhost_flavor_flavor.MakeSourceEnv(variable)}
	return crhost_flavor_flavor.Field{Name: name, Summary: summary, Kind: kind, Required: true, Sources: sources}
}

// TextField describes a field that the flavor reads.
func TextField(name, summary, variable string) crhost_flavor_flavor.Field {
	return field(crhost_flavor_flavor.FieldKind_Text, name, summary, variable)
}

// SecretField describes a field that no code of a flavor can read.
func SecretField(name, summary, variable string) crhost_flavor_flavor.Field {
	return field(crhost_flavor_flavor.FieldKind_Secret, name, summary, variable)
}

// Option describes an option; without a default it is empty.
func Option(name, summary string, kind crhost_flavor_flavor.OptionKind, value string) crhost_flavor_flavor.OptionSpec {
	spec := crhost_flavor_flavor.OptionSpec{Name: name, Summary: summary, Kind: kind, Default: wit.None[string]()}
	if value != "" {
		spec.Default = wit.Some(value)
	}
	return spec
}

// Operation describes requests of one kind at an API's address, or at the one of the option `endpoint`, with the secret
// field bearer in `Authorization: Bearer`. Members are those of a JSON object.
func Operation(name, summary string, method crhost_flavor_http.Method, host, path, bearer string, members ...string) crhost_flavor_flavor.Operation {
	place := crhost_flavor_flavor.MakePlaceHeader(wit.Tuple2[string, string]{F0: "authorization", F1: "Bearer "})
	secret := crhost_flavor_flavor.Placement{Field: bearer, Member: wit.None[string](), Form: crhost_flavor_flavor.SecretForm_Itself, Place: place}
	operation := crhost_flavor_flavor.Operation{Name: name, Summary: summary}
	operation.Methods = []crhost_flavor_http.Method{method}
	operation.Hosts, operation.Endpoints, operation.Paths = []string{host}, []string{"endpoint"}, []string{path}
	operation.Secrets = []crhost_flavor_flavor.Placement{secret}
	for _, member := range members {
		operation.Body = append(operation.Body, crhost_flavor_flavor.Parameter{Name: member})
	}
	return operation
}

// StandardProfile is that of a registry that takes all that the specification offers.
func StandardProfile() crhost_flavor_flavor.UploadProfile {
	return crhost_flavor_flavor.UploadProfile{
		Upload:         crhost_flavor_flavor.MakeUploadMonolithic(),
		Mount:          true,
		Zstd:           true,
		LargestRequest: wit.None[uint64](),
		LargestLayer:   wit.None[uint64](),
		Range:          true,
		Referrers:      crhost_flavor_flavor.Referrers_Unknown,
		Deletion:       crhost_flavor_flavor.Deletion_Unknown,
	}
}

// OptionOf gives the value of an option; empty if it has none.
func OptionOf(registry crhost_flavor_types.Registry, name string) string {
	for _, option := range registry.Options {
		if option.F0 == name {
			return option.F1
		}
	}
	return ""
}

// FieldOf gives a field of a connector: text, or the handle of a secret.
func FieldOf(connector crhost_flavor_types.Connector, name string) crhost_flavor_types.FieldValue {
	for _, field := range connector.Fields {
		if field.F0 == name {
			return field.F1
		}
	}
	Invalid(fmt.Sprintf("the connector has no `%s`", name), "`crhost connector describe NAME` shows what it holds")
	panic("unreachable")
}
