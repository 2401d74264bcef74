//! The functions of the contract that a guest may call, on the state of its store.

use std::time::{SystemTime, UNIX_EPOCH};

use ::http::Method;
use wasmtime::component::Resource;

use super::bindings::crhost::flavor::{clock, http, log, secrets, types};
use crate::egress::{self, EgressError};
use crate::flavor::sandbox::{LogLevel, SandboxState};
use crate::flavor::secrets::Secret;

impl types::Host for SandboxState {}

impl clock::Host for SandboxState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        // A clock that stands before 1970 is read as 1970, when no credential is valid.
        Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl log::Host for SandboxState {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
        };
        self.log(&level, &message);
        Ok(())
    }
}

impl http::Host for SandboxState {
    async fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, http::Error>> {
        let request = self.request(request)?;
        Ok(self.egress.send(request).await.map(response).map_err(error))
    }
}

impl SandboxState {
    /// A request with its secrets taken from the handles; a handle that the guest does not hold is a trap.
    fn request(&self, request: http::Request) -> wasmtime::Result<egress::Request> {
        let parts = |parts: Vec<http::Part>| -> wasmtime::Result<Vec<egress::Part>> {
            parts.into_iter().map(|part| self.part(part)).collect()
        };
        let headers = request.headers.into_iter().map(|(name, value)| Ok((name, parts(value)?)));
        let headers = headers.collect::<wasmtime::Result<_>>()?;
        Ok(egress::Request { method: method(request.method), url: request.url, headers, body: parts(request.body)? })
    }

    fn part(&self, part: http::Part) -> wasmtime::Result<egress::Part> {
        Ok(match part {
            http::Part::Bytes(bytes) => egress::Part::Bytes(bytes),
            http::Part::Secret((handle, encoding)) => {
                let encoding = match encoding {
                    http::Encoding::Raw => egress::Encoding::Raw,
                    http::Encoding::FormUrlencoded => egress::Encoding::FormUrlencoded,
                    http::Encoding::Base64 => egress::Encoding::Base64,
                    http::Encoding::JsonString => egress::Encoding::JsonString,
                };
                egress::Part::Secret(self.table.get(&handle)?.for_egress(), encoding)
            }
            http::Part::Basic((name, handle)) => egress::Part::Basic(name, self.table.get(&handle)?.for_egress()),
        })
    }
}

fn method(method: http::Method) -> Method {
    match method {
        http::Method::Get => Method::GET,
        http::Method::Head => Method::HEAD,
        http::Method::Post => Method::POST,
        http::Method::Put => Method::PUT,
        http::Method::Patch => Method::PATCH,
        http::Method::Delete => Method::DELETE,
    }
}

fn response(response: egress::Response) -> http::Response {
    http::Response { status: response.status, headers: response.headers, body: response.body }
}

fn error(error: EgressError) -> http::Error {
    match error {
        EgressError::Denied(denial) => http::Error::Denied(denial.to_string()),
        EgressError::Invalid(reason) => http::Error::InvalidRequest(reason.into()),
        EgressError::Unreachable(reason) => http::Error::Unreachable(reason.into()),
        EgressError::Timeout(_) => http::Error::Timeout,
        EgressError::TooLarge => http::Error::TooLarge,
        EgressError::Exhausted => http::Error::Exhausted,
    }
}

impl secrets::Host for SandboxState {}

impl secrets::HostSecret for SandboxState {
    fn hmac_sha256(&mut self, this: Resource<Secret>, prefix: Vec<u8>, message: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&this)?.hmac_sha256(&prefix, &message))
    }

    fn sha256(&mut self, this: Resource<Secret>, prefix: Vec<u8>, suffix: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&this)?.sha256(&prefix, &suffix))
    }

    fn sign_rs256(&mut self, this: Resource<Secret>, message: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, String>> {
        Ok(self.table.get(&this)?.sign_rs256(&message))
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
