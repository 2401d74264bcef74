//! A URL that answers with the token: of GitHub Actions, as google-github-actions/auth writes it into its file, of a
//! machine in Azure, or of any other host that the user granted.

use crhost_flavor::http::{Method, Request};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Operation, Secret, oauth};

use super::source::{METADATA, by_crhost, closed, is_url, member_of, success};
use crate::file::File;

/// The member of the headers that authorizes a request.
const AUTHORIZATION: &str = "Authorization";

/// Where jobs of GitHub Actions ask for id tokens: the paths of `ACTIONS_ID_TOKEN_REQUEST_URL`, of today and of before,
/// some with an empty component.
const GITHUB: &str = "https://*.actions.githubusercontent.com";
const GITHUB_PATHS: [&str; 5] = [
    "/*//idtoken/*/*",
    "/*//idtoken/*/*/",
    "/*/idtoken/*/*",
    "/*/_apis/distributedtask/hubs/*/plans/*/jobs/*/idtoken",
    "/*//_apis/distributedtask/hubs/*/plans/*/jobs/*/idtoken",
];

/// The path at which a machine in Azure gets tokens.
const AZURE_PATH: &str = "/metadata/identity/oauth2/token";

/// A request that the file describes.
pub(crate) struct Url {
    url: String,
    authorization: Option<Secret>,
    is_metadata: bool,
    member: Option<String>,
}

/// The request with what authorizes it in the file in `field`.
pub(crate) fn by_job(field: &str) -> Operation {
    let operation = Operation::new("subject-token", "Asks GitHub Actions for the id token of the job");
    let operation = GITHUB_PATHS.into_iter().fold(operation.get().host(GITHUB), Operation::path);
    let operation = operation.query("api-version").query("audience").header_secret("authorization", "", field);
    operation.member(AUTHORIZATION)
}

/// The request of a machine in Azure.
pub(crate) fn by_azure() -> Operation {
    Operation::new("subject-token-azure", "Asks the metadata of a machine in Azure for its token")
        .get()
        .host(METADATA)
        .path(AZURE_PATH)
        .query("api-version")
        .query("resource")
        .query("client_id")
        .header_of("metadata", ["True"])
}

impl Url {
    /// The request of a file's source; `None` if that names no URL.
    pub(crate) fn read(source: &File<'_>) -> Result<Option<Self>, Failure> {
        let Some(url) = source.public_member("url") else { return Ok(None) };
        if !is_url(&url) {
            return Err(Failure::invalid_input(format!(
                "the file's source is `{}`, expected a URL",
                excerpt(&url, 200)
            ))
            .hint("use the file as it was written"));
        }
        let headers = source.member("headers");
        let authorization = headers.as_ref().and_then(|headers| headers.member(AUTHORIZATION));
        let metadata = headers.as_ref().and_then(|headers| headers.public_member("Metadata"));
        let is_metadata = metadata.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let member = member_of(source.public_member("format").as_deref())?;
        Ok(Some(Self { url, authorization, is_metadata, member }))
    }

    /// The token.
    pub(crate) fn token(&self, audience: &str) -> Result<String, Failure> {
        let mut request = Request::new(Method::Get, &self.url).header("accept", "application/json");
        let mut flag = "--allow-host";
        if let Some(secret) = &self.authorization {
            (request, flag) = (request.header("authorization", secret), "--allow-secret-host");
        }
        if self.is_metadata {
            request = request.header("metadata", "True");
        }
        let otherwise = by_crhost(audience);
        let response = request.send().map_err(|error| closed(error.into(), &self.url, flag, &otherwise))?;
        let response = success(response, &self.url, "the job's request token ends with the job: run it again")?;
        let token = match &self.member {
            Some(member) => oauth::token(&response.json(), member),
            None => String::from_utf8(response.body).ok().map(|text| text.trim().to_owned()),
        };
        let is_token = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        token.filter(is_token).ok_or_else(|| {
            let what = self.member.as_ref().map_or_else(|| "a token".to_owned(), |name| format!("JSON with `{name}`"));
            Failure::unauthenticated(format!("the file's source gave no subject token, expected {what}"))
                .hint("compare the answer with the `format` of the file's `credential_source`")
        })
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::{Host, answer};
    use serde_json::{Value, json};

    use super::*;
    use crate::Gcp;
    use crate::file::PUBLIC;

    const URL: &str = "https://run-actions-3-azure-eastus.actions.githubusercontent.com/232//idtoken/76ee/35c7\
                       ?api-version=2.0&audience=https%3A%2F%2Fiam.googleapis.com%2Fprojects%2F1";

    fn source(url: &str, headers: &Value) -> Value {
        let format = json!({"type": "json", "subject_token_field_name": "value"});
        json!({"url": url, "headers": headers, "format": format})
    }

    fn token(host: &Host, source: &Value) -> Result<String, Failure> {
        let file = host.secret_json(&json!({"credential_source": source}), &PUBLIC);
        let source = File::new(file.member("credential_source").unwrap());
        Url::read(&source)?.unwrap().token("//iam.googleapis.com/projects/1")
    }

    #[test]
    fn the_file_of_google_s_action_is_asked_as_it_says() {
        let github = source(URL, &json!({"Authorization": "Bearer r3quest"}));
        let host = Host::at(0).answers(Method::Get, URL, answer(200, r#"{"count":1,"value":"a.b.c"}"#));
        assert_eq!(token(&host, &github).unwrap(), "a.b.c");
        assert_eq!(host.sent()[0].header("authorization"), Some("Bearer r3quest"));
    }

    #[test]
    fn a_machine_in_azure_is_asked_with_its_header() {
        let url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2Fx";
        let azure = source(url, &json!({"Metadata": "True"}));
        let host = Host::at(0).holding::<Gcp>().answers(Method::Get, url, answer(200, r#"{"value":"a.b.c"}"#));
        assert_eq!(token(&host, &azure).unwrap(), "a.b.c");
    }

    #[test]
    fn what_is_no_token_is_told_in_one_line() {
        for (status, body, kind, words) in [
            (401, r#"{"message":"expired"}"#, FailureKind::Unauthenticated, "answered 401"),
            (200, "<!doctype html><title>Login</title>", FailureKind::Unauthenticated, "answered 200: an HTML page"),
            (200, r#"{"id_token":"a.b.c"}"#, FailureKind::Unauthenticated, "expected JSON with `value`"),
            (200, r#"{"value":"a\nb"}"#, FailureKind::Unauthenticated, "expected JSON with `value`"),
            (503, "", FailureKind::Unavailable, "503"),
        ] {
            let host = Host::at(0).answers(Method::Get, URL, answer(status, body));
            let failure = token(&host, &source(URL, &json!({"Authorization": "Bearer r"}))).unwrap_err();
            assert_eq!(failure.kind, kind, "{body}");
            assert!(failure.message.contains(words) && !failure.message.contains('\n'), "{}", failure.message);
        }
        let host = Host::at(0);
        assert!(token(&host, &source("/token", &json!({}))).unwrap_err().message.contains("expected a URL"));
    }
}
