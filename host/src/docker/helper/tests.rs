use std::path::Path;
use std::time::Instant;

use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;

/// What a helper for a test does.
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
    let written = std::process::Command::new("sh")
        .args(["-c", r#"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod 755 "$2""#, "sh", &lines])
        .arg(directory.join(format!("docker-credential-{name}")))
        .status();
    assert!(written.unwrap().success());
}

fn helpers(directory: &TempDir, limit: Duration) -> Helpers {
    Helpers { search_path: directory.path().into(), limit }
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
        ("echo 'credentials not found in native keychain'; exit 1", "absent"),
        // What is said beside the answer does not matter, however much it is.
        (r#"head -c 300000 /dev/zero >&2; echo '{"Username":"u","Secret":"p"}'"#, "u:p"),
        // Nor does a process that stays behind with standard error open.
        (r#"sleep 20 >/dev/null & echo '{"Username":"u","Secret":"p"}'"#, "u:p"),
    ] {
        let start = Instant::now();
        assert_eq!(run(lines, LONG).await.unwrap(), expected, "{lines}");
        assert!(start.elapsed() < Duration::from_secs(10), "{lines}");
    }
}

#[tokio::test]
async fn junk_is_an_error_and_never_shown() {
    for lines in [
        "echo s3cret",
        "true",
        r#"echo '["u","s3cret"]'"#,
        r#"echo '{"Username":"u"}'"#,
        r#"echo '{"Username":7,"Secret":"s3cret"}'"#,
        r#"echo '{"Username":"<token>","Secret":""}'"#,
        r#"echo '{"Username":"u","Secret":"s3cret"} {"Username":"u"}'"#,
        r"printf '{\377s3cret'",
        // This message counts only with a failure.
        "echo 'credentials not found in native keychain'",
    ] {
        let error = run(lines, LONG).await.expect_err(lines);
        assert!(matches!(error.failure, HelperFailure::Malformed), "{lines}: {error}");
    }
    let error = run("head -c 2000000 /dev/zero | tr '\\0' s", LONG).await.unwrap_err();
    assert!(matches!(error.failure, HelperFailure::TooLong), "{error}");
}

#[tokio::test]
async fn a_failure_is_told_in_the_helpers_own_words_bounded_and_escaped() {
    let lines = r"echo s3cret; printf '\033[31mlocked\n' >&2; exit 3";
    let error = run(lines, LONG).await.unwrap_err().to_string();
    assert!(error.ends_with(r"it ended with exit status: 3: \u{1b}[31mlocked"), "{error}");
    let error = run("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", LONG).await.unwrap_err().to_string();
    assert!(error.len() < 1000 && error.ends_with("xxx…"), "{error}");
    assert!(matches!(run("kill -9 $$", LONG).await.unwrap_err().failure, HelperFailure::Failed { .. }));
}

#[tokio::test]
async fn a_helper_that_hangs_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("pid");
    let lines = format!("echo $$ > {}; exec sleep 30", note.display());
    script(directory.path(), "x", Script::Lines(&lines));
    let start = Instant::now();
    let error = helpers(&directory, Duration::from_secs(1)).get("x", "ghcr.io").await.err().unwrap();
    assert!(matches!(error.failure, HelperFailure::Timeout(_)) && start.elapsed() < Duration::from_secs(10), "{error}");
    let process = std::fs::read_to_string(note).unwrap();
    assert!(!Path::new("/proc").join(process.trim()).exists());
}

#[tokio::test]
async fn a_helper_that_cannot_be_found_or_run_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(format!("docker-credential-{name}"));
    std::fs::write(file("plain"), "#!/bin/sh\n").unwrap();
    std::fs::create_dir(file("folder")).unwrap();
    script(directory.path(), "good", Script::Answer("u"));
    std::os::unix::fs::symlink("/nonexistent", file("dangling")).unwrap();
    let ask = async |name: &str| helpers(&directory, LONG).get(name, "ghcr.io").await.err().expect(name).failure;
    for name in ["nothing", "folder", "dangling"] {
        assert!(matches!(ask(name).await, HelperFailure::Missing), "{name}");
    }
    assert!(matches!(ask("plain").await, HelperFailure::NotExecutable(path) if path == file("plain")));
    for name in ["", "../good", "good/../good", "/bin/sh", "good get", "good\0", "göod", "good\n"] {
        assert!(matches!(ask(name).await, HelperFailure::Name), "{name:?}");
    }
}

#[tokio::test]
async fn only_absolute_directories_are_searched_and_what_is_not_executable_is_passed_over() {
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    std::fs::write(first.path().join("docker-credential-x"), "").unwrap();
    script(second.path(), "x", Script::Answer("u"));
    let path = |directories: &[&Path]| Helpers::new(&std::env::join_paths(directories).unwrap());
    assert!(path(&[first.path(), second.path()]).get("x", "ghcr.io").await.unwrap().is_some());
    for relative in ["", ".", "../../../../../../../../../../tmp"] {
        let error = path(&[Path::new(relative)]).get("x", "ghcr.io").await.err().unwrap();
        assert!(matches!(error.failure, HelperFailure::Missing), "{relative}");
    }
}
