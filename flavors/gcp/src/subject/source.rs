//! What sources of subject tokens have in common: their addresses, their answers, and the next steps.

use crhost_flavor::http::Response;
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, FailureKind};

use crate::given;
use crate::refusal::words_of;

/// The service of a machine's metadata at AWS and at Azure, at one address.
pub(super) const METADATA: &str = "http://169.254.169.254";

/// The member of JSON that is the token; `None` if the whole answer is.
pub(crate) fn member_of(format: Option<&str>) -> Result<Option<String>, Failure> {
    let format = format.and_then(|format| serde_json::from_str::<serde_json::Value>(format).ok());
    let Some(format) = format else { return Ok(None) };
    let text = |name: &str| format.get(name).and_then(serde_json::Value::as_str);
    match (text("type"), text("subject_token_field_name")) {
        (None | Some("text"), _) => Ok(None),
        (Some("json"), Some(name)) => Ok(Some(name.to_owned())),
        _ => Err(Failure::invalid_input(
            "the file's `credential_source` has a `format` that is neither `text` nor `json`",
        )
        .hint("`json` needs `subject_token_field_name`")),
    }
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// Fails unless an answer of a source is a success; `hint` is the next step.
pub(super) fn success(response: Response, url: &str, hint: &str) -> Result<Response, Failure> {
    let who = format!("`{}`, which the file names for the subject token,", excerpt(&origin(url), 200));
    let is_html = response.body.trim_ascii_start().first() == Some(&b'<');
    let said = if is_html { ": an HTML page".to_owned() } else { words_of(&response) };
    if let Some(failure) = response.unavailable(&who, said.trim_start_matches(": ")) {
        return Err(failure);
    }
    match response.status {
        200..=299 if !is_html => Ok(response),
        status => Err(Failure::unauthenticated(format!("{who} answered {status}{said}")).hint(hint)),
    }
}

/// The failure for an address that is closed, or gives no answer.
pub(super) fn closed(failure: Failure, url: &str, flag: &str, otherwise: &str) -> Failure {
    let origin = origin(url);
    let flag = if origin == METADATA { "--allow-metadata gcp".to_owned() } else { format!("{flag} {origin}") };
    let message = format!("the file names `{}` for the subject token: {}", excerpt(&origin, 200), failure.message);
    let hint = match failure.kind {
        FailureKind::Denied => format!("`{flag}` when registering the registry lets it be asked; {otherwise}"),
        _ => otherwise.to_owned(),
    };
    Failure { message, ..failure }.hint(hint)
}

/// Whether a text is a URL of the web.
pub(super) fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'))
}

/// How crhost gets the token in place of a source: it asks CI systems and runs programs that the user names, for the
/// audience that google-github-actions/auth asks for: the provider's with `https:` in front.
pub(super) fn by_crhost(audience: &str) -> String {
    let audience = excerpt(audience, 200);
    format!(
        "or have crhost ask for the token: store the connector with `--{}=@oidc:https:{audience}`",
        given::SUBJECT_TOKEN
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_be_a_member_of_json() {
        let of = |format: &str| member_of(Some(format));
        assert_eq!(member_of(None), Ok(None));
        assert_eq!(of(r#"{"type":"text"}"#), Ok(None));
        assert_eq!(of("{}"), Ok(None));
        let json = r#"{"type":"json","subject_token_field_name":"id_token"}"#;
        assert_eq!(of(json), Ok(Some("id_token".to_owned())));
        assert!(of(r#"{"type":"json"}"#).is_err());
        assert!(of(r#"{"type":"xml"}"#).is_err());
    }

    #[test]
    fn an_address_that_is_closed_comes_with_the_words_that_open_it() {
        let hint = |url| closed(Failure::denied("no"), url, "--allow-host", "or not").hint.unwrap();
        assert!(hint("http://169.254.169.254/x").contains("`--allow-metadata gcp`"));
        assert!(hint("https://a.example/x?y").contains("`--allow-host https://a.example`"));
        assert_eq!(closed(Failure::unavailable("no"), "https://a/x", "", "or not").hint.unwrap(), "or not");
    }
}
