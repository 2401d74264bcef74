//! The hosts that one call may reach, decided from the user's grants alone: nothing is resolved or sent here.

use super::denial::Denial;
use crate::grant::{Grant, HostPattern, Permission, Target, permission};
use crate::image::Host;

/// The hosts that one call may reach.
pub(crate) enum EgressPolicy {
    /// No host: for calls that have no reason to send anything.
    DenyAll,
    /// The hosts that the user granted.
    Granted(GrantedHosts),
}

/// The user's grants for one call.
pub(crate) struct GrantedHosts {
    /// The grants of the flavor, and those for the registry of the call.
    pub(crate) grants: Vec<Grant>,
    /// The host of the registry, which the pattern `https://{registry}` stands for; none where a call is about a
    /// connector alone.
    pub(crate) registry: Option<Host>,
    /// Hosts that the auth method of the call's connector may send its secrets to.
    pub(crate) secret_hosts: Vec<HostPattern>,
}

impl EgressPolicy {
    /// What a request to `target` may do; `flavor` is the name that the hint of a denial repeats.
    ///
    /// # Errors
    /// When the target is not granted, or the request holds a secret that the target may not have.
    pub(super) fn authorize(&self, flavor: &str, target: &Target, has_secret: bool) -> Result<Permission, Denial> {
        let Self::Granted(granted) = self else { return Err(Denial::closed()) };
        let permission = granted.permission(target).ok_or_else(|| Denial::not_granted(flavor, target))?;
        if has_secret && !granted.allows_secrets(target, permission) {
            return Err(Denial::secret(flavor, target));
        }
        Ok(permission)
    }

    /// Allows a secret as the registry's password, if a request to the registry's host could hold it: the host sends
    /// the password there.
    ///
    /// # Errors
    /// When there is no registry, or its host may not have secrets of this connector.
    pub(super) fn allow_registry_host(&self, flavor: &str) -> Result<(), Denial> {
        let Self::Granted(granted) = self else { return Err(Denial::closed()) };
        let registry = granted.registry.as_ref().ok_or_else(Denial::closed)?;
        // Without regard to the scheme: a registry on this machine may speak plain HTTP and is the same host.
        let target = Target::parse(&format!("https://{registry}")).map_err(|_| Denial::closed())?;
        let permission = granted.permission(&target);
        if permission.is_some_and(|permission| granted.allows_secrets(&target, permission)) {
            return Ok(());
        }
        Err(Denial::secret(flavor, &target))
    }
}

impl GrantedHosts {
    fn permission(&self, target: &Target) -> Option<Permission> {
        permission(&self.grants, target, self.registry.as_ref())
    }

    /// Whether a granted target may have secrets: the user said so, or the auth method that owns them names it.
    fn allows_secrets(&self, target: &Target, permission: Permission) -> bool {
        permission.secrets || self.secret_hosts.iter().any(|pattern| pattern.matches(target, self.registry.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Escaped;

    fn policy(grants: Vec<Grant>, secret_hosts: &[&str]) -> EgressPolicy {
        let secret_hosts = secret_hosts.iter().map(|pattern| pattern.parse().unwrap()).collect();
        EgressPolicy::Granted(GrantedHosts {
            grants,
            registry: Some("registry.example".parse().unwrap()),
            secret_hosts,
        })
    }

    fn asked(pattern: &str) -> Vec<Grant> {
        vec![Grant::asked(pattern.parse().unwrap())]
    }

    fn denied(policy: &EgressPolicy, url: &str) -> String {
        let denial = policy.authorize("x", &Target::parse(url).unwrap(), false).unwrap_err();
        format!("{denial}; {}", denial.hint().map_or("no hint", Escaped::as_str))
    }

    #[test]
    fn an_address_that_is_not_granted_is_called_what_it_is() {
        let policy = policy(asked("https://granted.example"), &[]);
        let words = denied(&policy, "https://169.254.169.254/");
        assert!(words.contains("private network") && words.contains("--allow-host https://169.254.169.254"), "{words}");
        // Nothing that could be granted.
        assert!(denied(&policy, "https://0.0.0.0/").ends_with("no hint"));
        assert!(!denied(&policy, "https://8.8.8.8/").contains("private network"));
    }

    #[test]
    fn a_secret_is_the_registry_s_password_only_where_its_method_says_so() {
        let allow = |grants, secret_hosts: &[&str]| policy(grants, secret_hosts).allow_registry_host("x");
        assert!(allow(asked("https://{registry}"), &["https://{registry}"]).is_ok());
        let several = ["https://*.registry.example", "https://registry.example"];
        assert!(allow(asked("https://registry.example"), &several).is_ok());
        assert!(allow(vec![Grant::with_secrets("https://registry.example".parse().unwrap())], &[]).is_ok());
        for (grants, secret_hosts) in [
            (asked("https://{registry}"), &["https://auth.example"][..]),
            (asked("https://{registry}"), &[]),
            (asked("https://auth.example"), &["https://{registry}"]),
        ] {
            let denial = allow(grants, secret_hosts).unwrap_err();
            assert!(denial.hint().unwrap().contains("--allow-secret-host https://registry.example`"), "{denial}");
        }
    }
}
