//! Flavors whose answers are well formed, and are not what they may be.

use super::ends::{
    self, End, breaks_its_promise, fails_its_example, fails_to_open, fails_to_prepare, fails_to_validate, no_flavor,
};
use crate::support::programs::components;
use crate::support::programs::crhost::Home;

const KEBAB: &str = "expected lower-case letters and digits with single `-` between them, at most 63";

const PATHS: &str =
    "expected `/` and components between slashes, with one `*` each at most, and `**` as the last one alone";
const LINK: &str =
    "which is no valid `https` URL: expected `https://…` without user information, at most 1000 characters";
const FILE: &str = "which is no valid path of a source: expected `/…` or `~/…` of visible ASCII characters, without `.`, `..` and `//`";
const CHUNK: &str = "which is no valid size of upload chunks: expected 65536 to 67108864 bytes (64 KiB to 64 MiB)";

/// The end of a flavor that answers `describe` with something else than the contract allows.
fn describes(what: &str) -> End {
    no_flavor(&format!("`describe` answered {what}"))
}

/// The same, where it is an operation that breaks a rule.
fn breaks(rule: &str) -> End {
    describes(&format!("an operation that is not accepted: `read` {rule}"))
}

/// The same, where it is a name.
fn names(value: &str, what: &str) -> End {
    describes(&format!("`{value}`, which is no valid {what}: {KEBAB}"))
}

