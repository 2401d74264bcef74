//! The API of Huawei Cloud's registry (<https://support.huaweicloud.com/intl/en-us/api-swr/swr_02_0032.html>; the
//! requests are those of `huaweicloudsdkswr` 3.1.219).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crhost_flavor::canonical::{self, Canonical};
use crhost_flavor::http::{Hints, Method, Request, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Credential, Failure, Operation, Options, Password, Secret, clock, time};
use serde_json::{Value, json};

use crate::sign::{ALGORITHM, sign};
use crate::uri;

/// The option that names another API; the region's own by default.
pub(crate) const ENDPOINT: &str = "swr-endpoint";

/// Seconds that a login is believed to last at most.
const LONGEST: u64 = 24 * 3_600;

const SERVICE: Service<'_> = Service {
    name: "Huawei Cloud",
    credential: "the access key",
    error_pointers: &["/errors/0/errorMessage", "/error_msg", "/errors/0/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "create an access key below My Credentials and update the connector",
        denied: "give the user the permission to edit or manage the organization, or the policy `SWR FullAccess`",
        other: "check the options `project-id` and `swr-endpoint`",
    },
};

const SECRET: &str = "/v2/manage/utils/secret";
const NAMESPACES: &str = "/v2/manage/namespaces";

/// All operations.
pub(crate) fn operations() -> [Operation; 3] {
    let operation = |name, summary| {
        Operation::new(name, summary)
            .host("https://swr-api.*.myhuaweicloud.com")
            .host("https://swr-api.*.myhuaweicloud.eu")
            .endpoint(ENDPOINT)
            .header("x-sdk-date")
            .header("x-project-id")
            .header_secret("x-security-token", "", "security-token")
            .signature_header("authorization", ALGORITHM, "secret-access-key")
    };
    [
        operation("issue-login", "Has a login of some hours issued").post().path(SECRET).query("projectname"),
        operation("check-organization", "Looks for the organization of an image before a push")
            .get()
            .path(format!("{NAMESPACES}/*")),
        operation("create-organization", "Creates a missing organization, where the option says so")
            .post()
            .path(NAMESPACES),
    ]
}

/// The API of a region, with an access key.
pub(crate) struct SwrApi<'a> {
    url: String,
    region: Option<String>,
    project: Option<String>,
    id: &'a str,
    key: &'a Secret,
    token: Option<&'a Secret>,
}

impl<'a> SwrApi<'a> {
    /// The API of a registry's region, or at the option's address.
    pub(crate) fn new(connector: &'a Connector, host: &str, options: &Options) -> Result<Self, Failure> {
        let of_host = uri::region(host);
        let service = of_host.map(|(region, domain)| format!("https://swr-api.{region}.{domain}"));
        let url = options.url(ENDPOINT).or(service).ok_or_else(|| {
            Failure::invalid_input(format!("the region of `{host}` is not known"))
                .hint(format!("name its API, e.g. `--option {ENDPOINT}=https://swr-api.cn-north-4.myhuaweicloud.com`"))
        })?;
        Ok(Self {
            url,
            region: of_host.map(|(region, _)| region.to_owned()),
            project: options.get("project-id").map(str::to_owned),
            id: connector.required_text("access-key-id")?,
            key: connector.required_secret("secret-access-key")?,
            token: connector.secret("security-token"),
        })
    }

    /// Sends a request.
    fn send(&self, method: Method, path: &str, query: &str, body: &str) -> Result<Response, Failure> {
        let host = canonical::host(&self.url);
        let date = time::to_basic(clock::now());
        let project = self.project.as_deref().map(|project| ("x-project-id", project));
        let texts: Vec<(&str, &str)> =
            [("content-type", "application/json"), ("x-sdk-date", date.as_str())].into_iter().chain(project).collect();
        let host = [("host", host)];
        let signed_headers = texts.iter().chain(&host).map(|(name, value)| (*name, (*value).to_owned().into()));
        let token = self.token.map(|token| ("x-security-token", token.into()));
        let headers = canonical::headers(signed_headers.chain(token));
        let name = if method == Method::Get { "GET" } else { "POST" };
        let canonical = Canonical { method: name, path, query, headers: &headers, body };
        let signed = sign(self.id, self.key, &date, &canonical)?;
        let question = if query.is_empty() { String::new() } else { format!("?{query}") };
        let mut request = Request::new(method, format!("{}{path}{question}", self.url));
        for (name, value) in &texts {
            request = request.header(*name, *value);
        }
        if let Some(token) = self.token {
            request = request.header("x-security-token", token);
        }
        request = request.header("authorization", signed.value());
        if !body.is_empty() {
            request = request.body(body);
        }
        Ok(request.send()?)
    }

