//! The one public host of a kind of registry, and the hosts that are taken for it.

use crate::types::{AcceptedUri, Failure};

use super::registry_uri::RegistryUri;

/// The public host of a kind of registry, e.g. `quay.io`.
#[derive(Clone, Copy, Debug)]
pub struct PublicHost {
    /// The host.
    pub host: &'static str,
    /// The registry's owner in messages, e.g. `Quay` in "Quay's registry".
    pub owner: &'static str,
    /// Whether a host can only have been meant as this one, or is made to look like it. Other registries that are known
    /// are refused before, by the [`Rules`](super::Rules).
    pub is_mistaken: fn(&str) -> bool,
    /// The URI that was meant by one on such a host.
    pub meant: fn(&RegistryUri) -> String,
}

impl PublicHost {
    /// The URI in canonical form if it is on this host; `None` if it is on a host that is not mistaken for it.
    ///
    /// Fails for a port other than 443, and for a host that is mistaken for this one.
    pub fn canonical(&self, uri: &RegistryUri) -> Result<Option<RegistryUri>, Failure> {
        if uri.host() == self.host {
            return uri.without_port(&format!("`{}`", self.host)).map(Some);
        }
        match (self.is_mistaken)(uri.host()) {
            true => Err(self
                .refuse(uri.host())
                .hint(format!("did you mean `{}`? If not, use the flavor `default`", (self.meant)(uri)))),
            false => Ok(None),
        }
    }

    /// The failure for another host.
    pub fn refuse(&self, host: &str) -> Failure {
        Failure::invalid_input(format!("host `{host}` is not {}'s registry, expected `{}`", self.owner, self.host))
    }

    /// Accepts a URI whose path `check` accepts, in canonical form on this host, and with a warning on a host that may
    /// stand in front of it.
    ///
    /// Fails where [`canonical`](Self::canonical) or `check` does.
    pub fn accept(
        &self,
        uri: &RegistryUri,
        check: impl Fn(&RegistryUri) -> Result<(), Failure>,
    ) -> Result<AcceptedUri, Failure> {
        let canonical = self.canonical(uri)?;
        let accepted = canonical.as_ref().unwrap_or(uri);
        check(accepted)?;
        let accepted = AcceptedUri::new(accepted.to_string());
        Ok(match canonical {
            Some(_) => accepted,
            None => accepted.warning(format!(
                "`{}` is not {}'s own `{}`; it is taken for a host that stands in front of it",
                uri.host(),
                self.owner,
                self.host
            )),
        })
    }
}
