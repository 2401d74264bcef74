//! A flavor for tests, as a stranger would write it: registries at `localhost:<port>/vault`, opened with a connector.
//!
//! Its connectors are a user name with a password, or a key file that says whose it is and holds the password; both may
//! also be found on the user's machine. With an office, at the URL of its option, it proves a user name with a password
//! there, and lists the registries.
#![forbid(unsafe_code)]

use std::collections::HashMap;

use crhost_flavor::http::{Method, Request, Value};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Basic, Connector, Credential, Description, Failure, Field, Flavor, Image, Operation,
    OptionSpec, Options, Password, Prepared, Purpose, Registry, Source, UploadProfile,
};

struct Vault;

/// The office that it asks unless the option `office` names another one.
const OFFICE: &str = "https://vault.example.com";

impl Flavor for Vault {
    fn describe() -> Description {
        Description::new("vault", env!("CARGO_PKG_VERSION"), "Test registries whose passwords are in a vault")
            .uri_examples(["localhost:5000/vault"])
            .option(OptionSpec::url("office", "URL of the office that knows who opens the vault"))
            .auth_method(
                AuthMethod::new("vault", "password", "A user name and a password")
                    .field(Field::text("username", "Who opens the vault"))
                    .field(Field::secret("password", "What opens the vault"))
                    .operation(
                        Operation::new("ask-office", "Asks who it is, and what is open to them")
                            .get()
                            .host(OFFICE)
                            .endpoint("office")
                            .path("/whoami")
                            .path("/registries")
                            .basic("password"),
                    )
                    .registry_password("password"),
            )
            .auth_method(
                AuthMethod::new("vault", "key-file", "A key file of the vault")
                    .field(Field::secret_json("key", "The whole file").public(["client_email"]))
                    .registry_password("key"),
            )
            .auth_method(
                AuthMethod::new("vault", "machine", "What stands ready on this machine")
                    .field(Field::text("username", "Who opens the vault").env("VAULT_USER"))
                    .field(
                        Field::secret("password", "What opens the vault")
                            .env("VAULT_PASSWORD")
                            .source(Source::File("~/.vault/password".to_owned())),
                    )
                    .registry_password("password")
                    .implicit(),
            )
            .auth_method(
                AuthMethod::new("vault", "profile", "A profile of the vault's file on this machine")
                    .field(
                        Field::secret_ini("profiles", "The whole file")
                            .source(Source::EnvFile("VAULT_FILE".to_owned()))
                            .source(Source::File("~/.vault/profiles".to_owned()))
                            .public(["user"]),
                    )
                    .field(Field::text("profile", "Which one; otherwise `default`").env("VAULT_PROFILE").optional())
                    .registry_password("profiles")
                    .implicit(),
            )
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        let uri = RegistryUri::parse(&uri)?;
        // As most flavors have one somewhere: its keys come from `wasi:random/insecure-seed`.
        let hosts = HashMap::from([("localhost", "by name"), ("127.0.0.1", "by address")]);
        let here = hosts.contains_key(uri.host()) && uri.port().is_some();
        if here && uri.path().first() == Some(&"vault") {
            return Ok(AcceptedUri::new(uri.to_string()));
        }
        Err(Failure::invalid_input(format!("`{uri}` is no vault, expected `localhost:<port>/vault`"))
            .hint("write e.g. `localhost:5000/vault`"))
    }

    fn prepare_image_push(_: Registry, _: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        Ok(Prepared::new(UploadProfile::standard()))
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let connector = connector.ok_or_else(|| {
            Failure::unauthenticated("the registry has no connector, expected one of type `vault`")
                .hint("register the registry with `--connector NAME`")
        })?;
        let basic = match connector.method.as_str() {
            "key-file" => from_key_file(&connector),
            "profile" => from_profile(&connector),
            _ => from_password(connector),
        };
        let missing = || Failure::invalid_input("the connector lacks a field or a member, expected all of them");
        Ok(Credential::Basic(basic.ok_or_else(missing)?))
    }

    fn identify(connector: Connector, options: &Options) -> Result<String, Failure> {
        ask_office(&connector, options, "whoami")
    }

    fn list_resources(connector: Connector, options: &Options) -> Result<Vec<String>, Failure> {
        Ok(ask_office(&connector, options, "registries")?.lines().map(str::to_owned).collect())
    }
}

fn ask_office(connector: &Connector, options: &Options, what: &str) -> Result<String, Failure> {
    let (Some(office), Some(username), Some(password)) =
        (options.url("office"), connector.text("username"), connector.secret("password"))
    else {
        return Err(Failure::unsupported("there is no office to ask, or nothing to show there"));
    };
    let answer = Request::new(Method::Get, format!("{office}/{what}"))
        .header("authorization", Value::basic(username, password))
        .send()?;
    match answer.status {
        200 => Ok(String::from_utf8_lossy(&answer.body).trim().to_owned()),
        401 => Err(Failure::unauthenticated(format!("the office does not know `{username}` with this password"))
            .hint("ask the office for a new password")),
        other => Err(Failure::other(format!("the office answered {other}"))),
    }
}

fn from_profile(connector: &Connector) -> Option<Basic> {
    let profile = connector.secret("profiles")?.member(connector.text("profile").unwrap_or("default"))?;
    let (username, password) = (profile.public_member("user")?, profile.member("password")?);
    Some(Credential::basic(username, Password::Secret(password)))
}

fn from_password(connector: Connector) -> Option<Basic> {
    let username = connector.text("username")?.to_owned();
    Some(Credential::basic(username, Password::Secret(connector.into_secret("password")?)))
}

fn from_key_file(connector: &Connector) -> Option<Basic> {
    let key = connector.secret("key")?;
    let (username, password) = (key.public_member("client_email")?, key.member("private_key")?);
    Some(Credential::basic(username, Password::Secret(password)))
}

crhost_flavor::export!(Vault);
