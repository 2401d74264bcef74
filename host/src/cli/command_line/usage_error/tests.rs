use super::*;
use crate::cli::arguments::Arguments;
use crate::cli::command_line::tree;

/// The message and the hint for a wrong command line.
#[track_caller]
fn refused(line: &str) -> (String, String) {
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let error = Arguments::command(|_| true).try_get_matches_from(&words).expect_err(line);
    let failure = failure(&tree::whole(), &error, &words, None);
    let (message, hint) = failure.words();
    (message.to_owned(), hint.unwrap_or_default().to_owned())
}

#[track_caller]
fn assert_refused(line: &str, message: &str, hint: &str) {
    assert_eq!(refused(line), (message.to_owned(), hint.to_owned()), "{line}");
}

#[test]
fn an_unknown_command_is_answered_with_the_nearest_or_with_crhost_s_way_to_do_it() {
    assert_refused(
        "crhost registry lisst",
        "`crhost registry` has no command `lisst`",
        "did you mean `crhost registry list`?",
    );
    assert_refused(
        "crhost registry nosuch",
        "`crhost registry` has no command `nosuch`",
        "`crhost registry --help` lists its commands",
    );
    for word in ["images", "context", "ls", "rm", "stack", "secret"] {
        let (message, hint) = refused(&format!("crhost {word}"));
        assert_eq!(message, format!("`crhost` has no command `{word}`"));
        assert_eq!(hint, advice::for_command("crhost", word, &[]).expect(word));
    }
    assert_refused(
        "crhost stack update -c dev",
        "`crhost` has no command `stack`",
        "there are no stacks: `crhost registry use dev` makes a registry the default of every push",
    );
    assert_refused(
        "crhost sbom",
        "`crhost` has no command `sbom`",
        "`crhost --help` lists its commands; a program `crhost-sbom` on the PATH would be one, too",
    );
    for line in ["crhost diff", "crhost diff crhost.toml"] {
        let (message, hint) = refused(line);
        assert!(
            message.starts_with("`crhost diff` needs `<REF>`") && hint.contains("`crhost apply --dry-run`"),
            "{line}"
        );
    }
    assert_refused("crhost train:v3", "`crhost` has no command `train:v3`", "`crhost push train:v3` pushes an image");
}

#[test]
fn the_names_of_other_tools_for_the_same_command_are_taken() {
    for line in ["registry ls", "registry rm x", "registry inspect x", "registry get x", "connector ls", "flavor rm x"]
    {
        let words = std::iter::once("crhost").chain(line.split(' '));
        assert!(Arguments::command(|_| true).try_get_matches_from(words).is_ok(), "{line}");
    }
}

#[test]
fn fields_before_the_connector_s_name_are_answered_with_the_order() {
    assert_refused(
        "crhost connector register --type docker --username=a ci",
        "`crhost connector register` has no option `--username`",
        "the connector's NAME comes before its fields: `crhost connector register NAME --FIELD=VALUE`",
    );
}

#[test]
fn a_wrong_value_is_shown_once_with_what_was_expected() {
    let help = "`crhost push --help` tells more";
    assert_refused("crhost push x --jobs abc", "`abc` is invalid for `--jobs`, expected a number from 1 to 64", help);
    assert_refused("crhost push x --jobs 65", "`65` is invalid for `--jobs`, expected a number from 1 to 64", help);
    for value in ["0", "5x", "-1", "8d"] {
        let expected = "expected a duration from 1s to 7days, such as `90`, `90s`, `5m` or `1h30m`";
        let message = format!("`{value}` is invalid for `--timeout`, {expected}");
        assert_refused(&format!("crhost push x --timeout={value}"), &message, help);
    }
    assert_refused(
        "crhost -o xml registry list",
        "`xml` is invalid for `--output`, expected `table` or `json` or `name`",
        "`crhost registry list --help` tells more",
    );
    assert_refused(
        "crhost registry list -o jsn",
        "`jsn` is invalid for `--output`, expected `table` or `json` or `name`",
        "did you mean `json`?",
    );
    let (message, _) = refused("crhost push x --tag a/b");
    assert_eq!(message.matches("a/b").count(), 1, "{message}");
    assert!(message.starts_with("`--tag`: `a/b` is "), "{message}");
}

#[test]
fn what_is_missing_or_excluded_is_named() {
    let (message, hint) = refused("crhost registry register dev");
    assert_eq!(message, "`crhost registry register` needs `--flavor <FLAVOR>`, `--uri <URI>`");
    assert!(hint.starts_with("`crhost registry register"), "{hint}");
    let (message, _) = refused("crhost push x --digest-file d --dry-run");
    assert_eq!(message, "`--digest-file` excludes `--dry-run`");
    let (message, _) = refused("crhost push x --as a --as b");
    assert_eq!(message, "`--as` is given twice");
    assert_refused(
        "crhost push x y",
        "`crhost push` takes no further argument, and not `y`",
        "`crhost push --help` tells more",
    );
    assert_refused(
        "crhost push x --badflag",
        "`crhost push` has no option `--badflag`",
        "`crhost push --help` tells more",
    );
}
