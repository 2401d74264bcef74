//! The API of Tencent Cloud's registry, version 2019-09-24
//! (<https://www.tencentcloud.com/document/product/1051/37096>; the requests are those of
//! `tencentcloud-sdk-python-tcr` 3.1.189, and instances are looked up as Harbor's adapter does it).

use crhost_flavor::canonical;
use crhost_flavor::http::{Endpoint, Hints, Method, Request, Response, Service};
use crhost_flavor::{Connector, Credential, Failure, Operation, Options, Password, Secret, clock};
use serde_json::{Value, json};

use crate::sign::{ALGORITHM, JSON, sign};
use crate::uri;

/// The API's address, and the option that names another.
pub(crate) const ENDPOINT: Endpoint = Endpoint { option: "tcr-endpoint", address: "https://tcr.tencentcloudapi.com" };

/// The region that is asked for instances of all regions.
const ANY_REGION: &str = "ap-guangzhou";

/// Seconds that an issued password is believed to last at most: Tencent Cloud's last an hour.
const LONGEST: u64 = 3_600;

const SERVICE: Service<'_> = Service {
    name: "Tencent Cloud",
    credential: "the key",
    error_pointers: &["/Response/Error/Message", "/Response/Error/Code"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "create a key below CAM, Access Keys and update the connector",
        denied: "give the identity `tcr:DescribeInstances`, `tcr:DescribeNamespaces` and `tcr:CreateInstanceToken`",
        other: "check the options `registry-id` and `tcr-endpoint`",
    },
};

/// All operations.
pub(crate) fn operations() -> [Operation; 4] {
    let operation = |name, summary, action| {
        Operation::new(name, summary)
            .post()
            .at(ENDPOINT)
            .path("/")
            .header_of("x-tc-action", [action])
            .header_of("x-tc-version", ["2019-09-24"])
            .header("x-tc-timestamp")
            .header("x-tc-region")
            .header_secret("x-tc-token", "", "token")
            .signature_header("authorization", ALGORITHM, "secret-key")
    };
    [
        operation("find-instance", "Looks for the instance of a host", "DescribeInstances"),
        operation("issue-password", "Has a password of an hour issued", "CreateInstanceToken"),
        operation("list-namespaces", "Looks for the namespace of an image before a push", "DescribeNamespaces"),
        operation("create-namespace", "Creates a missing namespace, where the option says so", "CreateNamespace"),
    ]
}

/// The API, with a key.
pub(crate) struct TcrApi<'a> {
    url: String,
    id: &'a str,
    key: &'a Secret,
    token: Option<&'a Secret>,
}

/// An instance.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) region: String,
}

