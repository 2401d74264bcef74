//! Patterns that users grant and flavors ask for, and URLs that flavors make.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crhost::fuzzing::host_pattern(input));
