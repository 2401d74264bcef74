//! Panics of a flavor or policy, written to the log.
//!
//! A flavor without WASI has no standard error: a panic would reach the host as a bare trap. The hook writes its
//! message to the log first. The host runs every call in a fresh instance, so each exported function sets the hook
//! again.

use std::marker::PhantomData;
use std::panic::{PanicHookInfo, set_hook};

use crate::bindings::exports::crhost::flavor::{
    cleanup, commands, flavor, id_tokens, identity, key_wrapping, resources,
};
use crate::cleanup::{CleanupOperations, RepositoryPage, TagPage};
use crate::commands::Command;
use crate::flavor::Flavor;
use crate::id_tokens::{Claims, IdToken, Instruction};
use crate::key_wrapping::WrappedKey;
use crate::log;
use crate::options::Options;
use crate::secrets::Secret;
use crate::types::{AcceptedUri, Connector, Credential, Description, Failure, Image, Prepared, Purpose, Registry};

/// The flavor `F`, with its panics reported: the type that [`export!`](crate::export) exports.
pub struct Reporting<F>(PhantomData<F>);

impl<F: Flavor> flavor::Guest for Reporting<F> {
    fn describe() -> Description {
        report_panics();
        F::describe()
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        report_panics();
        F::validate_uri(uri)
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        report_panics();
        F::prepare_image_push(registry, connector, image)
    }

    fn credentials(
        registry: Registry,
        connector: Option<Connector>,
        purpose: Purpose,
        image: Option<Image>,
    ) -> Result<Credential, Failure> {
        report_panics();
        F::credentials(registry, connector, purpose, image)
    }
}

impl<F: Flavor> identity::Guest for Reporting<F> {
    fn identify(connector: Connector, options: Vec<(String, String)>) -> Result<String, Failure> {
        report_panics();
        F::identify(connector, &Options(options))
    }
}

impl<F: Flavor> resources::Guest for Reporting<F> {
    fn list_resources(connector: Connector, options: Vec<(String, String)>) -> Result<Vec<String>, Failure> {
        report_panics();
        F::list_resources(connector, &Options(options))
    }
}

impl<F: Flavor> id_tokens::Guest for Reporting<F> {
    fn describe_id_tokens() -> Vec<IdToken> {
        report_panics();
        F::describe_id_tokens()
    }

    fn explain_trust(
        connector: Connector,
        options: Vec<(String, String)>,
        claims: Claims,
    ) -> Result<Vec<Instruction>, Failure> {
        report_panics();
        F::explain_trust(connector, &Options(options), &claims)
    }
}

impl<F: Flavor> commands::Guest for Reporting<F> {
    fn describe_commands() -> Vec<Command> {
        report_panics();
        F::describe_commands()
    }
}

impl<F: Flavor> cleanup::Guest for Reporting<F> {
    fn describe_cleanup() -> Vec<CleanupOperations> {
        report_panics();
        F::describe_cleanup()
    }

    fn list_repositories(
        registry: Registry,
        connector: Option<Connector>,
        page: Option<String>,
    ) -> Result<RepositoryPage, Failure> {
        report_panics();
        F::list_repositories(registry, connector, page)
    }

    fn list_tags(
        registry: Registry,
        connector: Option<Connector>,
        repository: String,
        page: Option<String>,
    ) -> Result<TagPage, Failure> {
        report_panics();
        F::list_tags(registry, connector, repository, page)
    }

    fn delete_manifest(
        registry: Registry,
        connector: Option<Connector>,
        repository: String,
        digest: String,
    ) -> Result<(), Failure> {
        report_panics();
        F::delete_manifest(registry, connector, repository, digest)
    }

    fn delete_tag(
        registry: Registry,
        connector: Option<Connector>,
        repository: String,
        tag: String,
    ) -> Result<(), Failure> {
        report_panics();
        F::delete_tag(registry, connector, repository, tag)
    }
}

impl<F: Flavor> key_wrapping::Guest for Reporting<F> {
    fn make_key(registry: Registry, connector: Option<Connector>) -> Result<WrappedKey, Failure> {
        report_panics();
        F::make_key(registry, connector)
    }

    fn unwrap_key(registry: Registry, connector: Option<Connector>, wrapped: String) -> Result<Secret, Failure> {
        report_panics();
        F::unwrap_key(registry, connector, wrapped)
    }
}

/// Has a panic written to the log.
pub(crate) fn report_panics() {
    set_hook(Box::new(|panic| log::warn(&line(panic))));
}

fn line(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("no message");
    match panic.location() {
        Some(at) => format!("panicked at {at}: {message}"),
        None => format!("panicked: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_panic_is_told_in_one_line_with_its_place() {
        static SEEN: Mutex<Option<String>> = Mutex::new(None);
        set_hook(Box::new(|panic| *SEEN.lock().unwrap() = Some(line(panic))));
        let caught = std::panic::catch_unwind(|| panic!("no such {}", "thing"));
        let _ = std::panic::take_hook();
        assert!(caught.is_err());
        let seen = SEEN.lock().unwrap().take().unwrap();
        assert!(seen.starts_with("panicked at ") && seen.contains("panic.rs:"), "{seen}");
        assert!(seen.ends_with(": no such thing"), "{seen}");
    }
}
