//! Oracle's API with a user's API key: short logins for the registry, and its repositories.
//!
//! The login is that of Oracle's credential provider for kubelets
//! (<https://github.com/oracle-devrel/oke-credential-provider-for-ocir>, `internal/provider/provider.go`); repositories
//! are those of `oci.artifacts.ArtifactsClient` 2.189.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crhost_flavor::canonical;
use crhost_flavor::hash::sha256;
use crhost_flavor::http::{Hints, Method, Request, Response, SecretValue, Service};
use crhost_flavor::{Connector, Credential, Failure, Operation, Options, Password, Secret, clock, time};
use serde_json::{Value, json};

use crate::sign::{SCHEME, authorization};
use crate::uri;

/// The option that names another API of repositories.
pub(crate) const ENDPOINT: &str = "artifacts-endpoint";
/// The option that names another issuer of logins.
pub(crate) const LOGIN_ENDPOINT: &str = "login-endpoint";
/// The option that has a missing repository created.
pub(crate) const CREATE: &str = "create-repository";
/// The option that names the compartment of repositories that are created.
pub(crate) const COMPARTMENT: &str = "compartment";
/// The option that has repositories created whose images can't be replaced.
pub(crate) const IMMUTABLE: &str = "immutable";

/// The user's name of a login that the API gives.
const TOKEN_USER: &str = "BEARER_TOKEN";

/// The path of logins, at the registry's own host.
const LOGIN: &str = "/20180419/docker/token";

/// The path of repositories.
const REPOSITORIES: &str = "/20160918/container/repositories";

/// Seconds that a login is believed to last at most: Oracle's own last an hour.
const LONGEST: u64 = 24 * 3_600;

const SERVICE: Service<'_> = Service {
    name: "Oracle",
    credential: "the API key",
    error_pointers: &["/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "`oci setup config` makes a key and shows its fingerprint; it has to be added to the user",
        denied: "a policy has to let the user's group `manage repos` in the compartment",
        other: "check the option `artifacts-endpoint`",
    },
};

/// All operations.
pub(crate) fn operations() -> [Operation; 3] {
    let operation = |name, summary| {
        Operation::new(name, summary).header("date").signature_header("authorization", SCHEME, "private-key")
    };
    let of_repositories = |name, summary| {
        operation(name, summary).host("https://artifacts.*.oci.oraclecloud.com").endpoint(ENDPOINT).path(REPOSITORIES)
    };
    [
        operation("issue-login", "Has a login of an hour issued")
            .get()
            .host("https://{registry}")
            .endpoint(LOGIN_ENDPOINT)
            .path(LOGIN),
        of_repositories("check-repository", "Looks for the image's repository before a push")
            .get()
            .query("compartmentId")
            .query("compartmentIdInSubtree")
            .query("displayName"),
        of_repositories("create-repository", "Creates a missing repository, where the option says so")
            .post()
            .header("x-content-sha256")
            .body("compartmentId")
            .body("displayName")
            .body("isPublic")
            .body("isImmutable"),
    ]
}

/// A user's API key.
pub(crate) struct ApiKey<'a> {
    key: &'a Secret,
    tenancy: &'a str,
    id: String,
}

impl<'a> ApiKey<'a> {
    /// That of a connector.
    pub(crate) fn of(connector: &'a Connector) -> Result<Self, Failure> {
        let [tenancy, user, fingerprint] = ["tenancy", "user", "fingerprint"].map(|name| connector.required_text(name));
        let (tenancy, user, fingerprint) = (tenancy?, user?, fingerprint?);
        for (name, value, kind) in [("tenancy", tenancy, "ocid1.tenancy."), ("user", user, "ocid1.user.")] {
            let is_ocid = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
            if !value.starts_with(kind) || !is_ocid {
                return Err(Failure::invalid_input(format!("field `{name}` is `{value}`, expected `{kind}…`"))
                    .hint("the file `~/.oci/config` has it"));
            }
        }
        let is_byte = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if fingerprint.split(':').count() != 16 || !fingerprint.split(':').all(is_byte) {
            return Err(Failure::invalid_input(format!(
                "field `fingerprint` is `{fingerprint}`, expected 16 hexadecimal bytes with colons between"
            ))
            .hint("the file `~/.oci/config` has it"));
        }
        let id = format!("{tenancy}/{user}/{fingerprint}");
        Ok(Self { key: connector.required_secret("private-key")?, tenancy, id })
    }

