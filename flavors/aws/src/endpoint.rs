//! Addresses of AWS's APIs, and signed calls to them.

use crhost_flavor::http::{Encoding, Method, NoResponse, Request, Response};
use crhost_flavor::{Failure, Options, Secret, clock};
use serde_json::Value;

use crate::keys::Keys;
use crate::refusal::{Call, Refusal};
use crate::sigv4::Unsigned;

/// Content type of a JSON API.
const JSON: &str = "application/x-amz-json-1.1";
/// Content type of a query API.
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Version of the query API, STS (botocore 1.44.5).
pub(crate) const STS_VERSION: &str = "2011-06-15";

/// The URL of an API, with the parts that a signature needs. `http` is possible in an option only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoint {
    url: String,
    host: String,
    path: String,
}

impl Endpoint {
    /// The API at a host of AWS.
    pub(crate) fn of_host(host: String) -> Self {
        Self { url: format!("https://{host}/"), host, path: "/".to_owned() }
    }

    /// The value of an option, if it has one; fails if it is not a URL.
    pub(crate) fn of_option(options: &Options, name: &str) -> Result<Option<Self>, Failure> {
        let Some(text) = options.get(name) else { return Ok(None) };
        let parsed = Self::parse(text).ok_or_else(|| {
            Failure::invalid_input(format!("option `{name}` is `{text}`, expected a URL without query"))
                .hint("write e.g. `https://vpce-0123.api.ecr.eu-west-1.vpce.amazonaws.com`")
        });
        parsed.map(Some)
    }

    /// An address in a text; `None` if it is no URL, or has a query.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, default_port) = match text.split_once("://")?.0 {
            "https" => ("https", ":443"),
            "http" => ("http", ":80"),
            _ => return None,
        };
        let (_, rest) = text.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:[]/".contains(c);
        if host.is_empty() || !rest.chars().all(allowed) {
            return None;
        }
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(default_port).unwrap_or(&host).to_owned();
        let path = format!("/{path}");
        Some(Self { url: format!("{scheme}://{host}{path}"), host, path })
    }

    /// The URL of a path below it.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches('/'))
    }

    /// The URL itself.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// One of ECR's two APIs, STS, or KMS, in a region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Api {
    /// Its URL.
    pub(crate) endpoint: Endpoint,
    /// Its region.
    pub(crate) region: String,
    /// Its name in messages.
    pub(crate) service: &'static str,
    /// Its name in signatures and permissions.
    pub(crate) signed_as: &'static str,
    /// The prefix of a JSON API's operations.
    pub(crate) target: &'static str,
}

/// The outcome of a call.
pub(crate) enum Answer {
    /// The answer.
    Done(Response),
    /// AWS refused; the failure is the one to return unless the caller knows a better one.
    Refused(Refusal, Failure),
}

impl Answer {
    /// The answer, or the failure.
    pub(crate) fn done(self) -> Result<Response, Failure> {
        match self {
            Self::Done(response) => Ok(response),
            Self::Refused(_, failure) => Err(failure),
        }
    }
}

impl Api {
    /// Calls an operation of a JSON API.
    pub(crate) fn json(&self, keys: &Keys<'_>, operation: &str, body: &Value) -> Result<Answer, Failure> {
        let target = format!("{}.{operation}", self.target);
        let response = self.signed(keys, JSON, Some(&target), &body.to_string(), sent)?;
        self.answer(response, operation)
    }

    /// The same, with a member of the answer that is a secret, in Base64.
    pub(crate) fn json_with_secret(
        &self,
        keys: &Keys<'_>,
        operation: &str,
        body: &Value,
        member: &str,
    ) -> Result<(Answer, Option<Secret>), Failure> {
        let target = format!("{}.{operation}", self.target);
        let receive = |request: &Request<'_>| request.receive([member], Encoding::Base64);
        let received = self.signed(keys, JSON, Some(&target), &body.to_string(), receive)?;
        Ok((self.answer(received.response, operation)?, received.secret))
    }

    /// Calls an action of a query API; `form` has the parameters after the action.
    pub(crate) fn query(&self, keys: &Keys<'_>, action: &str, form: &str) -> Result<Answer, Failure> {
        let body = format!("Action={action}&Version={STS_VERSION}{form}");
        let response = self.signed(keys, FORM, None, &body, sent)?;
        self.answer(response, action)
    }

    /// Signs a request and has it sent.
    fn signed<T>(
        &self,
        keys: &Keys<'_>,
        content_type: &str,
        target: Option<&str>,
        body: &str,
        send: impl FnOnce(&Request<'_>) -> Result<T, NoResponse>,
    ) -> Result<T, Failure> {
        let unsigned = Unsigned {
            host: &self.endpoint.host,
            path: &self.endpoint.path,
            content_type,
            target,
            body,
            service: self.signed_as,
            region: &self.region,
            now: clock::now(),
        };
        let authorization = unsigned.signed(keys)?;
        let mut request = Request::new(Method::Post, self.endpoint.url())
            .header("content-type", content_type)
            .header("x-amz-date", unsigned.date())
            .header("authorization", authorization.value())
            .body(body);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        if let Some(token) = &keys.session_token {
            request = request.header("x-amz-security-token", token);
        }
        Ok(send(&request)?)
    }

    /// The outcome of an answer.
    pub(crate) fn answer(&self, response: Response, operation: &str) -> Result<Answer, Failure> {
        if response.status == 200 {
            return Ok(Answer::Done(response));
        }
        let permission = format!("{}:{operation}", self.signed_as);
        let call = Call { service: self.service, permission: &permission, region: &self.region };
        let refusal = Refusal::of(&response);
        let failure = refusal.failure(&response, call, clock::now());
        Ok(Answer::Refused(refusal, failure))
    }
}

/// Sends a request.
fn sent(request: &Request<'_>) -> Result<Response, NoResponse> {
    request.send()
}

/// The failure for a successful answer that can't be read.
pub(crate) fn unreadable(service: &str, operation: &str) -> Failure {
    Failure::other(format!("the answer of {service} to `{operation}` can't be read, expected what AWS documents"))
        .hint("something in between, e.g. a proxy, may have answered in place of AWS")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(value: &str) -> Result<Option<Endpoint>, Failure> {
        Endpoint::of_option(&Options(vec![("ecr-endpoint".into(), value.into())]), "ecr-endpoint")
    }

    #[test]
    fn an_endpoint_is_taken_apart_as_it_is_signed() {
        for (text, url, host, path) in [
            ("http://127.0.0.1:5557", "http://127.0.0.1:5557/", "127.0.0.1:5557", "/"),
            ("https://ECR.example.com:443/", "https://ecr.example.com/", "ecr.example.com", "/"),
            ("https://proxy.example.com/ecr", "https://proxy.example.com/ecr", "proxy.example.com", "/ecr"),
            ("http://[::1]:80", "http://[::1]/", "[::1]", "/"),
        ] {
            let expected = Endpoint { url: url.into(), host: host.into(), path: path.into() };
            assert_eq!(option(text).unwrap(), Some(expected), "{text}");
        }
        for text in ["", "ecr.example.com", "ftp://x", "https://", "https://x/?a", "https://u@x", "https://x y"] {
            assert!(option(text).is_err(), "{text}");
        }
        assert_eq!(Endpoint::of_option(&Options(Vec::new()), "ecr-endpoint").unwrap(), None);
    }

    #[test]
    fn a_path_is_put_below_without_a_second_slash() {
        let imds = option("http://169.254.169.254").unwrap().unwrap();
        assert_eq!(imds.below("/latest/api/token"), "http://169.254.169.254/latest/api/token");
    }
}
