//! Flavors that go wrong while they run.

use wit_component::StringEncoding;

use super::ends::{self, End, fails_its_example, fails_to_open, fails_to_prepare, fails_to_validate, no_flavor};
use crate::support::programs::components;
use crate::support::programs::crhost::Home;

const FULL_STACK: &str = "`describe` filled its stack (512 KiB, or as much as it was linked with): its functions call \
                          each other too deeply";
const UNREACHABLE: &str = "`describe` stopped: wasm trap: wasm `unreachable` instruction executed";
const TOO_LONG: &str = "`describe` took longer than 5 s";
const TOO_MUCH_DATA: &str = "`describe` exchanged more than 8 MiB with crhost in one call";

cases! { "execution", components::flavor,
    // Time. That of calls with a minute is a matter of the unit tests of `flavor`, which shorten it.
    copies_memory_for_ever => no_flavor(TOO_LONG);
    describe_never_ends => no_flavor(TOO_LONG);
    fills_memory_for_ever => no_flavor(TOO_LONG);
    post_return_never_ends => no_flavor(TOO_LONG);
    realloc_never_ends => fails_its_example("took longer than 5 s");
    sleeps_for_a_year => no_flavor(TOO_LONG);
    start_never_ends => no_flavor(TOO_LONG);
    validate_never_ends => fails_to_validate("took longer than 5 s");
    writes_to_stderr_for_ever => no_flavor(TOO_LONG);
    writes_to_stdout_for_ever => no_flavor(TOO_LONG);

    // Memory, tables, stack, handles.
    begins_outside_of_its_memory => no_flavor("`describe` stopped: wasm trap: out of bounds memory access, or its stack is full");
    begins_with_too_large_a_table => no_flavor("`describe` needed more than 100000 table elements");
    begins_with_too_much_memory => no_flavor("`describe` needed more than 128 MiB of memory");
    calls_the_host_from_the_bottom_of_its_stack => no_flavor(FULL_STACK);
    describe_recurses => no_flavor(FULL_STACK);
    takes_all_memory_and_goes_on => End::Own(is_seen_to_take_it);
    takes_all_memory_and_traps => no_flavor("`describe` needed more than 128 MiB of memory");
    takes_all_tables_and_goes_on => End::Pushed;
    takes_all_tables_and_traps => no_flavor("`describe` needed more than 100000 table elements");
    takes_handles_without_end => no_flavor("`describe` needed more than 1024 handles");

    // Traps.
    calls_a_function_by_another_type => no_flavor("`describe` stopped: wasm trap: indirect call type mismatch");
    calls_nothing => no_flavor("`describe` stopped: wasm trap: uninitialized element");
    describe_traps => no_flavor(UNREACHABLE);
    divides_by_zero => no_flavor("`describe` stopped: wasm trap: integer divide by zero");
    exits_badly => no_flavor("`describe` stopped: it exited with status 1");
    exits_well => no_flavor("`describe` stopped: it exited with status 0");
    post_return_traps => no_flavor(UNREACHABLE);
    reads_outside_of_its_memory => no_flavor("`describe` stopped: wasm trap: out of bounds memory access, or its stack is full");

    // Answers that are none in the canonical ABI.
    describe_points_between => no_flavor("`describe` stopped: return pointer not aligned");
    describe_points_nowhere => no_flavor("`describe` stopped: pointer out of bounds of memory");
    describes_no_text => no_flavor("`describe` stopped: invalid utf-8 sequence of 1 bytes from index 0");
    describes_perhaps_documentation => no_flavor("`describe` stopped: invalid option discriminant");
    describes_text_outside_of_its_memory =>
        no_flavor("`describe` stopped: string pointer/length out of bounds of memory");
    mounts_more_than_yes => End::Pushed;
    opens_in_a_fourth_way => fails_to_open("stopped: unexpected discriminant: 3");
    realloc_points_between => fails_to_prepare("stopped: realloc return: result not aligned");
    realloc_points_nowhere => fails_its_example("stopped: realloc return: beyond end of memory");
    uploads_in_a_third_way => fails_to_prepare("stopped: unexpected discriminant: 2");
    validate_answers_a_third_way => fails_to_validate("stopped: invalid expected discriminant");
    validate_refuses_for_no_reason => fails_to_validate("stopped: unexpected discriminant: 9");

    // Answers and questions without measure.
    asks_for_endless_randomness =>
        no_flavor("`describe` stopped: requested len 18446744073709551615 exceeds limit 65536");
    describes_a_hundred_mebibytes => no_flavor(TOO_MUCH_DATA);
    describes_a_hundred_million_examples =>
        no_flavor("`describe` stopped: list pointer/length out of bounds of memory");
    describes_a_million_examples => no_flavor(TOO_MUCH_DATA);
    logs_a_hundred_thousand_lines => End::Own(is_heard_out_at_first);
    logs_seven_mebibytes => End::Own(is_cut_short);
    logs_ten_mebibytes => no_flavor(TOO_MUCH_DATA);
    waits_for_a_million_things => no_flavor(TOO_MUCH_DATA);
    waits_for_nothing => no_flavor("`describe` stopped: empty poll list");

    // What is not theirs, or not yet, or no more.
    confuses_handles => no_flavor(
        "`describe` stopped: handle index 1 used with the wrong type, expected guest-defined resource but found a \
         different guest-defined resource",
    );
    describe_sends_a_request => End::Own(may_ask_in_vain);
    drops_a_secret_that_it_never_had => no_flavor("`describe` stopped: unknown handle index 7");
    drops_a_stream_twice => no_flavor("`describe` stopped: unknown handle index 1");
    forgets_between_calls => End::Pushed;
    gives_a_secret_that_it_never_had => fails_to_open("stopped: unknown handle index 7");
    logs_at_a_fourth_level => no_flavor("`describe` stopped: unexpected discriminant: 3");
    logs_in_colour => End::Own(is_shown_in_black_and_white);
    logs_no_text => no_flavor("`describe` stopped: invalid utf-8 sequence of 1 bytes from index 0");
    looks_for_an_environment => End::Pushed;
    post_return_calls_the_host => no_flavor("`describe` stopped: wasm trap: cannot leave component instance");
    realloc_calls_the_host => fails_its_example("stopped: wasm trap: cannot leave component instance");
    uses_a_secret_that_it_never_had => no_flavor("`describe` stopped: unknown handle index 7");
    validate_sends_a_request => End::Own(may_ask_in_vain);
    writes_to_stderr_in_colour => End::Own(is_quoted);
}

