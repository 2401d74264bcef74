//! Addresses of services, which an option may replace.

use crate::options::Options;
use crate::types::Failure;

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
    ///
    /// Fails if the option's value is not a URL.
    pub fn url(self, options: &Options) -> Result<String, Failure> {
        Ok(self.replacement(options)?.unwrap_or_else(|| self.address.to_owned()))
    }

    /// The option's value, if it has one.
    pub fn replacement(self, options: &Options) -> Result<Option<String>, Failure> {
        options.url(self.option)
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
        assert_eq!(TOKEN.url(&Options::default()).unwrap(), "https://oauth2.googleapis.com");
        assert_eq!(TOKEN.host(), "oauth2.googleapis.com");
        assert_eq!(url("http://127.0.0.1:80/").unwrap(), "http://127.0.0.1:80");
        assert_eq!(url("https://proxy.example.com/google").unwrap(), "https://proxy.example.com/google");
        assert!(url("proxy.example.com").is_err());
    }
}
