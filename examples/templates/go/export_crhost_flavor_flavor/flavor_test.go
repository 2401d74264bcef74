package export_crhost_flavor_flavor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"wit_component/crhost"
	"wit_component/crhost_flavor_flavor"
	"wit_component/crhost_flavor_http"
	"wit_component/crhost_flavor_secrets"
	"wit_component/crhost_flavor_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// A handle; crhost has the value.
var token = &crhost_flavor_secrets.Secret{}

func connector() wit.Option[crhost_flavor_types.Connector] {
	type field = wit.Tuple2[string, crhost_flavor_types.FieldValue]
	return wit.Some(crhost_flavor_types.Connector{Method: "token", Fields: []field{
		{F0: "username", F1: crhost_flavor_types.MakeFieldValueText("ci")},
		{F0: "token", F1: crhost_flavor_types.MakeFieldValueSecret(token)},
	}})
}

// Prepares a push with a fake of crhost, which answers requests with those of a directory in `fixtures/`, in order; also
// gives what was asked.
func prepare(t *testing.T, create, answers string) (wit.Result[crhost_flavor_flavor.Prepared, crhost_flavor_types.Failure], []string) {
	files, _ := filepath.Glob("../fixtures/" + answers + "/[0-9]*.json")
	var asked []string
	crhost.Answering = func(request crhost_flavor_http.Request) crhost_flavor_http.Response {
		asked = append(asked, request.Url)
		text, err := os.ReadFile(files[len(asked)-1])
		if err != nil {
			t.Fatal(err)
		}
		var fixture struct {
			Response struct {
				Status  uint16
				Headers map[string]string
				JSON    json.RawMessage
			}
		}
		if err := json.Unmarshal(text, &fixture); err != nil {
			t.Fatal(err)
		}
		response := crhost_flavor_http.Response{Status: fixture.Response.Status, Body: fixture.Response.JSON}
		for name, value := range fixture.Response.Headers {
			response.Headers = append(response.Headers, wit.Tuple2[string, []uint8]{F0: name, F1: []uint8(value)})
		}
		return response
	}
	options := []wit.Tuple2[string, string]{{F0: "create-repository", F1: create}}
	registry := crhost_flavor_types.Registry{Name: "test", Uri: example, Options: options}
	return PrepareImagePush(registry, connector(), crhost_flavor_types.Image{Host: host, Repository: "team/train"}), asked
}

func TestAURIIsAcceptedInItsCanonicalForm(t *testing.T) {
	for _, one := range []struct {
		text, canonical string
		warnings        int
	}{
		{"my-registry.example/team", "my-registry.example/team", 0},
		{"MY-REGISTRY.example:443/team/ml/", "my-registry.example/team/ml", 0},
		{"localhost:5000/team", "localhost:5000/team", 1},
	} {
		accepted := ValidateUri(one.text).Ok()
		if accepted.Uri != one.canonical || len(accepted.Warnings) != one.warnings {
			t.Errorf("%s: %v", one.text, accepted)
		}
		if again := ValidateUri(one.canonical).Ok(); again.Uri != one.canonical {
			t.Errorf("%s becomes %s", one.canonical, again.Uri)
		}
	}
}

func TestEverythingElseIsRefusedWithTheNextStep(t *testing.T) {
	for text, hint := range map[string]string{
		"":                                      "`my-registry.example/team`",
		"team":                                  "`my-registry.example/team`",
		"https://my-registry.example/team":      "leave the scheme out: `my-registry.example/team`",
		"my-registry.example/Team":              "`my-registry.example/team`",
		"my-registry.example/team:v1":           "leave the tag out: `my-registry.example/team`",
		"ci:secret@my-registry.example/team":    "leave user and password out",
		"my-registry.example//team":             "write single slashes: `my-registry.example/team`",
		"my-registry.example":                   "`my-registry.example/team`",
		"my-registry.exampel/team":              "did you mean `my-registry.example/team`?",
		"my-registry.example.evil.example/team": "did you mean `my-registry.example/team`?",
		"my-registry.com/team":                  "did you mean `my-registry.example/team`?",
		"my-registry.example:8443/team":         "`my-registry.example/team`",
		"other.example/team":                    "`my-registry.example/team`",
		"ghcr.io/team":                          "use the flavor `github`",
	} {
		result := ValidateUri(text)
		if result.IsOk() {
			t.Errorf("%s was accepted", text)
			continue
		}
		failure := result.Err()
		if failure.Kind != crhost_flavor_types.FailureKind_InvalidInput || !strings.Contains(failure.Hint.SomeOr(""), hint) {
			t.Errorf("%s: %v", text, failure)
		}
		if strings.Contains(failure.Message+failure.Hint.SomeOr(""), "secret") {
			t.Errorf("%s: a password is repeated", text)
		}
	}
}

func TestAMissingRepositoryIsCreated(t *testing.T) {
	prepared, asked := prepare(t, "true", "created")
	if notes := prepared.Ok().Notes; len(notes) != 1 || notes[0] != "created the repository `team/train`" {
		t.Error(notes)
	}
	if len(asked) != 2 || asked[0] != api+repositories+"/team%2Ftrain" || asked[1] != api+repositories {
		t.Error(asked)
	}
}

func TestARepositoryThatIsThereIsLeftAlone(t *testing.T) {
	if prepared, _ := prepare(t, "true", "found"); len(prepared.Ok().Notes) != 0 {
		t.Error(prepared)
	}
}

func TestAMissingRepositoryThatIsNotToBeCreatedStopsThePush(t *testing.T) {
	if prepared, _ := prepare(t, "false", "missing"); prepared.Err().Kind != crhost_flavor_types.FailureKind_NotFound {
		t.Error(prepared)
	}
}

func TestABusyServiceIsAskedAgainWhenItSays(t *testing.T) {
	prepared, _ := prepare(t, "true", "busy")
	failure := prepared.Err()
	if failure.Kind != crhost_flavor_types.FailureKind_RateLimited || failure.RetryAfter.SomeOr(0) != 7 {
		t.Error(failure)
	}
}

func TestCredentialsAreTheHandleOfTheToken(t *testing.T) {
	basic := Credentials(crhost_flavor_types.Registry{}, connector(), crhost_flavor_flavor.Purpose_Push, wit.None[crhost_flavor_types.Image]()).Ok().Basic()
	if basic.Username != "ci" || basic.Password.Secret() != token {
		t.Error(basic)
	}
}