cases! { "output", components::flavor,
    // Names and versions.
    describes_a_built_in_name => End::Own(is_not_one_of_the_house);
    describes_a_connector_type_with_a_slash => names("te/st", "connector type");
    describes_a_field_twice => describes("two fields named `key`");
    describes_a_field_with_a_space => names("two words", "field name");
    describes_a_long_name => names(&"a".repeat(64), "name");
    describes_a_long_version => describes("a version of 100000 bytes, expected at most 128");
    describes_a_look_alike_name => names("d\u{435}fault", "name");
    describes_a_method_of_two_types => End::Pushed;
    describes_a_path_as_name => names("../../xx", "name");
    describes_an_auth_method_twice => describes("two auth methods named `test/key`");
    describes_an_auth_method_with_a_slash => names("a/key", "auth method name");
    describes_an_option_in_colour => names(r"\u{1b}[2Jpwnd", "option name");
    describes_an_option_twice => describes("two options named `region`");
    describes_an_option_with_a_space => names("two words", "option name");
    describes_an_option_without_a_name => names("", "option name");
    describes_control_characters => names(r"\u{1b}[2Jpwnd", "name");
    describes_itself_otherwise_later => breaks_its_promise("`describe` gave another answer the second time");
    describes_no_name => names("", "name");
    describes_no_version => describes("`latest`, which is no valid version: expected SemVer, such as `1.0.0`");
    describes_two_lines_as_name => names(r"good\nname", "name");

    // Lists.
    describes_no_examples => describes("no URI examples, expected at least one");
    describes_too_many_auth_methods => describes("65 auth methods, expected at most 64");
    describes_too_many_examples => describes("65 URI examples, expected at most 64");
    describes_too_many_fields => describes("65 fields, expected at most 64");
    describes_too_many_hosts => describes("65 hosts, expected at most 64");
    describes_too_many_operations => describes("65 operations, expected at most 64");
    describes_too_many_operations_of_a_method => describes("65 operations, expected at most 64");
    describes_too_many_options => describes("65 options, expected at most 64");
    describes_too_many_public_members => describes("65 public members, expected at most 64");
    prepare_notes_too_much => fails_to_prepare("answered 65 notes, expected at most 64");
    validate_warns_too_often => fails_its_example("answered 65 warnings, expected at most 64");

    // Operations, without secrets and with them.
    describes_a_password_that_is_no_secret =>
        describes("`key`, which is no valid registry password: expected a secret field of the method");
    describes_a_secret => End::Own(shows_its_secret);
    describes_a_secret_as_a_note_to_a_registry => breaks(
        "sends a secret to the registry as its form field `note`, expected a header, HTTP Basic or a form field of OAuth",
    );
    describes_a_secret_beside_another_identity =>
        breaks("has a free parameter `sig`, which could carry another identity than the secret's");
    describes_a_secret_beside_another_token =>
        breaks("has a free parameter `private-token`, which could carry another identity than the secret's");
    describes_a_secret_in_a_cookie => breaks("names the header `cookie`, which is not a flavor's to set");
    describes_a_secret_to_any_path => breaks("has secrets, and leaves the path or the query open");
    describes_a_secret_to_any_query => breaks("has secrets, and leaves the path or the query open");
    describes_a_secret_twice => breaks("gives `key` two places, or a place to two secrets");
    describes_a_secret_without_a_field =>
        describes("`read`, which is no valid secret of an operation: expected a secret field of the method");
    describes_an_operation => End::Own(shows_its_operation);
    describes_an_operation_in_colour => describes(&format!(r"`/\u{{1b}}[2J`, which is no valid pattern of paths: {PATHS}"));
    describes_an_operation_on_any_host => describes(
        "`https://*`, which is no valid pattern of hosts: its last two labels have to be written out, as in \
         `https://*.example.com`",
    );
    describes_an_operation_that_may_upload => breaks("would upload to a registry, which is for crhost alone");
    describes_an_operation_that_uploads => breaks("would upload to a registry, which is for crhost alone");
    describes_an_operation_twice => describes("two operations named `read`");
    describes_an_operation_with_a_cookie => breaks("names the header `cookie`, which is not a flavor's to set");
    describes_an_operation_with_a_parameter_in_colour => breaks("has a name that is no name of a parameter");
    describes_an_operation_with_a_secret_of_none =>
        describes("`read`, which is no valid operation without secrets: it places a secret, which is for operations of an auth method");
    describes_an_operation_with_a_space => names("two words", "operation name");
    describes_an_operation_with_an_open_middle => describes(&format!("`/a/**/b`, which is no valid pattern of paths: {PATHS}"));
    describes_an_operation_with_an_unknown_endpoint => describes(
        "`there`, which is no valid endpoint: expected an option of kind `url` or a text field",
    );
    describes_an_operation_without_a_host => breaks("has neither a host nor an endpoint");
    describes_an_operation_without_a_method => breaks("has no method");
    describes_an_operation_without_a_path => breaks("has no path");

    // Options.
    describes_a_choice_of_nothing => describes("no words of a choice, expected at least one");
    describes_a_default_that_does_not_fit => describes("`maybe`, which is no valid default of an option: expected `true` or `false`");

    // Texts and links.
    describes_a_long_summary => End::Pushed;
    describes_itself_in_colour => End::Pushed;
    documents_itself_elsewhere => describes(&format!("`https://example.com@evil.example/`, {LINK}"));
    documents_itself_in_a_script => describes(&format!("`javascript:alert(1)`, {LINK}"));
    documents_itself_in_colour => End::Own(is_encoded);
    documents_itself_in_the_clear => describes(&format!("`http://example.com/`, {LINK}"));
    prepare_notes_in_colour => End::Own(notes_in_its_own_name);
    validate_warns_in_colour => End::Own(warns_in_its_own_name);

    // Places on the user's machine.
    seeks_a_file_above_the_home => describes(&format!("`~/../etc/pass`, {FILE}"));
    seeks_a_file_where_it_runs => describes(&format!("`./secrets`, {FILE}"));
    seeks_a_variable_in_colour => describes("`\\u{1b}[2JHOME`, which is no valid environment variable: expected ASCII letters, digits and `_`, at most 128");
    seeks_too_many_places => describes("65 sources, expected at most 64");

    // Refusals.
    prepare_refuses_at_length => End::Unpushed(3, format!("flavor `drawback`: {}…", "a".repeat(1_000)));
    validate_refuses_in_colour => End::Own(refuses_in_its_own_name);
    validate_refuses_without_a_word =>
        End::Unaccepted(2, "flavor `drawback`: it refuses, and does not say why".to_owned());

    // Registries and uploads.
    uploads_in_chunks_of_any_size =>
        fails_to_prepare(&format!("answered `18446744073709551615`, {CHUNK}"));
    uploads_in_chunks_of_none => fails_to_prepare(&format!("answered `0`, {CHUNK}"));
    uploads_in_chunks_of_one_byte => fails_to_prepare(&format!("answered `1`, {CHUNK}"));
    validate_accepts_a_long_uri => fails_to_validate("answered a URI of 256 bytes, expected at most 255");
    validate_accepts_nonsense => fails_to_validate("answered `https://evil.example/?x`, which is no valid URI: expected `HOST[:PORT][/PATH]` in lower case, without a scheme and a slash at its end");

    // Credentials.
    gives_a_password_of_a_mebibyte => fails_to_open("answered a password of 1048576 bytes, expected at most 32768");
    gives_a_password_with_a_line_break => fails_to_open("answered a password that holds control characters");
    gives_a_user_name_of_a_mebibyte => fails_to_open("answered a user name of 1048576 bytes, expected at most 32768");
    gives_a_user_name_with_a_colon => fails_to_open("answered `ali:ce`, which is no valid user name: expected no `:` and no control characters");
    gives_a_user_name_with_a_line_break => fails_to_open(r"answered `ali\r\nx: y`, which is no valid user name: expected no `:` and no control characters");
    gives_a_user_name_with_a_nul => fails_to_open(r"answered `ali\u{0}ce`, which is no valid user name: expected no `:` and no control characters");
    gives_what_has_expired => End::Pushed;
    gives_what_never_expires => End::Pushed;
}