    /// A login for the registry.
    pub(crate) fn issue(&self) -> Result<Credential, Failure> {
        let region = self.region.as_deref().map(|region| ("projectname", region));
        let response = self.send(Method::Post, SECRET, &canonical::query(region), "")?;
        login(&response, clock::now())
    }

    /// Checks that an organization exists, and gives a note; creates a missing one if `create` says so.
    pub(crate) fn check(&self, name: &str, create: bool) -> Result<Option<String>, Failure> {
        let path = format!("{NAMESPACES}/{}", percent_encoded(name));
        match found(&self.send(Method::Get, &path, "", "")?, name)? {
            Found::Ready => return Ok(None),
            Found::Hidden(note) if !create => return Ok(Some(note)),
            Found::Missing if !create => {
                return Err(Failure::not_found(format!("there is no organization `{name}` in this region"))
                    .hint("create it, or have it created with `--option create-organization=true`"));
            }
            Found::Hidden(_) | Found::Missing => {}
        }
        let body = json!({ "namespace": name }).to_string();
        let made = created(&self.send(Method::Post, NAMESPACES, "", &body)?, name)?;
        Ok(made.then(|| format!("the organization `{name}` was created")))
    }
}

/// The API's answer about an organization.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// It exists.
    Ready,
    /// It does not exist.
    Missing,
    /// The key may not ask; with a note about it.
    Hidden(String),
}

/// Reads the answer about an organization.
pub(crate) fn found(response: &Response, name: &str) -> Result<Found, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        404 => Ok(Found::Missing),
        403 => Ok(Found::Hidden(format!("whether the organization `{name}` exists was not checked{said}"))),
        _ => match SERVICE.object(response)?.get("name").and_then(Value::as_str) {
            // Of an organization that does not exist, some regions say nothing at all.
            None => Ok(Found::Missing),
            Some(_) => Ok(Found::Ready),
        },
    }
}

/// Reads the answer to a creation: whether it created the organization. Names are unique in a region.
pub(crate) fn created(response: &Response, name: &str) -> Result<bool, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        409 => Err(Failure::conflict(format!("the organization `{name}` belongs to another account{said}"))
            .hint("choose another name: they are unique in a region")),
        403 => Err(Failure::denied(format!("the user may not create the organization `{name}`{said}"))
            .hint(SERVICE.hints.denied)),
        _ => SERVICE.check(response).map(|()| true),
    }
}

/// Reads an issued login, in Docker's form; its end is in a header.
pub(crate) fn login(response: &Response, now: u64) -> Result<Credential, Failure> {
    let body = SERVICE.object(response)?;
    let auths = body.get("auths").and_then(Value::as_object).ok_or_else(|| SERVICE.unreadable())?;
    let auth = auths.values().find_map(|entry| entry.get("auth")?.as_str());
    let pair = auth.and_then(|auth| STANDARD.decode(auth).ok()).and_then(|pair| String::from_utf8(pair).ok());
    let pair = pair.ok_or_else(|| SERVICE.unreadable())?;
    let (username, password) =
        pair.split_once(':').filter(|(a, b)| !a.is_empty() && !b.is_empty()).ok_or_else(|| SERVICE.unreadable())?;
    let end = response.header("x-swr-expireat").and_then(time::from_rfc3339).filter(|end| *end > now);
    let basic = Credential::basic(username, Password::Plain(password.to_owned()));
    Ok(basic.expires_at(end.map(|end| end.min(now.saturating_add(LONGEST)))).for_whole_registry().into())
}
