use std::path::Path;
use std::process::Command;

use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;
use crate::text::Escaped;

/// A helper's behaviour.
#[derive(Clone, Copy)]
pub(in crate::docker) enum Script<'a> {
    /// Has this user name for every registry.
    Answer(&'a str),
    /// Has the registry itself as user name.
    Echo,
    /// Has nothing.
    NotFound,
    /// Runs these lines.
    Lines(&'a str),
}

/// Puts a helper into a directory. A shell writes it: a file that this process itself had open for writing could be
/// "busy" when it is run, because other tests fork at the same time.
pub(in crate::docker) fn script(directory: &Path, name: &str, script: Script<'_>) {
    let lines = match script {
        Script::Answer(user) => format!(r#"echo '{{"ServerURL":"x","Username":"{user}","Secret":"s3cret"}}'"#),
        Script::Echo => r#"printf '{"Username":"%s","Secret":"s3cret"}' "$(cat)""#.to_owned(),
        Script::NotFound => format!("echo '{NOT_FOUND}'; exit 1"),
        Script::Lines(lines) => lines.to_owned(),
    };
    let written = Command::new("sh")
        .args(["-c", r#"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod 755 "$2""#, "sh", &lines])
        .arg(directory.join(format!("docker-credential-{name}")))
        .status();
    assert!(written.unwrap().success());
}

fn helpers(directory: &TempDir, timeout: Duration) -> Helpers {
    Helpers { search_path: directory.path().into(), is_asked_by_one: false, timeout }
}

/// What a helper with these lines gives: `user:password`, `token=…`, `absent`, or an error.
async fn run(lines: &str, limit: Duration) -> Result<String, HelperError> {
    let directory = tempfile::tempdir().unwrap();
    script(directory.path(), "x", Script::Lines(lines));
    let found = helpers(&directory, limit).get("x", "ghcr.io").await;
    if let Err(error) = &found {
        let all = format!("{error} {error:?} {}", error.hint().unwrap());
        assert!(!all.contains("s3cret") && !all.contains('\u{1b}'), "{all}");
        assert!(error.to_string().contains("`docker-credential-x`") && error.to_string().contains("`ghcr.io`"));
    }
    Ok(match found? {
        None => "absent".to_owned(),
        Some(Credential::Anonymous) => "anonymous".to_owned(),
        Some(Credential::Basic { username, password }) => format!("{username}:{}", password.expose_secret()),
        Some(Credential::IdentityToken(token)) => format!("token={}", token.expose_secret()),
    })
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_answer_becomes_a_credential() {
    for (lines, expected) in [
        (r#"[ "$*" = get ] && printf '{"Username":"%s","Secret":"p:w"}' "$(cat)""#, "ghcr.io:p:w"),
        (r#"echo '{"Username":"<token>","Secret":"t"}'"#, "token=t"),
        (r#"echo '{"Username":"u","Secret":"","Other":1}'"#, "u:"),
        (r#"echo '{"Username":"","Secret":""}'"#, "absent"),
        (r#"echo '{"Username":null}'"#, "absent"),
        ("echo '{}'", "absent"),
        (r#"echo '{"Username":7,"Secret":8}'"#, "7:8"),
        ("echo 'credentials not found in native keychain'; exit 1", "absent"),
        ("echo 'credentials not found in native keychain' >&2; exit 1", "absent"),
        // Standard error beside an answer is ignored, however long.
        (r#"head -c 300000 /dev/zero >&2; echo '{"Username":"u","Secret":"p"}'"#, "u:p"),
    ] {
        assert_eq!(run(lines, LONG).await.unwrap(), expected, "{lines}");
    }
}

#[tokio::test]
async fn a_process_that_stays_behind_with_standard_error_open_is_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("pid");
    // Longer than the limit, which would be the answer.
    let forever = LONG.as_secs() * 4;
    let answer = r#"echo '{"Username":"u","Secret":"p"}'"#;
    let lines = format!("sleep {forever} >/dev/null & echo $! > {}; {answer}", note.display());
    assert_eq!(run(&lines, LONG).await.unwrap(), "u:p");
    assert!(signal("KILL", &note), "it has ended");
}

/// Sends a signal to the process whose number a file holds; `false` if there is no such process.
fn signal(signal: &str, note: &Path) -> bool {
    let process = std::fs::read_to_string(note).unwrap();
    Command::new("sh")
        .args(["-c", r#"kill "-$1" "$2" 2>/dev/null"#, "sh", signal, process.trim()])
        .status()
        .unwrap()
        .success()
}

#[tokio::test]
async fn junk_is_an_error_and_never_shown() {
    for lines in [
        "echo s3cret",
        "true",
        r#"echo '["u","s3cret"]'"#,
        r#"echo '{"Username":["u"],"Secret":"s3cret"}'"#,
        r#"echo '{"Username":"<token>","Secret":""}'"#,
        r#"echo '{"Username":"u","Secret":"s3cret"} {"Username":"u"}'"#,
        r"printf '{\377s3cret'",
        // This message has its meaning only with a failure.
        "echo 'credentials not found in native keychain'",
    ] {
        let error = run(lines, LONG).await.expect_err(lines);
        assert!(matches!(error.failure, HelperFailure::Malformed), "{lines}: {error}");
    }
    let error = run("head -c 2000000 /dev/zero | tr '\\0' s", LONG).await.unwrap_err();
    assert!(matches!(error.failure, HelperFailure::TooLong), "{error}");
}

#[tokio::test]
async fn a_failure_shows_the_helpers_own_words_bounded_and_escaped() {
    for (lines, words) in [
        (r"printf '\033[31mlocked\n' >&2; exit 3", r"it ended with exit status: 3: \u{1b}[31mlocked"),
        ("echo 'pass not initialized: exit status 1'; exit 1", ": pass not initialized: exit status 1"),
        ("echo 'no agent'; echo usage >&2; exit 1", "exit status: 1: no agent"),
        (r#"echo '{"Username":"u","Secret":"s3cret"}'; exit 1"#, "it ended with exit status: 1"),
    ] {
        let error = run(lines, LONG).await.unwrap_err().to_string();
        assert!(error.ends_with(words), "{error}");
    }
    let error = run("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", LONG).await.unwrap_err().to_string();
    assert!(error.len() < 1000 && error.ends_with("xxx…"), "{error}");
    assert!(matches!(run("kill -9 $$", LONG).await.unwrap_err().failure, HelperFailure::Failed { .. }));
}

#[tokio::test]
async fn a_helper_that_hangs_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("pid");
    let lines = format!("echo $$ > {}; exec sleep {}", note.display(), LONG.as_secs());
    script(directory.path(), "x", Script::Lines(&lines));
    // Enough for a loaded machine to start a shell; had the helper ended by itself, the failure would be another one.
    let error = helpers(&directory, Duration::from_secs(2)).get("x", "ghcr.io").await.err().unwrap();
    assert!(matches!(error.failure, HelperFailure::Timeout(_)), "{error}");
    assert!(!signal("0", &note), "it is still running");
}

#[tokio::test]
async fn a_helper_that_cannot_be_found_or_run_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(format!("docker-credential-{name}"));
    std::fs::write(file("plain"), "#!/bin/sh\n").unwrap();
    std::fs::create_dir(file("directory")).unwrap();
    script(directory.path(), "good", Script::Answer("u"));
    std::os::unix::fs::symlink("/nonexistent", file("dangling")).unwrap();
    let ask = async |name: &str| helpers(&directory, LONG).get(name, "ghcr.io").await.err().expect(name).failure;
    for name in ["nothing", "directory", "dangling"] {
        assert!(matches!(ask(name).await, HelperFailure::Missing), "{name}");
    }
    assert!(matches!(ask("plain").await, HelperFailure::NotExecutable(path) if path == Escaped::from(file("plain"))));
    for name in ["", "../good", "good/../good", "/bin/sh", "good get", "good\0", "göod", "good\n"] {
        assert!(matches!(ask(name).await, HelperFailure::Name), "{name:?}");
    }
}

#[tokio::test]
async fn only_absolute_directories_are_searched_and_what_is_not_executable_is_passed_over() {
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    std::fs::write(first.path().join("docker-credential-x"), "").unwrap();
    script(second.path(), "x", Script::Answer("u"));
    let path = |directories: &[&Path]| {
        Helpers::new(&Environment::from_iter([("PATH", std::env::join_paths(directories).unwrap())]))
    };
    assert!(path(&[first.path(), second.path()]).get("x", "ghcr.io").await.unwrap().is_some());
    for relative in ["", ".", "../../../../../../../../../../tmp"] {
        let error = path(&[Path::new(relative)]).get("x", "ghcr.io").await.err().unwrap();
        assert!(matches!(error.failure, HelperFailure::Missing), "{relative}");
    }
}

#[tokio::test]
async fn a_helper_hears_that_crhost_asks_and_is_not_asked_by_what_it_starts() {
    let directory = tempfile::tempdir().unwrap();
    let lines = r#"echo "{\"Username\":\"asked-$CRHOST_IN_HELPER\",\"Secret\":\"s3cret\"}""#;
    script(directory.path(), "x", Script::Lines(lines));
    let path = ("PATH", directory.path().as_os_str());
    let asked = Helpers::new(&Environment::from_iter([path])).get("x", "ghcr.io").await.unwrap();
    assert!(matches!(asked, Some(Credential::Basic { username, .. }) if username == "asked-1"));
    let inside = Environment::from_iter([path, ("CRHOST_IN_HELPER", "1".as_ref())]);
    assert!(Helpers::new(&inside).get("x", "ghcr.io").await.unwrap().is_none());
}
