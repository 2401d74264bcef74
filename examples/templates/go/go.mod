module wit_component

go 1.25

require go.bytecodealliance.org/pkg v0.4.0

// The part of it that the bindings use, so that a build needs no network.
replace go.bytecodealliance.org/pkg => ./pkg