    /// Sends a signed request; `body` is JSON, or nothing.
    fn send(&self, method: Method, url: &str, body: Option<&Value>) -> Result<Response, Failure> {
        let host = canonical::host(url);
        let path = url.split_once(host).map_or("/", |(_, path)| path);
        let date = time::to_http(clock::now());
        let target = format!("{} {path}", if method == Method::Get { "get" } else { "post" });
        let body = body.map(Value::to_string);
        let of_body = body.as_ref().map(|body| {
            let digest = STANDARD.encode(sha256(&[body.as_bytes()]));
            (body.len().to_string(), digest)
        });
        const JSON: &str = "application/json";
        let mut signed = vec![("date", date.as_str()), ("(request-target)", &target), ("host", host)];
        if let Some((length, digest)) = &of_body {
            signed.extend([("content-length", length.as_str()), ("content-type", JSON), ("x-content-sha256", digest)]);
        }
        let value = authorization(self.key, &self.id, &signed)?;
        let mut request = Request::new(method, url)
            .header("date", date.as_str())
            .header("authorization", SecretValue::new(&value).before(SCHEME));
        if let (Some(body), Some((_, digest))) = (body, &of_body) {
            request = request.header("content-type", JSON).header("x-content-sha256", digest.as_str()).body(body);
        }
        Ok(request.send()?)
    }

    /// A login for the registry at a host.
    pub(crate) fn login(&self, host: &str, options: &Options) -> Result<Credential, Failure> {
        let issuer = options.url(LOGIN_ENDPOINT).unwrap_or_else(|| format!("https://{host}"));
        let response = self.send(Method::Get, &format!("{issuer}{LOGIN}"), None)?;
        let body = SERVICE.object(&response)?;
        let token = body.get("token").and_then(Value::as_str).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| SERVICE.unreadable())?.to_owned();
        let seconds = body.get("expires_in").and_then(Value::as_u64).filter(|seconds| *seconds > 0);
        let end = seconds.map(|seconds| clock::now().saturating_add(seconds.min(LONGEST)));
        let basic = Credential::basic(TOKEN_USER, Password::Plain(token));
        Ok(basic.expires_at(end).for_whole_registry().into())
    }

    /// Looks for the repository of an image, and creates a missing one if the options say so; gives a note.
    pub(crate) fn check(&self, host: &str, name: &str, options: &Options) -> Result<Option<String>, Failure> {
        let service = uri::region(host).map(|(region, domain)| format!("https://artifacts.{region}.oci.{domain}"));
        let create = options.flag(CREATE).unwrap_or(false);
        let Some(service) = options.url(ENDPOINT).or(service) else {
            return Ok(Some(format!(
                "whether the repository `{name}` exists was not checked: the region of `{host}` is not known"
            )));
        };
        let url = format!("{service}{REPOSITORIES}");
        let query = canonical::query([
            ("compartmentId", self.tenancy),
            ("compartmentIdInSubtree", "true"),
            ("displayName", name),
        ]);
        let found = self.send(Method::Get, &format!("{url}?{query}"), None);
        match found.and_then(|response| exists(&response, name)) {
            Ok(true) => Ok(None),
            Err(failure) if failure.kind == crhost_flavor::FailureKind::Denied && !create => {
                Ok(Some(format!("whether the repository `{name}` exists was not checked: {}", failure.message)))
            }
            Err(failure) => Err(failure),
            Ok(false) if !create => Ok(Some(format!(
                "there is no repository `{name}` that the key sees: the push creates it in the root compartment, if the \
                 user may; `--option {CREATE}=true --option {COMPARTMENT}=…` creates it elsewhere"
            ))),
            Ok(false) => {
                let compartment = options.get(COMPARTMENT).unwrap_or(self.tenancy);
                let immutable = options.flag(IMMUTABLE).unwrap_or(false);
                let body = json!({
                    "compartmentId": compartment,
                    "displayName": name,
                    "isImmutable": immutable,
                    "isPublic": false,
                });
                created(&self.send(Method::Post, &url, Some(&body))?, name)
            }
        }
    }
}

/// Whether the list has a repository. Oracle says 404 of a compartment that the key may not see.
fn exists(response: &Response, name: &str) -> Result<bool, Failure> {
    if response.status == 404 {
        let said = SERVICE.said(response);
        return Err(Failure::denied(format!("the key may not list repositories{said}")).hint(SERVICE.hints.denied));
    }
    let body = SERVICE.object(response)?;
    let items = body.get("items").and_then(Value::as_array).ok_or_else(|| SERVICE.unreadable())?;
    Ok(items.iter().any(|item| item.get("displayName").and_then(Value::as_str) == Some(name)))
}

/// Reads the answer to a creation, and gives a note. One that another push made in between is as good.
fn created(response: &Response, name: &str) -> Result<Option<String>, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        409 => Ok(None),
        404 => Err(Failure::denied(format!("the user may not create the repository `{name}` there{said}"))
            .hint(SERVICE.hints.denied)),
        _ => SERVICE.check(response).map(|()| Some(format!("the repository `{name}` was created"))),
    }
}
