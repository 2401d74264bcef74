package crhost

import (
	"encoding/json"
	"fmt"
	"strconv"
	"wit_component/crhost_flavor_http"
	"wit_component/crhost_flavor_secrets"
	"wit_component/crhost_flavor_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

const (
	tryAgain   = "try again later"
	tellAuthor = "it is the flavor's fault: tell its author"
)

// Service is a service with an HTTP API: what messages about its answers say.
type Service struct{ Name, Credential, Option string }

// Send sends a request that asks for JSON, with a secret as `Authorization: Bearer`. The body is the JSON of a value,
// unless that is nil.
func (service Service) Send(method crhost_flavor_http.Method, url string, bearer *crhost_flavor_secrets.Secret, body any) crhost_flavor_http.Response {
	type header = wit.Tuple2[string, crhost_flavor_http.Value]
	token := crhost_flavor_http.SecretValue{Before: "Bearer ", Secret: bearer, Encoding: crhost_flavor_secrets.Encoding_Raw}
	request := crhost_flavor_http.Request{Method: method, Url: url, Body: crhost_flavor_http.MakeBodyEmpty()}
	request.Headers = []header{
		{F0: "accept", F1: crhost_flavor_http.MakeValueText("application/json")},
		{F0: "authorization", F1: crhost_flavor_http.MakeValueSecret(token)},
	}
	if body != nil {
		object, _ := json.Marshal(body)
		request.Body = crhost_flavor_http.MakeBodyJson(crhost_flavor_http.Json{Object: string(object)})
	}
	result := send(request)
	if result.IsErr() {
		panic(service.noResponse(result.Err()))
	}
	debug(fmt.Sprintf("%s answered %d", url, result.Ok().Status))
	return result.Ok()
}

func (service Service) noResponse(reason crhost_flavor_http.Error) Failure {
	switch reason.Tag() {
	case crhost_flavor_http.Error_Denied:
		return Failure{Kind: crhost_flavor_types.FailureKind_Denied, Message: reason.Denied()}
	case crhost_flavor_http.Error_Unreachable:
		hint := fmt.Sprintf("check the network, the proxy variables, and the option `%s`", service.Option)
		return Failure{Kind: crhost_flavor_types.FailureKind_Unavailable, Message: reason.Unreachable(), Hint: hint}
	case crhost_flavor_http.Error_Timeout:
		message := service.Name + " gave no complete response in the time allowed"
		hint := "try again later, and check the network and the proxy variables"
		return Failure{Kind: crhost_flavor_types.FailureKind_Unavailable, Message: message, Hint: hint}
	case crhost_flavor_http.Error_InvalidRequest:
		message := "the flavor's request is malformed: " + reason.InvalidRequest()
		return Failure{Kind: crhost_flavor_types.FailureKind_Other, Message: message, Hint: tellAuthor}
	}
	message := service.Name + ": more than crhost allows in one call"
	return Failure{Kind: crhost_flavor_types.FailureKind_Other, Message: message, Hint: tellAuthor}
}

// Check panics with a failure unless the answer is a success.
func (service Service) Check(response crhost_flavor_http.Response) {
	status, said := response.Status, words(response)
	failure := Failure{Message: fmt.Sprintf("%s answered %d%s", service.Name, status, said)}
	switch {
	case status >= 200 && status < 300:
		return
	case status == 401:
		failure.Kind = crhost_flavor_types.FailureKind_Unauthenticated
		failure.Message = fmt.Sprintf("%s does not accept %s%s", service.Name, service.Credential, said)
		failure.Hint = fmt.Sprintf("create %s anew; `crhost connector update` takes it into a connector", service.Credential)
	case status == 403:
		failure.Kind = crhost_flavor_types.FailureKind_Denied
		failure.Message = fmt.Sprintf("%s does not allow it%s", service.Name, said)
		failure.Hint = fmt.Sprintf("give %s the permission, or use another", service.Credential)
	case status == 429:
		failure.Kind, failure.RetryAfter = crhost_flavor_types.FailureKind_RateLimited, retryAfter(response)
		failure.Hint = tryAgain
	case status == 503:
		failure.Kind, failure.RetryAfter = crhost_flavor_types.FailureKind_Unavailable, retryAfter(response)
		failure.Hint = tryAgain
	case status == 408 || status >= 500:
		failure.Kind, failure.Hint = crhost_flavor_types.FailureKind_Unavailable, tryAgain
	default:
		failure.Kind = crhost_flavor_types.FailureKind_Other
		failure.Hint = fmt.Sprintf("check the option `%s`", service.Option)
	}
	panic(failure)
}

// The service's own words behind a colon, if its answer has the member `message`.
func words(response crhost_flavor_http.Response) string {
	var answer struct{ Message string }
	if json.Unmarshal(response.Body, &answer) != nil || answer.Message == "" {
		return ""
	}
	return ": " + Shown(answer.Message)
}

// Seconds that the service asks to wait; 2 where it does not say.
func retryAfter(response crhost_flavor_http.Response) uint32 {
	for _, header := range response.Headers {
		if seconds, err := strconv.ParseUint(string(header.F1), 10, 32); header.F0 == "retry-after" && err == nil && seconds > 0 {
			return uint32(min(seconds, 86400))
		}
	}
	return 2
}
