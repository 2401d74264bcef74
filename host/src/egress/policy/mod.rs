//! The requests that one call may send, decided from the flavor's operations and the user's grants alone: nothing is
//! resolved or sent here.

use super::closed_endpoint::ClosedEndpoint;
use super::denial::{Cause, Denial, Need};
use super::matching;
use super::request::Request;
use super::secret::{EgressSecret, Origin};
use crate::grant::operation::Operation;
use crate::grant::{Grant, Guest, HostPattern, Permission, Target, permission};
use crate::image::Host;
use crate::text::Escaped;

/// The requests that one call may send.
pub(crate) enum EgressPolicy {
    /// None: for calls that have no reason to send anything.
    DenyAll,
    /// Those of the operations that the user granted.
    Granted(GrantedOperations),
}

/// The operations and grants of one call.
pub(crate) struct GrantedOperations {
    /// The grants of the flavor, and those for the registry of the call.
    pub(crate) grants: Vec<Grant>,
    /// The host of the registry, which the pattern `https://{registry}` stands for; none where a call is about a
    /// connector alone.
    pub(crate) registry: Option<Host>,
    /// The operations: those of the connector's auth method, then those without secrets.
    pub(crate) operations: Vec<DeclaredOperation>,
    /// Names and values of options and text fields that may hold the URL of an endpoint.
    pub(crate) endpoints: Vec<(String, String)>,
    /// The field that may be handed back as the registry's password, with its consent.
    pub(crate) registry_password: Option<(String, Consent)>,
}

/// An operation, and whether its secrets may be used.
pub(crate) struct DeclaredOperation {
    /// The operation.
    pub(crate) operation: Operation,
    /// Whether its secrets may be used, as far as hosts don't matter.
    pub(crate) consent: Consent,
}

/// Whether the secrets of an operation may be used, whatever the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Consent {
    /// They may.
    Given,
    /// The connector was stored when its auth method did not have the operation.
    Unrecorded,
    /// A secret stands at a place that no standard defines, and the user has not accepted the operation by this name.
    Unaccepted(String),
}

impl EgressPolicy {
    /// What a request to `target` may do; `guest` is named in the hint of a denial.
    ///
    /// # Errors
    /// When no granted operation allows it.
    pub(super) fn authorize(&self, guest: &Guest, target: &Target, request: &Request) -> Result<Permission, Denial> {
        match self {
            Self::DenyAll => Err(Denial::closed()),
            Self::Granted(granted) => granted.authorize(guest, target, request),
        }
    }

    /// The options and fields whose URL is not granted to the operations that it is for.
    #[must_use]
    pub(crate) fn closed_endpoints(&self) -> Vec<ClosedEndpoint> {
        match self {
            Self::DenyAll => Vec::new(),
            Self::Granted(granted) => {
                granted.endpoints.iter().filter_map(|(name, url)| granted.closed(name, url)).collect()
            }
        }
    }

    /// Allows a secret as the registry's password: the host sends it to the registry.
    ///
    /// # Errors
    /// When there is no registry, or the auth method does not declare this secret as its password.
    pub(super) fn allow_password(&self, guest: &Guest, secret: &EgressSecret) -> Result<(), Denial> {
        let Self::Granted(granted) = self else { return Err(Denial::closed()) };
        let registry = granted.registry.as_ref().ok_or_else(Denial::closed)?;
        // Without regard to the scheme: a registry on this machine may speak plain HTTP and is the same host.
        let target = Target::parse(&format!("https://{registry}")).map_err(|_| Denial::closed())?;
        let is_declared = |field: &String| match secret.origin() {
            Origin::Itself(source) => source.field == *field,
            Origin::Derived { .. } | Origin::Joined(_) => false,
        };
        match &granted.registry_password {
            Some((field, Consent::Given)) if is_declared(field) => {}
            Some((field, Consent::Unrecorded)) if is_declared(field) => return Err(Denial::unrecorded(&target)),
            _ => return Err(Denial::password()),
        }
        let is_granted = granted.grants.iter().any(|grant| {
            grant.secrets && (grant.written || grant.pattern.is_registry()) && granted.matches(grant, &target)
        });
        let pattern = HostPattern::registry();
        // The user named the registry, and its host with it.
        let cause = if guest.is_tried() { Cause::Declared(&pattern) } else { Cause::Named };
        if is_granted { Ok(()) } else { Err(Denial::secret(guest, &target, cause)) }
    }
}

