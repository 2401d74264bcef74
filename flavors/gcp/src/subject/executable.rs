//! The answer of a program that a file of an external account names (google-auth 2.62.2, `pluggable.py`). crhost runs
//! it where the user allowed it by writing it, and the flavor reads what it printed, or left in its file.

use crhost_flavor::id_tokens::quoted;
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Secret};

use crate::file::File;
use crate::given::EXECUTABLE_RESPONSE;

/// The members of an answer that are no secrets.
pub(crate) const PUBLIC: [&str; 6] = ["code", "expiration_time", "message", "success", "token_type", "version"];

/// The members of an answer that are tokens.
pub(crate) const TOKENS: [&str; 2] = ["id_token", "saml_response"];

/// The greatest version of answers (`EXECUTABLE_SUPPORTED_MAX_VERSION`).
const VERSION: f64 = 1.0;

/// What google-auth tells a program, in variables.
const AUDIENCE: &str = "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE";
const TOKEN_TYPE: &str = "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE";
const INTERACTIVE: &str = "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE";
const ID: &str = "GOOGLE_EXTERNAL_ACCOUNT_ID";
const EMAIL: &str = "GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL";
const OUTPUT_FILE: &str = "GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE";

/// The token in what a program printed, at a Unix time in seconds.
pub(crate) fn token(printed: &Secret, now: u64) -> Result<Secret, Failure> {
    let member = member(printed, now)?;
    printed.member(member).ok_or_else(|| lacks(member))
}

/// The member of what a program printed that is the token.
fn member(printed: &Secret, now: u64) -> Result<&'static str, Failure> {
    let number = |name: &str| printed.public_member(name).and_then(|text| text.parse::<f64>().ok());
    let version = number("version").ok_or_else(|| lacks("version"))?;
    if version > VERSION {
        return Err(Failure::unsupported(format!(
            "what the program of the external account printed has version {version}, expected 1"
        ))
        .hint("write it as `executable-sourced credentials` in Google's documentation have it"));
    }
    let success = printed.public_member("success").ok_or_else(|| lacks("success"))?;
    if success != "true" {
        let said = |name: &str| printed.public_member(name).map(|said| excerpt(&said, 300)).ok_or_else(|| lacks(name));
        let (code, message) = (said("code")?, said("message")?);
        return Err(Failure::unauthenticated(format!(
            "the program of the external account failed: {message} (code `{code}`)"
        ))
        .hint("run the program by hand, or log in where it gets its token"));
    }
    // As google-auth has it: a token that ends right now has not ended.
    if number("expiration_time").is_some_and(|end| (end as u64) < now) {
        return Err(Failure::unauthenticated("the token that the program of the external account printed has ended")
            .hint("run the program by hand; if it keeps answers in a file, remove that"));
    }
    let token_type = printed.public_member("token_type").ok_or_else(|| lacks("token_type"))?;
    let [id_token, saml] = TOKENS;
    match token_type.strip_prefix("urn:ietf:params:oauth:token-type:") {
        Some("jwt" | "id_token") => Ok(id_token),
        Some("saml2") => Ok(saml),
        _ => {
            let found = excerpt(&token_type, 100);
            Err(Failure::unsupported(format!("the program of the external account printed a token of type `{found}`"))
                .hint("expected `urn:ietf:params:oauth:token-type:` and `id_token`, `jwt` or `saml2`"))
        }
    }
}

fn lacks(name: &str) -> Failure {
    Failure::invalid_input(format!("what the program of the external account printed has no `{name}`"))
        .hint("write it as `executable-sourced credentials` in Google's documentation have it")
}

/// The failure for a program that the user has not allowed: `executable` is its place in the file, and `email` the
/// service account that is impersonated.
pub(crate) fn not_allowed(executable: &File<'_>, file: &File<'_>, email: Option<&str>) -> Failure {
    let command = executable.public_member("command").unwrap_or_default();
    let failure = Failure::unauthenticated(format!(
        "the file's subject token comes of the program `{}`, and that was not allowed to be run",
        excerpt(&command, 200)
    ));
    let mut line = "env".to_owned();
    let output = executable.public_member("output_file");
    for (name, value) in [
        (AUDIENCE, file.public_member("audience").as_deref()),
        (TOKEN_TYPE, file.public_member("subject_token_type").as_deref()),
        (INTERACTIVE, Some("0")),
        (ID, email),
        (EMAIL, email),
        (OUTPUT_FILE, output.as_deref()),
    ] {
        if let Some(value) = value {
            line.push_str(&format!(" {}", quoted(&format!("{name}={value}"))));
        }
    }
    failure.hint(format!(
        "`crhost connector update NAME {}` allows it, with the variables that Google's own clients set",
        quoted(&format!("--{EXECUTABLE_RESPONSE}=@command:{line} {command}"))
    ))
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::Host;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    /// What google-auth makes of answers, by `executable.py`.
    #[derive(Deserialize)]
    struct Vectors {
        now: u64,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        answer: Value,
        /// The token, or the name of google-auth's error.
        outcome: Result<String, String>,
    }

    #[test]
    fn an_answer_is_read_as_google_s_own_client_reads_it() {
        let vectors: Vectors = serde_json::from_str(include_str!("executable.json")).unwrap();
        assert!(vectors.cases.len() > 15);
        let host = Host::at(vectors.now);
        for Case { answer, outcome } in vectors.cases {
            let printed = host.secret_json(&answer, &PUBLIC);
            match (token(&printed, vectors.now), outcome) {
                (Ok(_), Ok(expected)) => {
                    assert_eq!(answer[member(&printed, vectors.now).unwrap()], expected, "{answer}");
                }
                (Err(failure), Err(_)) => {
                    assert!(failure.hint.is_some() && !failure.message.contains('\n'), "{answer}: {}", failure.message);
                }
                (ours, theirs) => panic!("{answer}: {} and {theirs:?}", ours.is_ok()),
            }
        }
    }

    #[test]
    fn a_program_that_fails_is_told_in_its_own_words() {
        let host = Host::at(0);
        let answer = json!({"version": 1, "success": false, "code": "401", "message": "Caller\n not authorized."});
        let failure = token(&host.secret_json(&answer, &PUBLIC), 0).err().unwrap();
        assert_eq!(failure.kind, FailureKind::Unauthenticated);
        assert!(failure.message.ends_with("not authorized. (code `401`)"), "{}", failure.message);
    }

    #[test]
    fn a_program_that_is_not_allowed_is_named_with_the_words_that_allow_it() {
        let host = Host::at(0);
        let config = json!({
            "audience": "//iam.googleapis.com/a", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "credential_source": {"executable": {"command": "/opt/token --user 'a b'", "output_file": "/tmp/out"}},
        });
        let config = host.secret_json(&config, &crate::file::PUBLIC);
        let file = File::new(&config);
        let source = file.member("credential_source").unwrap();
        let executable = File::new(source.member("executable").unwrap());
        let failure = not_allowed(&executable, &file, None);
        assert!(failure.message.contains("`/opt/token --user 'a b'`"), "{}", failure.message);
        assert_eq!(
            failure.hint.unwrap(),
            "`crhost connector update NAME '--executable-response=@command:env \
             GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=//iam.googleapis.com/a \
             GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=urn:ietf:params:oauth:token-type:jwt \
             GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0 GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=/tmp/out \
             /opt/token --user '\\''a b'\\'''` allows it, with the variables that Google's own clients set"
        );
    }
}
