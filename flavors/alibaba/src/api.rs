//! The API of Alibaba Cloud's registry, version 2018-12-01, of the Enterprise Edition
//! (<https://www.alibabacloud.com/help/en/acr/developer-reference/api-cr-2018-12-01-overview>; the requests are those
//! of `alibabacloud_cr20181201` 2.2.5).

use crhost_flavor::canonical;
use crhost_flavor::http::{Hints, Method, Request, Response, Service};
use crhost_flavor::{Connector, Credential, Failure, Operation, Options, Password, Secret, clock, time};
use serde_json::Value;

use crate::sign::{ALGORITHM, sign};
use crate::uri::Host;

/// The option that names another API; the region's own by default.
pub(crate) const ENDPOINT: &str = "cr-endpoint";

/// SHA-256 of nothing: all parameters are in the query.
pub(crate) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Seconds that issued credentials are believed to last at most: Alibaba Cloud's default is an hour.
const LONGEST: u64 = 12 * 3_600;

const SERVICE: Service<'_> = Service {
    name: "Alibaba Cloud",
    credential: "the access key",
    error_pointers: &["/Message", "/Code"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "create an access key in the RAM console and update the connector",
        denied: "give the identity `cr:GetAuthorizationToken`, `cr:ListNamespace` and `cr:ListRepository`",
        other: "check the options `instance-id` and `cr-endpoint`",
    },
};

/// An operation: one action of the API with parameters, all in the query.
fn operation(name: &str, summary: &str, action: &str, parameters: &[&str]) -> Operation {
    let operation = Operation::new(name, summary)
        .post()
        .host("https://cr.*.aliyuncs.com")
        .endpoint(ENDPOINT)
        .path("/")
        .header_of("x-acs-action", [action])
        .header_of("x-acs-version", ["2018-12-01"])
        .header("x-acs-content-sha256")
        .header("x-acs-date")
        .header("x-acs-signature-nonce")
        .header_secret("x-acs-security-token", "", "security-token")
        .signature_header("authorization", ALGORITHM, "access-key-secret");
    parameters.iter().fold(operation, |operation, name| operation.query(*name))
}

/// All operations.
pub(crate) fn operations() -> [Operation; 4] {
    let repository = ["InstanceId", "PageNo", "PageSize", "RepoName", "RepoNamespaceName", "RepoStatus"];
    [
        operation("issue-credentials", "Has a password of an hour issued", "GetAuthorizationToken", &["InstanceId"]),
        operation(
            "list-namespaces",
            "Looks for the namespace of an image before a push",
            "ListNamespace",
            &["InstanceId", "NamespaceName", "PageNo", "PageSize"],
        ),
        operation("list-repositories", "Looks for the repository of an image", "ListRepository", &repository),
        operation(
            "create-repository",
            "Creates a missing repository, where the option says so",
            "CreateRepository",
            &["InstanceId", "RepoName", "RepoNamespaceName", "RepoType", "Summary"],
        ),
    ]
}

/// The API, with an access key, for an instance.
pub(crate) struct AcrApi<'a> {
    url: String,
    instance: String,
    id: &'a str,
    key: &'a Secret,
    token: Option<&'a Secret>,
}

impl<'a> AcrApi<'a> {
    /// The API of a registry's region, for the instance that the option names.
    pub(crate) fn new(connector: &'a Connector, host: &str, options: &Options) -> Result<Self, Failure> {
        let instance = options.get("instance-id").ok_or_else(|| {
            Failure::invalid_input("an access key opens instances of the Enterprise Edition, and none is named")
                .hint("name it with `--option instance-id=cri-…`; for the personal edition use `--type docker`")
        })?;
        let service = match Host::read(host) {
            Some(Host::Instance(region) | Host::Personal(region)) => Some(format!("https://cr.{region}.aliyuncs.com")),
            None => None,
        };
        let url = options.url(ENDPOINT).or(service).ok_or_else(|| {
            Failure::invalid_input(format!("the region of `{host}` is not known"))
                .hint(format!("name its API, e.g. `--option {ENDPOINT}=https://cr.eu-central-1.aliyuncs.com`"))
        })?;
        Ok(Self {
            url,
            instance: instance.to_owned(),
            id: connector.required_text("access-key-id")?,
            key: connector.required_secret("access-key-secret")?,
            token: connector.secret("security-token"),
        })
    }

    /// Calls an action.
    fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Response, Failure> {
        let host = canonical::host(&self.url);
        let now = clock::now();
        let query = canonical::query(parameters.iter().copied().chain([("InstanceId", self.instance.as_str())]));
        // The same request in the same second is told to come again, and differs then.
        let nonce = format!("{now}-{action}-{}", checksum(&query));
        let texts = [
            ("x-acs-action", action.to_owned()),
            ("x-acs-content-sha256", EMPTY.to_owned()),
            ("x-acs-date", time::to_rfc3339(now)),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-version", "2018-12-01".to_owned()),
        ];
        let signed_headers = texts.iter().map(|(name, value)| (*name, value.clone().into()));
        let token = self.token.map(|token| ("x-acs-security-token", token.into()));
        let headers = canonical::headers(signed_headers.chain([("host", host.to_owned().into())]).chain(token));
        let signed = sign(self.id, self.key, &query, &headers)?;
        let mut request = Request::new(Method::Post, format!("{}/?{query}", self.url));
        request = request.header("accept", "application/json").header("authorization", signed.value());
        for (name, value) in &texts {
            request = request.header(*name, value.as_str());
        }
        if let Some(token) = self.token {
            request = request.header("x-acs-security-token", token);
        }
        Ok(request.send()?)
    }

