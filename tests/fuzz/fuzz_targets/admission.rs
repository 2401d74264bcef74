//! Files that are given as a flavor.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crhost::fuzzing::admission(input));
