//go:build !wasm

package crhost

import (
	"wit_component/crhost_flavor_http"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Answering is a fake of crhost for tests, which run on this machine: it answers a request.
var Answering func(crhost_flavor_http.Request) crhost_flavor_http.Response

func send(request crhost_flavor_http.Request) wit.Result[crhost_flavor_http.Response, crhost_flavor_http.Error] {
	return wit.Ok[crhost_flavor_http.Response, crhost_flavor_http.Error](Answering(request))
}

func debug(string) {}
