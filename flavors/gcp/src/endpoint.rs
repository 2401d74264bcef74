//! Where Google's services answer.

use crhost_flavor::{Failure, Options};

/// A service of Google's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Service {
    /// The option that puts another address in its place.
    pub(crate) option: &'static str,
    /// Its own address.
    pub(crate) address: &'static str,
}

pub(crate) const TOKEN: Service = Service { option: "token-endpoint", address: "https://oauth2.googleapis.com" };
pub(crate) const STS: Service = Service { option: "sts-endpoint", address: "https://sts.googleapis.com" };
pub(crate) const IAM: Service = Service { option: "iam-endpoint", address: "https://iamcredentials.googleapis.com" };
pub(crate) const METADATA: Service =
    Service { option: "metadata-endpoint", address: "http://metadata.google.internal" };
pub(crate) const ARTIFACT_REGISTRY: Service =
    Service { option: "artifact-registry-endpoint", address: "https://artifactregistry.googleapis.com" };

impl Service {
    /// Its address without a slash at the end: what the option says, or else its own.
    pub(crate) fn url(self, options: &Options) -> Result<String, Failure> {
        Ok(self.own(options)?.unwrap_or_else(|| self.address.to_owned()))
    }

    /// What Google calls its API, e.g. to switch it on.
    pub(crate) fn name(self) -> &'static str {
        self.address.split('/').next_back().unwrap_or_default()
    }

    /// What the option says; none where it says nothing.
    pub(crate) fn own(self, options: &Options) -> Result<Option<String>, Failure> {
        options.url(self.option)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_puts_another_address_in_the_place_of_google_s() {
        let url = |value: &str| TOKEN.url(&Options(vec![("token-endpoint".into(), value.into())]));
        assert_eq!(TOKEN.url(&Options::default()).unwrap(), "https://oauth2.googleapis.com");
        assert_eq!(url("http://127.0.0.1:80/").unwrap(), "http://127.0.0.1:80");
        assert_eq!(url("https://proxy.example.com/google").unwrap(), "https://proxy.example.com/google");
        assert!(url("proxy.example.com").is_err());
    }
}