    /// The credentials of the instance.
    pub(crate) fn issue(&self) -> Result<Credential, Failure> {
        credential(&answer(&self.call("GetAuthorizationToken", &[])?)?, clock::now())
    }

    /// Checks that a repository exists, and gives a note; creates a missing one if `create` says of which type.
    pub(crate) fn check(&self, namespace: &str, name: &str, create: Option<&str>) -> Result<Option<String>, Failure> {
        let pages = [("PageNo", "1"), ("PageSize", "100")];
        let listed = self.call("ListNamespace", &[&[("NamespaceName", namespace)][..], &pages].concat())?;
        if let Some(note) = hidden(&listed, namespace) {
            return Ok(Some(note));
        }
        match found(&answer(&listed)?, "Namespaces", "NamespaceName", namespace)? {
            None => {
                return Err(Failure::not_found(format!("the instance has no namespace `{namespace}`"))
                    .hint("create it in the console, or with `aliyun cr CreateNamespace`"));
            }
            Some(found) if found.get("AutoCreateRepo") == Some(&Value::Bool(true)) => return Ok(None),
            Some(_) => {}
        }
        let wanted = [("RepoName", name), ("RepoNamespaceName", namespace)];
        let listed = self.call("ListRepository", &[&wanted[..], &pages, &[("RepoStatus", "ALL")]].concat())?;
        if let Some(note) = hidden(&listed, &format!("{namespace}/{name}")) {
            return Ok(Some(note));
        }
        if found(&answer(&listed)?, "Repositories", "RepoName", name)?.is_some() {
            return Ok(None);
        }
        let Some(kind) = create else {
            return Err(Failure::not_found(format!(
                "there is no repository `{namespace}/{name}`, and its namespace creates none on a push"
            ))
            .hint("create it, or have it created with `--option create-repository=true`"));
        };
        let more = [("RepoType", kind), ("Summary", "created by crhost")];
        let made = created(&self.call("CreateRepository", &[&wanted[..], &more].concat())?)?;
        let kind = kind.to_lowercase();
        Ok(made.then(|| format!("repository `{namespace}/{name}` was created, {kind}")))
    }
}

/// A short text that differs for other texts: FNV-1a with 64 bits.
fn checksum(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// The note about what the identity may not look at.
fn hidden(response: &Response, what: &str) -> Option<String> {
    let denied = response.status == 403 && !code(response).contains("AccessKeyId") && !code(response).contains("Token");
    denied
        .then(|| format!("whether `{what}` exists was not checked: it may not be looked at{}", SERVICE.said(response)))
}

fn code(response: &Response) -> String {
    response.json().get("Code").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The body of an answer that is a success. Alibaba Cloud tells what is wrong by codes, with several statuses.
pub(crate) fn answer(response: &Response) -> Result<Value, Failure> {
    let code = code(response);
    let said = SERVICE.said(response);
    if code == "SignatureNonceUsed" || code.starts_with("Throttling") {
        return Err(Failure::rate_limited(format!("Alibaba Cloud has had too many requests{said}")).retry_after(1));
    }
    let unknown = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurityToken", "IncompleteSignature"];
    if response.status >= 400 && unknown.iter().any(|beginning| code.starts_with(beginning)) {
        return Err(SERVICE.unauthenticated(response));
    }
    let body = SERVICE.object(response)?;
    match body.get("IsSuccess") {
        Some(Value::Bool(false)) => {
            Err(Failure::other(format!("Alibaba Cloud refused the request{said}")).hint(SERVICE.hints.other))
        }
        _ => Ok(body),
    }
}

/// The entry of a list whose member has a value; `None` if there is none.
fn found(body: &Value, list: &str, member: &str, value: &str) -> Result<Option<Value>, Failure> {
    let all = body.get(list).and_then(Value::as_array).ok_or_else(|| SERVICE.unreadable())?;
    Ok(all.iter().find(|entry| entry.get(member).and_then(Value::as_str) == Some(value)).cloned())
}

/// Reads the answer to a creation: whether it created the repository. One that existed already is a success.
pub(crate) fn created(response: &Response) -> Result<bool, Failure> {
    let code = code(response);
    match code.contains("EXIST") && !code.contains("NOT_EXIST") {
        true => Ok(false),
        false => answer(response).map(|_| true),
    }
}

/// Reads issued credentials. Their end is in milliseconds.
pub(crate) fn credential(body: &Value, now: u64) -> Result<Credential, Failure> {
    let text = |member: &str| body.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(username), Some(password)) = (text("TempUsername"), text("AuthorizationToken")) else {
        return Err(SERVICE.unreadable());
    };
    let end = body.get("ExpireTime").and_then(Value::as_u64).map(|end| (end / 1_000).min(now.saturating_add(LONGEST)));
    let basic = Credential::basic(username, Password::Plain(password.to_owned()));
    Ok(basic.expires_at(end.filter(|end| *end > now)).for_whole_registry().into())
}
