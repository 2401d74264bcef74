//! The one door out of the sandbox: HTTP requests of a flavor, to hosts that the user granted.
//!
//! A stranger chooses the URL, and may own the name in it and the DNS server behind that name. So a request passes in this
//! order, and each step works on what the one before it made: the URL is parsed once; its host must be granted; a name is
//! resolved once; addresses of private networks are dropped unless the user wrote that very host; the connection goes to
//! an address that is left, through a proxy too; TLS proves the name. Redirects are not followed: they come back as answers,
//! and a further request passes here again. Secrets are filled in behind the guest's back, only towards hosts that may have
//! them, and struck out of answers that repeat them.

mod connect;
mod error;
mod exchange;
pub(crate) mod limits;
mod proxy;
mod redact;
mod request;
mod resolve;
mod secret;
mod tls;

use std::sync::Arc;

pub(crate) use error::{Denial, EgressError};
pub(crate) use request::{Encoding, Part, Request};
pub(crate) use secret::EgressSecret;

use self::redact::Spent;
use self::resolve::Lookup;
use crate::grant::{Grant, HostPattern, Permission, Target, permission};
use crate::image::Host;

/// What all calls of a process share on their way out.
pub(crate) struct Egress {
    lookup: Lookup,
    proxies: proxy::Proxies,
    tls: tls::Tls,
}

/// What a flavor may reach in one call.
pub(crate) struct Pass {
    /// What the user granted.
    pub(crate) grants: Vec<Grant>,
    /// The host of the registry in question, if it is about one.
    pub(crate) registry: Option<Host>,
    /// Where secrets may go: the hosts of the auth method that owns them.
    pub(crate) secret_hosts: Vec<HostPattern>,
}

/// The door as one call sees it.
pub(crate) struct Door {
    egress: Arc<Egress>,
    flavor: String,
    pass: Option<Pass>,
    requests: usize,
    denial: Option<Denial>,
    spent: Spent,
}

/// The answer to a request, whatever its status. Without `Debug`: it may hold a token.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Egress {
    /// The way out of this process: the system's resolver, the environment's proxies, the platform's authorities.
    pub(crate) fn of_this_process() -> Self {
        Self { lookup: resolve::system(), proxies: proxy::Proxies::of_this_process(), tls: tls::Tls::default() }
    }
}

impl Pass {
    fn permission(&self, target: &Target) -> Option<Permission> {
        permission(&self.grants, target, self.registry.as_ref())
    }

    /// Whether secrets may go to a target that is open: their own method names it, or the user said so.
    fn may_have_secrets(&self, target: &Target, allowed: Permission) -> bool {
        allowed.secrets || self.secret_hosts.iter().any(|pattern| pattern.matches(target, self.registry.as_ref()))
    }
}

impl Door {
    /// A door that stays closed: for calls that have nothing to ask anyone.
    pub(crate) fn closed(egress: &Arc<Egress>, flavor: &str) -> Self {
        Self::new(egress, flavor, None)
    }

    /// A door that opens for what `pass` says.
    pub(crate) fn open(egress: &Arc<Egress>, flavor: &str, pass: Pass) -> Self {
        Self::new(egress, flavor, Some(pass))
    }

    fn new(egress: &Arc<Egress>, flavor: &str, pass: Option<Pass>) -> Self {
        let (egress, flavor) = (Arc::clone(egress), flavor.to_owned());
        Self { egress, flavor, pass, requests: 0, denial: None, spent: Spent::default() }
    }

    /// Requests so far, the refused ones included.
    pub(crate) fn requests(&self) -> usize {
        self.requests
    }

    /// The first thing that was denied, for the person who can grant it.
    pub(crate) fn denial(&self) -> Option<&Denial> {
        self.denial.as_ref()
    }

    /// Whether a secret may be the registry's password: it then goes to the registry's own host, as in a request.
    pub(crate) fn lend_to_registry(&mut self) -> Result<(), Denial> {
        let Some((pass, registry)) = self.pass.as_ref().and_then(|pass| Some((pass, pass.registry.as_ref()?))) else {
            return Err(Denial::closed());
        };
        // A registry on this machine may speak plain HTTP; who it is stays the same.
        let Ok(target) = Target::parse(&format!("https://{registry}")) else {
            return Err(Denial::closed());
        };
        let allowed = pass.permission(&target).is_some_and(|allowed| pass.may_have_secrets(&target, allowed));
        if allowed {
            return Ok(());
        }
        let denial = Denial::secret(&self.flavor, &target);
        self.denial.get_or_insert_with(|| denial.clone());
        Err(denial)
    }

    /// Sends one request and gives its whole answer.
    pub(crate) async fn send(&mut self, request: Request) -> Result<Response, EgressError> {
        if self.requests >= limits::REQUESTS {
            return Err(EgressError::Exhausted);
        }
        self.requests += 1;
        let sent = self.pass_through(request).await;
        if let Err(EgressError::Denied(denial)) = &sent {
            tracing::info!("flavor `{}`: {denial}", self.flavor);
            self.denial.get_or_insert_with(|| denial.clone());
        }
        sent
    }

    async fn pass_through(&mut self, request: Request) -> Result<Response, EgressError> {
        let Some(pass) = &self.pass else { return Err(EgressError::Denied(Denial::closed())) };
        let target = Target::parse(&request.url).map_err(EgressError::invalid)?;
        let Some(allowed) = pass.permission(&target) else {
            return Err(EgressError::Denied(Denial::of(&self.flavor, &target)));
        };
        if request.holds_secrets() && !pass.may_have_secrets(&target, allowed) {
            return Err(EgressError::Denied(Denial::secret(&self.flavor, &target)));
        }
        self.spent.remember(&request);
        let method = request.method.clone();
        let request = request.assemble(&target)?;
        let exchange = self.egress.exchange(&self.flavor, &target, allowed.inside, request);
        let outcome = tokio::time::timeout(limits::REQUEST_TIME, exchange).await.unwrap_or(Err(EgressError::Timeout));
        // Neither path nor query nor body: any of them may hold a token.
        match &outcome {
            Ok(response) => {
                tracing::info!("flavor `{}`: {method} {} answered {}", self.flavor, target.origin(), response.status);
            }
            Err(error) => tracing::info!("flavor `{}`: {method} {} failed: {error}", self.flavor, target.origin()),
        }
        outcome.map(|response| self.spent.strike_out(response))
    }
}

#[cfg(test)]
mod tests;
