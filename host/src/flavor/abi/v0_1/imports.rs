//! The functions of the contract that a guest may call, on the state of its store.

use wasmtime::component::Resource;

use super::bindings::crhost::flavor::{clock, http, log, secrets, types};
use super::operation;
use crate::egress::{self, EgressError, Encoding};
use crate::flavor::limits;
use crate::flavor::sandbox::SandboxState;
use crate::flavor::secrets::{MessagePart, Secret};
use crate::flavor::surroundings::LogLevel;

/// The beginning of a key in PEM (RFC 7468, section 2).
const PEM: &[u8] = b"-----BEGIN ";

impl types::Host for SandboxState {}

impl clock::Host for SandboxState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.surroundings().now())
    }
}

impl log::Host for SandboxState {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
        };
        self.log(level, &message);
        Ok(())
    }
}

impl http::Host for SandboxState {
    async fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, http::Error>> {
        match self.request(request)? {
            Ok(request) => Ok(self.egress.send(request).await.map(response).map_err(error)),
            Err(refused) => Ok(Err(error(refused))),
        }
    }
}

impl SandboxState {
    /// A request with its secrets taken from the handles; a handle that the guest does not hold is a trap. Parts are
    /// counted before anything is copied.
    pub(super) fn request(&self, request: http::Request) -> wasmtime::Result<Result<egress::Request, EgressError>> {
        let fields = match &request.body {
            http::Body::Empty | http::Body::Bytes(_) => 0,
            http::Body::Form(fields) => fields.len(),
            http::Body::Json(json) => json.secrets.len(),
        };
        if request.headers.len() > egress::HEADERS || fields > egress::FIELDS {
            return Ok(Err(EgressError::TooLarge));
        }
        let headers = request.headers.into_iter().map(|(name, value)| Ok((name, self.value(value)?)));
        let headers = headers.collect::<wasmtime::Result<_>>()?;
        let body = match request.body {
            http::Body::Empty => egress::Body::Empty,
            http::Body::Bytes(bytes) => egress::Body::Bytes(bytes),
            http::Body::Form(fields) => {
                let fields = fields.into_iter().map(|(name, value)| Ok((name, self.value(value)?)));
                egress::Body::Form(egress::Form(fields.collect::<wasmtime::Result<_>>()?))
            }
            http::Body::Json(http::Json { object, secrets }) => {
                let secrets = secrets.into_iter().map(|(name, value)| Ok((name, self.secret_value(value)?)));
                egress::Body::Json(egress::Json { object, secrets: secrets.collect::<wasmtime::Result<_>>()? })
            }
        };
        Ok(Ok(egress::Request { method: operation::method(request.method), url: request.url, headers, body }))
    }

    fn value(&self, value: http::Value) -> wasmtime::Result<egress::Value> {
        Ok(match value {
            http::Value::Text(text) => egress::Value::Text(text),
            http::Value::Secret(value) => egress::Value::Secret(self.secret_value(value)?),
            http::Value::Basic((name, handle)) => egress::Value::Basic(name, self.table.get(&handle)?.for_egress()),
        })
    }

    fn secret_value(&self, value: http::SecretValue) -> wasmtime::Result<egress::SecretValue> {
        let secret = self.table.get(&value.secret)?.for_egress();
        Ok(egress::SecretValue { before: value.before, secret, encoding: encoding(value.encoding) })
    }

    /// A message with its secrets taken from the handles; none if it has too many parts.
    pub(super) fn message(&self, parts: Vec<secrets::Part>) -> wasmtime::Result<Result<Vec<MessagePart>, String>> {
        if parts.len() > limits::MESSAGE_PARTS {
            return Ok(Err(format!(
                "the message has {} parts, expected at most {}",
                parts.len(),
                limits::MESSAGE_PARTS
            )));
        }
        let part = |part| {
            Ok(match part {
                secrets::Part::Bytes(bytes) => MessagePart::Bytes(bytes),
                secrets::Part::Secret((handle, encoding)) => {
                    MessagePart::Secret(self.table.get(&handle)?.clone(), self::encoding(encoding))
                }
            })
        };
        parts.into_iter().map(part).collect::<wasmtime::Result<_>>().map(Ok)
    }

    /// A handle on a value that was computed.
    pub(super) fn derived(
        &mut self,
        value: Result<Secret, String>,
    ) -> wasmtime::Result<Result<Resource<Secret>, String>> {
        match value {
            Ok(secret) => Ok(Ok(self.table.push(secret)?)),
            Err(reason) => Ok(Err(reason)),
        }
    }
}

/// How a secret is written.
pub(super) fn encoding(encoding: secrets::Encoding) -> Encoding {
    match encoding {
        secrets::Encoding::Raw => Encoding::Raw,
        secrets::Encoding::Hex => Encoding::Hex,
        secrets::Encoding::Base64 => Encoding::Base64,
        secrets::Encoding::Base64url => Encoding::Base64Url,
    }
}

/// An answer.
pub(super) fn response(response: egress::Response) -> http::Response {
    http::Response { status: response.status, headers: response.headers, body: response.body }
}

/// Why there is none.
pub(super) fn error(error: EgressError) -> http::Error {
    match error {
        EgressError::Denied(denial) => http::Error::Denied(denial.to_string()),
        EgressError::Invalid(reason) => http::Error::InvalidRequest(reason.into()),
        EgressError::Unreachable(reason) => http::Error::Unreachable(reason.into()),
        EgressError::Timeout(_) => http::Error::Timeout,
        EgressError::TooLarge => http::Error::TooLarge,
        EgressError::Exhausted => http::Error::Exhausted,
    }
}

impl secrets::Host for SandboxState {
    fn sha256(&mut self, message: Vec<secrets::Part>) -> wasmtime::Result<Result<Resource<Secret>, String>> {
        let digest = self.message(message)?.map(|message| Secret::sha256(&message));
        self.derived(digest)
    }
}

impl secrets::HostSecret for SandboxState {
    fn hmac_sha256(
        &mut self,
        this: Resource<Secret>,
        prefix: Vec<u8>,
        message: Vec<secrets::Part>,
    ) -> wasmtime::Result<Result<Resource<Secret>, String>> {
        let key = self.table.get(&this)?.clone();
        let mac = self.message(message)?.map(|message| key.hmac_sha256(&prefix, &message));
        self.derived(mac)
    }

    fn sign_rs256(
        &mut self,
        this: Resource<Secret>,
        message: Vec<secrets::Part>,
    ) -> wasmtime::Result<Result<Resource<Secret>, String>> {
        let key = self.table.get(&this)?.clone();
        let is_pem = key.value().windows(PEM.len()).any(|window| window == PEM);
        let is_replay = is_pem && self.surroundings().answers.is_some();
        let signature = self.message(message)?.and_then(|message| match key.sign_rs256(&message) {
            // A replay has a placeholder in place of the key, and compares no signature.
            Err(_) if is_replay => Ok(key.hmac_sha256(b"", &message)),
            signature => signature,
        });
        self.derived(signature)
    }

    fn public_member(&mut self, this: Resource<Secret>, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&this)?.public_member(&name))
    }

    fn member(&mut self, this: Resource<Secret>, name: String) -> wasmtime::Result<Option<Resource<Secret>>> {
        match self.table.get(&this)?.member(&name) {
            Some(member) => Ok(Some(self.table.push(member)?)),
            None => Ok(None),
        }
    }

    fn drop(&mut self, this: Resource<Secret>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
