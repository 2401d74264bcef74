package crhost

import (
	"wit_component/crhost_flavor_http"
	"wit_component/crhost_flavor_log"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

func send(request crhost_flavor_http.Request) wit.Result[crhost_flavor_http.Response, crhost_flavor_http.Error] {
	return crhost_flavor_http.Send(request)
}

func debug(line string) {
	crhost_flavor_log.Write(crhost_flavor_log.Level_Debug, line)
}
