//! What a guest may call: the contract's imports, on the state of its store.

use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::Resource;

use super::crhost::flavor::{clock, http, log, secrets, types};
use crate::flavor::secrets::Secret;
use crate::flavor::state::{Level, State};

impl types::Host for State {}

impl clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<u64> {
        // A clock before 1970 is answered as 1970; no credential is valid then.
        Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
        };
        self.log(&level, &message);
        Ok(())
    }
}

impl http::Host for State {
    async fn send(&mut self, _request: http::Request) -> wasmtime::Result<Result<http::Response, http::Error>> {
        // The door is closed: a host is reached only where the user granted it, and nothing has been granted.
        Ok(Err(http::Error::Denied("no host is granted to this flavor".to_owned())))
    }
}

impl secrets::Host for State {}

impl secrets::HostSecret for State {
    fn hmac_sha256(&mut self, this: Resource<Secret>, prefix: Vec<u8>, message: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&this)?.hmac_sha256(&prefix, &message))
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
