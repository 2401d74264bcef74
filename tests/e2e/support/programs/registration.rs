//! What users register before they push, as command lines.

use super::crhost::Home;
use super::process::Finished;

/// Registers a registry of the flavor `default` with a connector `NAME-login` of a user name and a password.
#[track_caller]
pub(crate) fn with_password(home: &mut Home, name: &str, uri: &str, (user, password): (&str, &str)) {
    home.set("PASSWORD_OF_THE_TEST", password);
    let connector = format!("{name}-login");
    let fields = Connector::new(&connector, "docker", "password").field("username", user);
    fields.field("password", "@env:PASSWORD_OF_THE_TEST").register(home);
    RegistrySpec::new(name, "default", uri).connector(&connector).register(home);
}

/// `crhost connector register`.
#[derive(Clone)]
pub(crate) struct Connector(Vec<String>);

impl Connector {
    /// One of a type and an auth method, which is stored without a proof: that would go to the provider itself.
    pub(crate) fn new(name: &str, connector_type: &str, auth_method: &str) -> Self {
        Self::proved(name, connector_type, auth_method).more(&["--no-verify"])
    }

    /// One that is stored only if its flavor doesn't find it wrong.
    pub(crate) fn proved(name: &str, connector_type: &str, auth_method: &str) -> Self {
        let (connector_type, auth_method) =
            (format!("--type={connector_type}"), format!("--auth-method={auth_method}"));
        Self(["connector", "register", name, &connector_type, &auth_method].map(str::to_owned).to_vec())
    }

    /// The connector with further arguments.
    pub(crate) fn more(mut self, arguments: &[&str]) -> Self {
        self.0.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// The connector with a field, whose value is written out, in a file (`@FILE`), or in a variable (`@env:NAME`).
    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        self.more(&[&format!("--{name}={value}")])
    }

    /// The connector that may read this machine.
    pub(crate) fn allow_implicit(self) -> Self {
        self.more(&["--allow-implicit"])
    }

    /// Registers it.
    #[track_caller]
    pub(crate) fn register(&self, home: &Home) -> Finished {
        home.run(&self.0.iter().map(String::as_str).collect::<Vec<_>>()).ok()
    }
}

/// `crhost registry register`. Without a proof, so that it is a push that meets what is wrong.
#[derive(Clone)]
pub(crate) struct RegistrySpec(Vec<String>);

impl RegistrySpec {
    /// A registry of a flavor at a URI.
    pub(crate) fn new(name: &str, flavor: &str, uri: &str) -> Self {
        let (flavor, uri) = (format!("--flavor={flavor}"), format!("--uri={uri}"));
        Self(["registry", "register", name, &flavor, &uri, "--no-verify"].map(str::to_owned).to_vec())
    }

    /// The registry with a connector.
    pub(crate) fn connector(self, name: &str) -> Self {
        self.more(&["--connector", name])
    }

    /// The registry with an option of its flavor.
    pub(crate) fn option(self, name: &str, value: &str) -> Self {
        self.more(&["--option", &format!("{name}={value}")])
    }

    /// The registry whose flavor may reach a host.
    pub(crate) fn allow_host(self, host: &str) -> Self {
        self.more(&["--allow-host", host])
    }

    /// The registry whose flavor may reach a host and send it secrets.
    pub(crate) fn allow_secret_host(self, host: &str) -> Self {
        self.more(&["--allow-secret-host", host])
    }

    /// The registry with further arguments.
    pub(crate) fn more(mut self, arguments: &[&str]) -> Self {
        self.0.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Registers it, or tries to.
    pub(crate) fn run(&self, home: &Home) -> Finished {
        home.run(&self.0.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Registers it.
    #[track_caller]
    pub(crate) fn register(&self, home: &Home) -> Finished {
        self.run(home).ok()
    }
}
