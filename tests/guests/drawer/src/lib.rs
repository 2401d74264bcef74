//! A flavor for tests, as a stranger would write it: registries at `localhost:<port>/drawer`.
//!
//! Not for real use: its password is a plain option of the registry, where a real flavor would describe an auth method
//! and hand back a secret that it never sees.
#![forbid(unsafe_code)]

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{
    AcceptedUri, Basic, Connector, Credential, Description, Failure, Flavor, Image, OptionSpec, Password, Prepared,
    Registry, UploadProfile, clock, log,
};

/// How long a credential is good for, in seconds.
const LIFETIME: u64 = 3600;

struct Drawer;

impl Flavor for Drawer {
    fn describe() -> Description {
        Description {
            name: "drawer".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Test registries in a drawer of this machine".to_owned(),
            documentation: None,
            uri_examples: vec!["localhost:5000/drawer".to_owned(), "127.0.0.1:5000/drawer/top".to_owned()],
            options: vec![
                OptionSpec {
                    name: "username".to_owned(),
                    summary: "Who opens the drawer".to_owned(),
                    default: Some("alice".to_owned()),
                    required: false,
                },
                OptionSpec {
                    name: "password".to_owned(),
                    summary: "What opens the drawer; kept as plain text".to_owned(),
                    default: None,
                    required: true,
                },
            ],
            auth_methods: Vec::new(),
            hosts: Vec::new(),
        }
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        let uri = RegistryUri::parse(&uri)?;
        let here = matches!(uri.host(), "localhost" | "127.0.0.1") && uri.port().is_some();
        if here && uri.path().first() == Some(&"drawer") {
            return Ok(AcceptedUri::new(uri.to_string()));
        }
        Err(Failure::invalid_input(format!("`{uri}` is no drawer, expected `localhost:<port>/drawer`"))
            .hint("write e.g. `localhost:5000/drawer`"))
    }

    fn prepare_image_push(_: Registry, _: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        if image.repository.rsplit('/').next() == Some("forbidden") {
            return Err(Failure::denied(format!("repository `{}` is locked, expected another name", image.repository))
                .hint("choose a name that does not end in `forbidden`"));
        }
        log::info(&format!("the drawer is open for {}", image.repository));
        Ok(Prepared::new(UploadProfile::standard()).note("the drawer was open already"))
    }

    fn credentials(registry: Registry, _: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        let option = |name: &str| {
            registry.option(name).map(str::to_owned).ok_or_else(|| {
                Failure::invalid_input(format!("option `{name}` is missing, expected a value"))
                    .hint(format!("register the registry with `{name}=…`"))
            })
        };
        Ok(Credential::Basic(Basic {
            username: option("username")?,
            password: Password::Plain(option("password")?),
            expires_at: Some(clock::now() + LIFETIME),
            whole_registry: true,
        }))
    }
}

crhost_flavor::export!(Drawer);