impl<'a> TcrApi<'a> {
    /// The API at its own address, or at the one of the option.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        Ok(Self {
            url: ENDPOINT.url(options),
            id: connector.required_text("secret-id")?,
            key: connector.required_secret("secret-key")?,
            token: connector.secret("token"),
        })
    }

    /// Calls an action in a region.
    fn call(&self, action: &str, region: &str, parameters: &Value) -> Result<Response, Failure> {
        let host = canonical::host(&self.url);
        let (now, body) = (clock::now(), parameters.to_string());
        let signed = sign(self.id, self.key, host, &body, now)?;
        let mut request = Request::new(Method::Post, format!("{}/", self.url))
            .header("content-type", JSON)
            .header("x-tc-action", action)
            .header("x-tc-version", "2019-09-24")
            .header("x-tc-timestamp", now.to_string())
            .header("x-tc-region", region)
            .header("authorization", signed.value())
            .body(body);
        if let Some(token) = self.token {
            request = request.header("x-tc-token", token);
        }
        Ok(request.send()?)
    }

    /// The instance of a registry: that of the option, or the one of the host's name.
    pub(crate) fn instance(&self, host: &str, options: &Options) -> Result<Instance, Failure> {
        // The member that an instance is found by, its value, and the question.
        let (member, value, question) = match (options.get("registry-id"), uri::instance(host)) {
            (Some(id), _) => ("RegistryId", id, json!({"AllRegion": true, "Registryids": [id]})),
            (None, Some(name)) => {
                let filter = json!({"Name": "RegistryName", "Values": [name]});
                ("RegistryName", name, json!({"AllRegion": true, "Filters": [filter]}))
            }
            (None, None) => {
                return Err(Failure::invalid_input(format!("the instance behind `{host}` is not known"))
                    .hint("name it with `--option registry-id=tcr-…`; for the personal edition use `--type docker`"));
            }
        };
        let body = answer(&self.call("DescribeInstances", ANY_REGION, &question)?)?;
        let found = found(&body, "Registries", member, value)?.ok_or_else(|| {
            Failure::not_found(format!("the account of the key has no instance `{value}`"))
                .hint("check the registry's host, or use a key of the account that has the instance")
        })?;
        let text = |member: &str| found.get(member).and_then(Value::as_str).map(str::to_owned);
        match (text("RegistryId"), text("RegionName")) {
            (Some(id), Some(region)) => Ok(Instance { id, region }),
            _ => Err(SERVICE.unreadable()),
        }
    }

    /// A password for an instance.
    pub(crate) fn issue(&self, of: &Instance) -> Result<Credential, Failure> {
        let parameters = json!({"RegistryId": of.id, "TokenType": "temp"});
        credential(&answer(&self.call("CreateInstanceToken", &of.region, &parameters)?)?, clock::now())
    }

    /// Checks that a namespace exists, and gives a note; creates a missing one if `create` says whether as public.
    pub(crate) fn check(&self, of: &Instance, name: &str, create: Option<bool>) -> Result<Option<String>, Failure> {
        let parameters = json!({"RegistryId": of.id, "NamespaceName": name});
        let response = self.call("DescribeNamespaces", &of.region, &parameters)?;
        match answer(&response) {
            Err(failure) if !code(&response).starts_with("UnauthorizedOperation") => return Err(failure),
            Err(failure) if create.is_none() => {
                let why = failure.message;
                return Ok(Some(format!("whether the namespace `{name}` exists was not checked: {why}")));
            }
            Ok(body) if found(&body, "NamespaceList", "Name", name)?.is_some() => return Ok(None),
            _ => {}
        }
        let Some(public) = create else {
            return Err(Failure::not_found(format!("the instance has no namespace `{name}`"))
                .hint("create it, or have it created with `--option create-namespace=true`"));
        };
        let parameters = json!({"RegistryId": of.id, "NamespaceName": name, "IsPublic": public});
        let made = created(&self.call("CreateNamespace", &of.region, &parameters)?)?;
        let kind = if public { "public" } else { "private" };
        Ok(made.then(|| format!("the namespace `{name}` was created, {kind}")))
    }
}

fn code(response: &Response) -> String {
    response.json().pointer("/Response/Error/Code").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What an answer that is a success holds. Failures have the status 200, too, and a code.
pub(crate) fn answer(response: &Response) -> Result<Value, Failure> {
    let (code, said) = (code(response), SERVICE.said(response));
    let beginning = code.split('.').next().unwrap_or_default();
    let failed = |words: &str| format!("Tencent Cloud {words}{said}");
    match beginning {
        "" => {
            let body = SERVICE.object(response)?;
            body.get("Response").filter(|body| body.is_object()).cloned().ok_or_else(|| SERVICE.unreadable())
        }
        "AuthFailure" => Err(SERVICE.unauthenticated(response)),
        "UnauthorizedOperation" => Err(Failure::denied(failed("does not allow it")).hint(SERVICE.hints.denied)),
        "RequestLimitExceeded" | "LimitExceeded" => {
            Err(Failure::rate_limited(failed("has had too many requests")).retry_after(1))
        }
        "ResourceNotFound" => Err(Failure::not_found(failed("finds nothing")).hint(SERVICE.hints.other)),
        "InternalError" => Err(Failure::unavailable(failed("has an internal error"))),
        _ => Err(Failure::other(failed("refused the request")).hint(SERVICE.hints.other)),
    }
}

/// The entry of a list whose member has a value; `None` if there is none.
fn found(body: &Value, list: &str, member: &str, value: &str) -> Result<Option<Value>, Failure> {
    let all = body.get(list).and_then(Value::as_array).ok_or_else(|| SERVICE.unreadable())?;
    Ok(all.iter().find(|entry| entry.get(member).and_then(Value::as_str) == Some(value)).cloned())
}

/// Reads the answer to a creation: whether it created the namespace. One that existed already is a success.
pub(crate) fn created(response: &Response) -> Result<bool, Failure> {
    match code(response).ends_with(".ErrNamespaceExist") {
        true => Ok(false),
        false => answer(response).map(|_| true),
    }
}

/// Reads an issued password. Its end is in milliseconds.
pub(crate) fn credential(body: &Value, now: u64) -> Result<Credential, Failure> {
    let text = |member: &str| body.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(username), Some(password)) = (text("Username"), text("Token")) else { return Err(SERVICE.unreadable()) };
    let end = body.get("ExpTime").and_then(Value::as_u64).map(|end| (end / 1_000).min(now.saturating_add(LONGEST)));
    let basic = Credential::basic(username, Password::Plain(password.to_owned()));
    Ok(basic.expires_at(end.filter(|end| *end > now)).for_whole_registry().into())
}
