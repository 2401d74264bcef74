//! Addresses of AWS's APIs that a machine's environment or profile names, in the order of AWS's own tools (botocore
//! 1.43.11, `configprovider.py`, `ConfiguredEndpointProvider`): a variable for the service, the one for all, the
//! section of services that the profile names, the profile itself.
//!
//! An address is asked if the user granted it. Options of the registry have precedence, as flags of AWS's tools have.

use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure, FailureKind, Options, Registry};

use crate::connector::{profile_of, region};
use crate::endpoint::Endpoint;
use crate::host::{self, Host};
use crate::names::{ECR_ENDPOINT, ENDPOINT_URL, IGNORE_ENDPOINT_URLS, IMPLICIT, STS_ENDPOINT};
use crate::profile::Files;
use crate::target::Target;

/// A service as AWS's tools name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Service {
    /// The private registry's API.
    Ecr,
    /// That of ECR Public.
    EcrPublic,
    /// STS.
    Sts,
}

impl Service {
    /// Its name in a section of services.
    fn name(self) -> &'static str {
        match self {
            Self::Ecr => "ecr",
            Self::EcrPublic => "ecr_public",
            Self::Sts => "sts",
        }
    }

    /// The field with the value of its variable.
    fn field(self) -> String {
        format!("{}-{ENDPOINT_URL}", self.name().replace('_', "-"))
    }

    /// The option that names its address in the registry.
    fn option(self) -> &'static str {
        match self {
            Self::Ecr | Self::EcrPublic => ECR_ENDPOINT,
            Self::Sts => STS_ENDPOINT,
        }
    }
}

/// The fields that the variables are read into, with their names.
pub(crate) fn fields() -> [(String, String, String); 4] {
    let of = |service: Service, what: &str| {
        let variable = format!("AWS_ENDPOINT_URL_{}", service.name().to_ascii_uppercase());
        (service.field(), format!("URL of {what}'s API; has to be granted"), variable)
    };
    [
        of(Service::Ecr, "ECR"),
        of(Service::EcrPublic, "ECR Public"),
        of(Service::Sts, "STS"),
        (
            ENDPOINT_URL.to_owned(),
            "URL of all of AWS's APIs; has to be granted".to_owned(),
            "AWS_ENDPOINT_URL".to_owned(),
        ),
    ]
}

/// Options with the addresses that the machine names, and who names them.
pub(crate) struct Configured {
    /// The options.
    pub(crate) options: Options,
    named: Vec<(String, String)>,
}

impl Configured {
    /// The options of a call, with the addresses of a connector's machine for a registry that may be ECR Public.
    pub(crate) fn of(connector: &Connector, options: &Options, is_public: bool) -> Result<Self, Failure> {
        let ecr = if is_public { Service::EcrPublic } else { Service::Ecr };
        let mut configured = Self { options: options.clone(), named: Vec::new() };
        for service in [ecr, Service::Sts] {
            if options.get(service.option()).is_none()
                && let Some((url, by)) = found(connector, service)?
            {
                if Endpoint::parse(&url).is_none() {
                    let url = excerpt(&url, 200);
                    return Err(Failure::invalid_input(format!("{by} is `{url}`, expected a URL without query")).hint(
                        "write e.g. `http://localhost:4566`, or set `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true`",
                    ));
                }
                configured.options.0.push((service.option().to_owned(), url.clone()));
                configured.named.push((url, by));
            }
        }
        Ok(configured)
    }

    /// A registry with these options.
    pub(crate) fn registry(&self, registry: &Registry) -> Registry {
        Registry { options: self.options.0.clone(), ..registry.clone() }
    }

    /// A failure of a call, told who named an address that is closed.
    pub(crate) fn told(&self, failure: Failure) -> Failure {
        let origin = |url: &str| url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let text = format!("{} {}", failure.message, failure.hint.as_deref().unwrap_or_default());
        let named = self.named.iter().find(|(url, _)| text.contains(&origin(url)));
        match (failure.kind, named) {
            // In the message: crhost's own hint, which says how to open the address, takes the place of this one.
            (FailureKind::Denied, Some((url, by))) => {
                let hint = failure.hint.clone().unwrap_or_else(|| {
                    format!("`--allow-secret-host {}` when registering the registry lets it be asked", origin(url))
                });
                let message = format!(
                    "{}; the address is that of {by}, which `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true` leaves out",
                    failure.message
                );
                Failure { message, ..failure }.hint(hint)
            }
            _ => failure,
        }
    }
}

/// What comes of a call about a registry, with the APIs that it has by its options and by the connector's machine.
pub(crate) fn with_target<T>(
    registry: &Registry,
    connector: &Connector,
    call: impl FnOnce(&Target, &Options) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let is_public = matches!(host::parse(registry.host()), Ok(Host::Public));
    let configured = Configured::of(connector, &registry.options(), is_public)?;
    let target = Target::of(&configured.registry(registry), || region(connector))?;
    call(&target, &configured.options).map_err(|failure| configured.told(failure))
}

