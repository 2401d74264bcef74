//! A flavor for tests, as a stranger would write it: registries at `localhost:<port>/vault`, opened with a connector.
//!
//! Its connectors are a user name with a password, or a key file that says whose it is and holds the password; both may
//! also be found on the user's machine. With an office, at the URL of its option, it proves a user name with a password
//! there, and lists the registries.
#![forbid(unsafe_code)]

use crhost_flavor::http::{Method, Part, Request};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Basic, Connector, Credential, Description, Failure, Field, FieldKind, FieldValue, Flavor,
    Image, OptionSpec, Options, Password, Prepared, Registry, Source, UploadProfile,
};

struct Vault;

impl Flavor for Vault {
    fn describe() -> Description {
        Description {
            name: "vault".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Test registries whose passwords are in a vault".to_owned(),
            documentation: None,
            uri_examples: vec!["localhost:5000/vault".to_owned()],
            options: vec![OptionSpec::new("office", "URL of the office that knows who opens the vault")],
            auth_methods: vec![
                method(
                    "password",
                    "A user name and a password",
                    vec![
                        field("username", "Who opens the vault", FieldKind::Text),
                        field("password", "What opens the vault", FieldKind::Secret),
                    ],
                ),
                method(
                    "key-file",
                    "A key file of the vault",
                    vec![Field {
                        public_members: vec!["client_email".to_owned()],
                        ..field("key", "The whole file", FieldKind::SecretJson)
                    }],
                ),
                AuthMethod::new("vault", "machine", "What stands ready on this machine")
                    .field(Field::text("username", "Who opens the vault").env("VAULT_USER"))
                    .field(
                        Field::secret("password", "What opens the vault")
                            .env("VAULT_PASSWORD")
                            .source(Source::File("~/.vault/password".to_owned())),
                    )
                    .host("https://{registry}")
                    .implicit(),
                AuthMethod::new("vault", "profile", "A profile of the vault's file on this machine")
                    .field(
                        Field::secret_ini("profiles", "The whole file")
                            .source(Source::EnvFile("VAULT_FILE".to_owned()))
                            .source(Source::File("~/.vault/profiles".to_owned()))
                            .public(["user"]),
                    )
                    .field(Field::text("profile", "Which one; otherwise `default`").env("VAULT_PROFILE").optional())
                    .host("https://{registry}")
                    .implicit(),
            ],
            hosts: Vec::new(),
        }
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        let uri = RegistryUri::parse(&uri)?;
        let here = matches!(uri.host(), "localhost" | "127.0.0.1") && uri.port().is_some();
        if here && uri.path().first() == Some(&"vault") {
            return Ok(AcceptedUri::new(uri.to_string()));
        }
        Err(Failure::invalid_input(format!("`{uri}` is no vault, expected `localhost:<port>/vault`"))
            .hint("write e.g. `localhost:5000/vault`"))
    }

    fn prepare_image_push(_: Registry, _: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        Ok(Prepared::new(UploadProfile::standard()))
    }

    fn credentials(_: Registry, connector: Option<Connector>, _: Image) -> Result<Credential, Failure> {
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
        (options.get("office"), connector.text("username"), connector.secret("password"))
    else {
        return Err(Failure::unsupported("there is no office to ask, or nothing to show there"));
    };
    let words = [Part::from("Basic "), Part::basic(username, password)];
    let answer =
        Request::new(Method::Get, format!("{office}/{what}")).header_of("authorization", Vec::from(words)).send()?;
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
    Some(Basic { username, password: Password::Secret(password), expires_at: None, whole_registry: false })
}

fn from_password(connector: Connector) -> Option<Basic> {
    let username = connector.text("username")?.to_owned();
    let password = connector.fields.into_iter().find_map(|(name, value)| match value {
        FieldValue::Secret(secret) if name == "password" => Some(secret),
        _ => None,
    })?;
    Some(Basic { username, password: Password::Secret(password), expires_at: None, whole_registry: false })
}

fn from_key_file(connector: &Connector) -> Option<Basic> {
    let key = connector.secret("key")?;
    let (username, password) = (key.public_member("client_email")?, key.member("private_key")?);
    Some(Basic { username, password: Password::Secret(password), expires_at: None, whole_registry: false })
}

fn method(name: &str, summary: &str, fields: Vec<Field>) -> AuthMethod {
    AuthMethod {
        connector_type: "vault".to_owned(),
        name: name.to_owned(),
        summary: summary.to_owned(),
        fields,
        implicit: false,
        hosts: vec!["https://vault.example.com".to_owned(), "https://{registry}".to_owned()],
    }
}

fn field(name: &str, summary: &str, kind: FieldKind) -> Field {
    let (name, summary) = (name.to_owned(), summary.to_owned());
    Field { name, summary, kind, required: true, sources: Vec::new(), public_members: Vec::new() }
}

crhost_flavor::export!(Vault);
