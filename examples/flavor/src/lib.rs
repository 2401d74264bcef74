//! A whole flavor, as an author outside of crhost would write it: registries at `localhost:<port>/drawer`.
//!
//! It is also a guest of crhost's end-to-end tests, which want to see options at work. So its password is an option of
//! the registry. A real flavor describes an auth method and hands back a secret that it never sees: see
//! [`AuthMethod`](crhost_flavor::AuthMethod), [`password`](crhost_flavor::password), and the flavor `quay` of crhost.
#![forbid(unsafe_code)]

use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, OptionSpec, Password, Prepared, Purpose,
    Registry, UploadProfile, clock, log,
};

/// Seconds that a credential is good for: longer than a push.
const LIFETIME: u64 = 3600;

/// The URIs of this flavor's registries.
const RULES: Rules = Rules {
    flavor: "drawer",
    example: "localhost:5000/drawer",
    no_host: |path| format!("write e.g. `localhost:5000/{path}`"),
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no drawer", uri.host()))),
    grammar,
};

struct Drawer;

impl Flavor for Drawer {
    fn describe() -> Description {
        Description::new("drawer", env!("CARGO_PKG_VERSION"), "Test registries in a drawer of this machine")
            .uri_examples(["localhost:5000/drawer", "127.0.0.1:5000/drawer/top"])
            .option(OptionSpec::text("username", "Who opens the drawer").default("alice"))
            .option(OptionSpec::text("password", "What opens the drawer; kept as plain text").required())
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        RULES.accept(&uri)
    }

    fn prepare_image_push(_: Registry, _: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        check_repository(&image.repository)?;
        log::info(&format!("the drawer is open for {}", image.repository));
        Ok(Prepared::new(UploadProfile::standard()).note("the drawer was open already"))
    }

    fn credentials(
        registry: Registry,
        _: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let option = |name: &str| {
            registry.option(name).map(str::to_owned).ok_or_else(|| {
                Failure::invalid_input(format!("option `{name}` is missing, expected a value"))
                    .hint(format!("register the registry with `{name}=…`"))
            })
        };
        let basic = Credential::basic(option("username")?, Password::Plain(option("password")?));
        Ok(basic.expires_at(clock::now() + LIFETIME).for_whole_registry().into())
    }
}

crhost_flavor::export!(Drawer);

/// Accepts drawers on this machine.
fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let is_here = matches!(uri.host(), "localhost" | "127.0.0.1") && uri.port().is_some();
    if is_here && uri.path().first() == Some(&"drawer") {
        return Ok(AcceptedUri::new(uri.to_string()));
    }
    Err(Failure::invalid_input(format!("`{uri}` is no drawer, expected `localhost:<port>/drawer`"))
        .hint("write e.g. `localhost:5000/drawer`"))
}

/// Refuses repositories that are locked.
fn check_repository(repository: &str) -> Result<(), Failure> {
    match repository.rsplit('/').next() {
        Some("forbidden") => {
            Err(Failure::denied(format!("repository `{repository}` is locked, expected another name"))
                .hint("choose a name that does not end in `forbidden`"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::{assert_accepts, assert_examples, assert_refuses, operations};

    use super::*;

    #[test]
    fn drawers_of_this_machine_are_accepted_in_canonical_form() {
        assert_accepts::<Drawer>(&[
            ("localhost:5000/drawer", "localhost:5000/drawer", 0),
            ("LOCALHOST:5000/drawer/", "localhost:5000/drawer", 0),
            ("127.0.0.1:5000/drawer/top", "127.0.0.1:5000/drawer/top", 0),
        ]);
        assert_examples::<Drawer>();
    }

    #[test]
    fn nothing_is_asked_for() {
        assert_eq!(operations::<Drawer>(), [""; 0]);
    }

    #[test]
    fn everything_else_is_refused_with_the_next_step() {
        assert_refuses::<Drawer>(&[
            ("localhost:5000/shelf", "`localhost:5000/drawer`"),
            ("localhost/drawer", "`localhost:5000/drawer`"),
            ("http://localhost:5000/drawer", "leave the scheme out: `localhost:5000/drawer`"),
            ("localhost:5000/Drawer", "as in `localhost:5000/drawer`"),
            ("ghcr.io/drawer", "use the flavor `github`"),
        ]);
    }

    #[test]
    fn a_locked_repository_is_denied() {
        assert_eq!(check_repository("drawer/train"), Ok(()));
        assert_eq!(check_repository("drawer/forbidden").unwrap_err().kind, FailureKind::Denied);
    }
}