#[test]
fn half_a_character_is_no_text() {
    // In the second encoding, the highest bit of a length says that the text is in UTF-16.
    for (encoding, length) in [(StringEncoding::UTF16, "1"), (StringEncoding::CompactUTF16, "0x80000001")] {
        let text = format!(r#"(data (i32.const 5000) "\00\d8") (data (i32.const 1000) (i32 5000 {length}))"#);
        let component = components::flavor_in(encoding, &text);
        no_flavor("`describe` stopped: unpaired surrogate found: d800").meet(component);
    }
}

/// Also says that memory is measured at all.
fn is_seen_to_take_it(home: &Home) {
    let registered = ends::run(home, &ends::REGISTER).ok();
    assert!(registered.memory > 128 << 20 || cfg!(not(target_os = "linux")), "{registered}");
    ends::assert_pushes(home);
}

/// `LOG_LINES` in the host.
fn is_heard_out_at_first(home: &Home) {
    let registered = ends::run(home, &ends::REGISTER);
    assert_eq!(registered.stderr.lines().filter(|line| line.starts_with("warning: ")).count(), 256, "{registered}");
}

/// `LOG_LINE_CHARS` in the host.
fn is_cut_short(home: &Home) {
    let registered = ends::run(home, &ends::REGISTER);
    let line = registered.stderr.lines().find(|line| line.starts_with("warning: ")).unwrap();
    assert!(line.ends_with(&format!(": {}…", "a".repeat(2_000))), "{registered}");
}

/// What those in colour say, as it has to be shown.
const SAID: &str = r"\u{1b}[2J\u{1b}]0;mine\u{7}\r\nerror: call this number\u{202e}";

fn is_quoted(home: &Home) {
    let registered = ends::run(home, &[&ends::REGISTER[..], &["-vv"]].concat()).ok();
    // Each line of it is one, with the guest's name before it.
    for said in SAID.split(r"\r\n") {
        let line = format!("wrote to its standard error: {said}");
        assert!(registered.stderr.lines().any(|said| said.ends_with(&line)), "{registered}");
    }
}

fn is_shown_in_black_and_white(home: &Home) {
    let registered = ends::run(home, &[&ends::REGISTER[..], &["-vv"]].concat());
    for level in ["debug", "info", "warning"] {
        let is_it =
            |line: &str| line.starts_with(&format!("{level}: flavor `")) && line.ends_with(&format!("`: {SAID}"));
        assert!(registered.stderr.lines().any(is_it), "{registered}");
    }
}

/// The contract forbids it; whether the host answers or stops the flavor, it does so at once.
fn may_ask_in_vain(home: &Home) {
    for command in [&ends::REGISTER[..], &ends::registry("localhost:5000")] {
        let finished = ends::run(home, command);
        match finished.code {
            Some(0) => {}
            Some(7) => return,
            _ => panic!("{finished}"),
        }
    }
}
