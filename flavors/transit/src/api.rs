//! The API of the transit engine: <https://openbao.org/api-docs/secret/transit/>,
//! <https://developer.hashicorp.com/vault/api-docs/secret/transit>.

use crhost_flavor::http::{Api, Encoding, Method, Response};
use crhost_flavor::key_wrapping::WrappedKey;
use crhost_flavor::{Connector, Failure, Operation, Registry, Secret};
use serde_json::json;

use crate::login;
use crate::server::{self, ADDRESS, NAMESPACE_HEADER, SERVICE};
use crate::uri::{Key, MOUNT_COMPONENTS};

/// Bits of a key: those of crhost's cipher. 256 is the engine's default, too.
const BITS: u32 = 256;

/// The operations without their secrets: a new key, and one that was wrapped.
pub(crate) fn operations() -> [Operation; 2] {
    let operation = |name, summary, rest: &str| {
        let operation = Operation::new(name, summary).post().host("https://{registry}").endpoint(ADDRESS);
        let mounts = (1..=MOUNT_COMPONENTS).map(|components| "/*".repeat(components));
        mounts
            .fold(operation, |operation, mount| operation.path(format!("/v1{mount}/{rest}/*")))
            .header(NAMESPACE_HEADER)
    };
    [
        operation("make-key", "Has the engine make a key and wrap it", "datakey/plaintext").body("bits"),
        operation("unwrap-key", "Has the engine unwrap that key", "decrypt").body("ciphertext"),
    ]
}

/// A key of an engine, and the right to use it.
pub(crate) struct Transit<'a> {
    api: Api<'a>,
    key: Key<'a>,
    by: &'a str,
}

impl<'a> Transit<'a> {
    /// The key of a URI, with the rights of a connector.
    pub(crate) fn open(registry: &'a Registry, connector: Option<&'a Connector>) -> Result<Self, Failure> {
        let connector = connector.ok_or_else(|| {
            Failure::unauthenticated("a key is used with a connector, and there is none")
                .hint("name one of type `transit` in the file: `connector = \"NAME\"`")
        })?;
        let path = registry.uri.split_once('/').map_or("", |(_, path)| path);
        let key = Key::of(path).ok_or_else(|| Failure::invalid_input(format!("`{}` names no key", registry.uri)))?;
        let token = login::token(registry, connector)?;
        Ok(Self {
            api: server::in_namespace(Api::bearer(server::url(registry), token), registry),
            key,
            by: &registry.uri,
        })
    }

    /// A new key. The engine's answer has it in Base64.
    pub(crate) fn make(&self) -> Result<WrappedKey, Failure> {
        let Key { mount, name } = &self.key;
        let request = self.api.request(Method::Post, &format!("/v1/{mount}/datakey/plaintext/{name}"));
        let request = request.json(&json!({"bits": BITS}));
        let received = request.receive(["data", "plaintext"], Encoding::Base64)?;
        let wrapped = SERVICE.text(self.checked(&received.response)?, "/data/ciphertext")?;
        let key = received.secret.ok_or_else(|| SERVICE.unreadable())?;
        Ok(WrappedKey { key, wrapped, by: self.by.to_owned() })
    }

    /// A key that was wrapped.
    pub(crate) fn unwrap(&self, wrapped: &str) -> Result<Secret, Failure> {
        let Key { mount, name } = &self.key;
        let request = self.api.request(Method::Post, &format!("/v1/{mount}/decrypt/{name}"));
        let request = request.json(&json!({"ciphertext": wrapped}));
        let received = request.receive(["data", "plaintext"], Encoding::Base64)?;
        SERVICE.check(self.checked(&received.response)?)?;
        received.secret.ok_or_else(|| SERVICE.unreadable())
    }

    /// An answer that is not about a key that is missing or another one. The engine answers 400 for both.
    fn checked<'r>(&self, response: &'r Response) -> Result<&'r Response, Failure> {
        let (by, said) = (self.by, SERVICE.said(response));
        match response.status {
            404 => Err(Failure::not_found(format!("the server has no key `{by}`{said}"))
                .hint("`bao secrets enable transit` and `bao write -f transit/keys/crhost` make an engine and a key")),
            400 if said.contains("not found") => Err(Failure::not_found(format!("the engine has no key `{by}`{said}"))
                .hint("`bao write -f MOUNT/keys/KEY` makes one")),
            400 => Err(Failure::invalid_input(format!("`{by}` did not wrap it, or can't unwrap it any more{said}"))
                .hint("name the key that wrapped it, in the version of then: `min_decryption_version` of the key")),
            _ => Ok(response),
        }
    }
}