/// What those in colour say, as it has to be shown.
const SAID: &str = r"\u{1b}[2J\u{1b}]0;mine\u{7}\r\nerror: call this number\u{202e}\u{200b}";

fn is_not_one_of_the_house(home: &Home) {
    for arguments in [&[][..], &["--replace"]] {
        let register = [&ends::REGISTER[..], arguments].concat();
        ends::refused(
            home,
            5,
            &register,
            "`default` is the name of a built-in flavor, and no other can be registered by it",
        );
    }
    home.fails(5, &["flavor", "remove", "default"]).says("`default`");
    ends::assert_nothing_kept(home);
}

/// An operation that asks for nothing unusual is shown, and granted by whoever agrees.
fn shows_its_operation(home: &Home) {
    assert_asks_for(home, "GET https://h.example/x");
}

fn shows_its_secret(home: &Home) {
    assert_asks_for(home, "POST https://h.example/x");
}

#[track_caller]
fn assert_asks_for(home: &Home, words: &str) {
    let refused = ends::refused(
        home,
        2,
        &ends::REGISTER,
        "flavor `drawback` asks to reach `https://h.example`, and there is no terminal to ask you at",
    );
    assert!(refused.stderr.contains(&format!("Asks to send    {words}")), "{}", *refused);
    ends::assert_nothing_kept(home);
    ends::run(home, &[&ends::REGISTER[..], &["--yes"]].concat()).ok();
    assert!(ends::run(home, &["flavor", "describe", "drawback"]).ok().stdout.contains(words));
    ends::assert_pushes(home);
}

fn is_encoded(home: &Home) {
    ends::assert_registers(home);
    let described = ends::run(home, &["flavor", "describe", "drawback", "-o", "json"]).json();
    assert_eq!(described["description"]["documentation"], "https://example.com/%1B[2J");
}

#[track_caller]
fn assert_says(home: &Home, line: &str) {
    ends::assert_registers(home);
    let finished = ends::assert_pushes(home);
    assert!(finished.iter().any(|finished| finished.stderr.lines().any(|said| said == line)), "{}", finished[1]);
}

fn notes_in_its_own_name(home: &Home) {
    assert_says(home, &format!("note: flavor `drawback`: {SAID}"));
}

fn warns_in_its_own_name(home: &Home) {
    assert_says(home, &format!("warning: flavor `drawback`: {SAID}"));
}

fn refuses_in_its_own_name(home: &Home) {
    ends::assert_registers(home);
    let register = ends::registry("localhost:50000");
    let refused = ends::refused(home, 2, &register, &format!("flavor `drawback`: {SAID}"));
    assert_eq!(refused.hint(), format!("flavor `drawback`: {SAID}"));
    let refused = ends::run(home, &[&register[..], &["-o", "json"]].concat());
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!(error["error"]["message"], format!("flavor `drawback`: {SAID}"));
    assert_eq!(error["error"]["hint"], format!("flavor `drawback`: {SAID}"));
}