impl GrantedOperations {
    fn authorize(&self, guest: &Guest, target: &Target, request: &Request) -> Result<Permission, Denial> {
        let has_secrets = request.holds_secrets();
        let permission = permission(&self.grants, target, self.registry.as_ref());
        let mut mismatch = None;
        let mut denial = None;
        for DeclaredOperation { operation, consent } in &self.operations {
            if !self.is_at(operation, target) {
                continue;
            }
            if let Err(reason) = matching::check(operation, request, target) {
                mismatch.get_or_insert((operation.name.as_str(), reason));
                continue;
            }
            let refused = match (self.is_granted(operation, target, has_secrets), permission, consent) {
                (true, Some(permission), Consent::Given) => return Ok(permission),
                (true, Some(permission), _) if !has_secrets => return Ok(permission),
                (true, _, Consent::Unrecorded) => Denial::unrecorded(target),
                (true, _, Consent::Unaccepted(name)) => Denial::unaccepted(target, name),
                (_, Some(_), _) if has_secrets => Denial::secret(guest, target, self.cause(operation, target)),
                _ => {
                    let need = Need { cause: self.cause(operation, target), secrets: has_secrets };
                    Denial::not_granted(guest, target, need)
                }
            };
            denial.get_or_insert(refused);
        }
        let is_written = self.grants.iter().any(|grant| grant.written && self.matches(grant, target));
        match (permission, denial) {
            // The user has opened a host that the flavor did not ask for, to any request without secrets.
            (Some(permission), _) if is_written && !has_secrets => Ok(permission),
            (_, Some(denial)) => Err(denial),
            (None, None) => {
                let cause = if self.fits_elsewhere(request, target) { Cause::Elsewhere } else { Cause::Undeclared };
                Err(Denial::not_granted(guest, target, Need { cause, secrets: has_secrets }))
            }
            (Some(_), None) => {
                let mismatch = mismatch.as_ref().map(|(name, reason)| (*name, reason.as_ref()));
                Err(Denial::undeclared(guest, target, mismatch))
            }
        }
    }

    /// An endpoint, if an operation that it is for is not granted there.
    fn closed(&self, name: &str, url: &str) -> Option<ClosedEndpoint> {
        let target = Target::parse(url).ok()?;
        let has_secrets = |operation: &Operation| !operation.secrets.is_empty();
        let operations = self.operations.iter().map(|declared| &declared.operation);
        let closed = operations.filter(|operation| {
            operation.endpoints.iter().any(|endpoint| endpoint == name)
                && !self.is_granted(operation, &target, has_secrets(operation))
        });
        let secrets = closed.map(has_secrets).reduce(|one, other| one || other)?;
        Some(ClosedEndpoint { name: name.into(), origin: Escaped::new(&target.origin(), 300), secrets })
    }

    fn matches(&self, grant: &Grant, target: &Target) -> bool {
        grant.pattern.matches(target, self.registry.as_ref())
    }

    /// Whether host and path are those of an operation. A host that the user wrote may stand in place of its own.
    fn is_at(&self, operation: &Operation, target: &Target) -> bool {
        let is_path = |path: &str| operation.paths.iter().any(|pattern| pattern.matches(path));
        let path = target.path_without_query();
        let is_host = operation.hosts.iter().any(|host| host.matches(target, self.registry.as_ref()));
        let is_written = || self.grants.iter().any(|grant| grant.written && self.matches(grant, target));
        ((is_host || is_written()) && is_path(path))
            || self.endpoints_of(operation).any(|endpoint| {
                let base = endpoint.path_without_query().trim_end_matches('/');
                let rest = path.strip_prefix(base).filter(|_| endpoint.origin() == target.origin());
                rest.is_some_and(|rest| is_path(if rest.is_empty() { "/" } else { rest }))
            })
    }

    /// Whether a request is that of an operation, but for its host.
    fn fits_elsewhere(&self, request: &Request, target: &Target) -> bool {
        let path = target.path_without_query();
        self.operations.iter().any(|DeclaredOperation { operation, .. }| {
            operation.paths.iter().any(|pattern| pattern.matches(path))
                && matching::check(operation, request, target).is_ok()
        })
    }

    /// Why a request of an operation goes to a target. What the user named comes first: it is the more exact.
    fn cause<'a>(&self, operation: &'a Operation, target: &Target) -> Cause<'a> {
        let is_written = self.grants.iter().any(|grant| grant.written && self.matches(grant, target));
        let is_endpoint = || self.endpoints_of(operation).any(|endpoint| endpoint.origin() == target.origin());
        let declared = operation.hosts.iter().find(|host| host.matches(target, self.registry.as_ref()));
        match declared {
            Some(pattern) if !is_written => Cause::Declared(pattern),
            Some(_) => Cause::Named,
            None if is_written || is_endpoint() => Cause::Named,
            None => Cause::Undeclared,
        }
    }

    fn endpoints_of<'a>(&'a self, operation: &'a Operation) -> impl Iterator<Item = Target> + 'a {
        let is_named = |name: &String| operation.endpoints.iter().any(|endpoint| endpoint == name);
        let values = self.endpoints.iter().filter(move |(name, _)| is_named(name));
        values.filter_map(|(_, url)| Target::parse(url).ok())
    }

    /// Whether the user granted the target for an operation: by the very pattern that it declares, or by writing a
    /// pattern. A grant that merely overlaps does not count, and with secrets only one for secrets.
    fn is_granted(&self, operation: &Operation, target: &Target, has_secrets: bool) -> bool {
        self.grants.iter().any(|grant| {
            let is_meant = grant.written || operation.hosts.contains(&grant.pattern);
            is_meant && (grant.secrets || !has_secrets) && self.matches(grant, target)
        })
    }
}

#[cfg(test)]
mod tests;
