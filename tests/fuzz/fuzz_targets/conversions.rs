//! What a guest could answer, on its way into the host's own types.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crhost::fuzzing::conversions(input));
