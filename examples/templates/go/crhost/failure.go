// Package crhost has what a flavor needs beside the contract: URIs of registries, requests, failures. Change it as you
// like.
package crhost

import (
	"strings"
	"unicode"
	"wit_component/crhost_flavor_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Failure is what crhost shows of a flavor that could not do what it was asked: one line what was wrong and what was
// expected, one line what to do next; no full stop. Panic with it: Answer turns it into the contract's result.
type Failure struct {
	Kind       crhost_flavor_types.FailureKind
	Message    string
	Hint       string
	RetryAfter uint32
}

// Invalid panics with a failure for what the user typed.
func Invalid(message, hint string) {
	panic(Failure{Kind: crhost_flavor_types.FailureKind_InvalidInput, Message: message, Hint: hint})
}

// Answer runs a function of the contract. Whatever else it panics with is a fault of this program: it ends the call, and
// its trace is shown with -vv.
func Answer[T any](call func() T) (result wit.Result[T, crhost_flavor_types.Failure]) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case Failure:
			failure := crhost_flavor_types.Failure{Kind: thrown.Kind, Message: thrown.Message}
			failure.Hint, failure.RetryAfter = wit.None[string](), wit.None[uint32]()
			if thrown.Hint != "" {
				failure.Hint = wit.Some(thrown.Hint)
			}
			if thrown.RetryAfter != 0 {
				failure.RetryAfter = wit.Some(thrown.RetryAfter)
			}
			result = wit.Err[T](failure)
		default:
			panic(thrown)
		}
	}()
	return wit.Ok[T, crhost_flavor_types.Failure](call())
}

// Shown gives a text of others on one line, with a bounded length.
func Shown(text string) string {
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, text)
	if letters := []rune(text); len(letters) > 80 {
		return string(letters[:80]) + "…"
	}
	return text
}