/// The address of a service that a connector's machine names, and who names it.
fn found(connector: &Connector, service: Service) -> Result<Option<(String, String)>, Failure> {
    if connector.method != IMPLICIT {
        return Ok(None);
    }
    let files = Files::of(connector);
    let (profile, _) = profile_of(connector);
    let setting = |name: &str| files.setting(profile, name).filter(|value| !value.is_empty());
    let ignored = connector.text(IGNORE_ENDPOINT_URLS).map(str::to_owned);
    let ignored = ignored.or_else(|| setting("ignore_configured_endpoint_urls"));
    if ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let variables = [service.field(), ENDPOINT_URL.to_owned()];
    for (field, _, variable) in fields().iter().filter(|(field, ..)| variables.contains(field)) {
        if let Some(url) = connector.text(field).filter(|url| !url.is_empty()) {
            return Ok(Some((url.to_owned(), format!("`{variable}`"))));
        }
    }
    if let Some(section) = setting("services") {
        let services = files.services(&section).ok_or_else(|| {
            Failure::invalid_input(format!("profile `{profile}` names the services `{section}`, and there are none"))
                .hint(format!("write a section `[services {section}]` into AWS's file of settings"))
        })?;
        let url = services.member(service.name()).and_then(|service| service.public_member("endpoint_url"));
        if let Some(url) = url.filter(|url| !url.is_empty()) {
            return Ok(Some((url, format!("`endpoint_url` of `{}` in `[services {section}]`", service.name()))));
        }
    }
    Ok(setting("endpoint_url").map(|url| (url, format!("`endpoint_url` of profile `{profile}`"))))
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{Host, connector, options};
    use serde_json::{Value, json};

    use super::*;
    use crate::names::CONFIG_FILE;
    use crate::profile::PUBLIC;

    /// The addresses of ECR's and of STS's API.
    fn configured(
        fields: &[(&str, &str)],
        config: &Value,
        given: &[(&str, &str)],
    ) -> Result<[Option<String>; 2], Failure> {
        let host = Host::at(0);
        let file = host.secret_json(config, &PUBLIC);
        let connector = connector(IMPLICIT, fields).with_secret(CONFIG_FILE, file);
        let found = Configured::of(&connector, &options(given), false)?;
        Ok([ECR_ENDPOINT, STS_ENDPOINT].map(|name| found.options.get(name).map(str::to_owned)))
    }

    #[test]
    fn addresses_are_taken_in_the_order_of_aws_s_tools() {
        let urls = |ecr: Option<&str>, sts: Option<&str>| [ecr, sts].map(|url| url.map(str::to_owned));
        let profile = json!({
            "default": {"services": "local", "endpoint_url": "http://p"},
            "services local": {"ecr": {"endpoint_url": "http://s"}},
        });
        let environment = [("ecr-endpoint-url", "http://e"), ("endpoint-url", "http://a")];
        for (fields, config, given, expected) in [
            (&[][..], json!({}), &[][..], urls(None, None)),
            (&[], profile.clone(), &[], urls(Some("http://s"), Some("http://p"))),
            (&environment, profile.clone(), &[], urls(Some("http://e"), Some("http://a"))),
            (&[("endpoint-url", "http://a")], profile.clone(), &[], urls(Some("http://a"), Some("http://a"))),
            (&[("ecr-public-endpoint-url", "http://x")], json!({}), &[], urls(None, None)),
            (&environment, json!({}), &[(STS_ENDPOINT, "http://o")], urls(Some("http://e"), Some("http://o"))),
            (&[(IGNORE_ENDPOINT_URLS, "True"), environment[0]], profile, &[], urls(None, None)),
            (
                &[],
                json!({"default": {"endpoint_url": "http://p", "ignore_configured_endpoint_urls": "true"}}),
                &[],
                urls(None, None),
            ),
            (&[], json!({"default": {"s3": {"endpoint_url": "http://s3"}}}), &[], urls(None, None)),
            (
                &[("profile-name", "dev")],
                json!({"default": {"endpoint_url": "http://p"}, "profile dev": {"endpoint_url": "http://d"}}),
                &[],
                urls(Some("http://d"), Some("http://d")),
            ),
        ] {
            assert_eq!(configured(fields, &config, given).unwrap(), expected, "{fields:?} {config}");
        }
    }

    #[test]
    fn what_is_no_address_or_no_section_is_told_with_its_origin() {
        let failure = configured(&[("endpoint-url", "localhost:4566")], &json!({}), &[]).unwrap_err();
        assert!(failure.message.contains("`AWS_ENDPOINT_URL` is `localhost:4566`"), "{}", failure.message);
        let failure = configured(&[], &json!({"default": {"services": "none"}}), &[]).unwrap_err();
        assert!(failure.hint.unwrap().contains("[services none]"));
    }

    #[test]
    fn only_the_machine_s_own_keys_are_used_where_the_machine_says() {
        let stored = connector("secret-key", &[("endpoint-url", "http://a")]);
        assert_eq!(Configured::of(&stored, &options(&[]), false).unwrap().named, []);
    }

    #[test]
    fn an_address_that_is_closed_is_told_with_its_origin() {
        let machine = connector(IMPLICIT, &[("endpoint-url", "http://127.0.0.1:4566")]);
        let found = Configured::of(&machine, &options(&[]), true).unwrap();
        let told = found.told(Failure::denied("`http://127.0.0.1:4566` is not granted"));
        assert!(told.hint.unwrap().contains("--allow-secret-host http://127.0.0.1:4566"));
        assert!(told.message.contains("that of `AWS_ENDPOINT_URL`"), "{}", told.message);
        let other = found.told(Failure::denied("no").hint("ask"));
        assert_eq!(other.hint.as_deref(), Some("ask"));
    }
}
