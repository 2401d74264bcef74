//! Addresses of services, which an option may replace.

use crate::options::Options;
use crate::types::OptionSpec;

/// The address of a service, and the option that puts another in its place, e.g. that of a proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// Name of the option.
    pub option: &'static str,
    /// The service's own address, without a slash at its end.
    pub address: &'static str,
}

impl Endpoint {
    /// The URL to use, without a slash at its end: the option's value, or else the service's own address.
    pub fn url(self, options: &Options) -> String {
        self.replacement(options).unwrap_or_else(|| self.address.to_owned())
    }

    /// The option's value, if it has one.
    pub fn replacement(self, options: &Options) -> Option<String> {
        options.url(self.option)
    }

    /// The option; `name` is the service's in its summary, e.g. `Docker Hub's API`.
    pub fn spec(self, name: &str) -> OptionSpec {
        OptionSpec::url(self.option, format!("URL of {name}; `{}` unless you go through another", self.address))
    }

    /// Scheme, host and port of the service's own address.
    pub fn origin(self) -> String {
        self.address.split('/').take(3).collect::<Vec<_>>().join("/")
    }

    /// The host of the service's own address.
    pub fn host(self) -> &'static str {
        self.address.split('/').nth(2).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_puts_another_address_in_the_place_of_the_service_s() {
        const TOKEN: Endpoint = Endpoint { option: "token-endpoint", address: "https://oauth2.googleapis.com" };
        let url = |value: &str| TOKEN.url(&Options(vec![("token-endpoint".into(), value.into())]));
        assert_eq!(TOKEN.url(&Options::default()), "https://oauth2.googleapis.com");
        assert_eq!(TOKEN.host(), "oauth2.googleapis.com");
        let below = Endpoint { option: "api-endpoint", address: "https://api.example.com:8443/v4/x" };
        assert_eq!((below.origin().as_str(), TOKEN.origin().as_str()), ("https://api.example.com:8443", TOKEN.address));
        assert_eq!(url("http://127.0.0.1:80/"), "http://127.0.0.1:80");
        assert_eq!(url("https://proxy.example.com/google"), "https://proxy.example.com/google");
    }
}
