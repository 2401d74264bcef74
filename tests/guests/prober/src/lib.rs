//! A flavor for tests that misbehaves on the network as it is told to: it sends the requests that stand in an option of
//! its registry, and tells in notes what came of them. Never for real use.
#![forbid(unsafe_code)]

mod script;

use crhost_flavor::http::{Method, Request};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, OptionSpec, Prepared, Registry,
    UploadProfile,
};

struct Prober;

/// Hosts that it asks for. The names are reserved (RFC 2606); the last two lead into the user's own network.
const HOSTS: [&str; 4] =
    ["https://granted.example", "https://*.wild.example", "https://localhost", "https://{registry}"];

impl Flavor for Prober {
    fn describe() -> Description {
        Description {
            name: "prober".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Test registries, with a flavor that sends what it is told to".to_owned(),
            documentation: None,
            uri_examples: vec!["localhost:5000".to_owned()],
            options: vec![
                option("requests", "What to send before a push, one request in a line", ""),
                option("then", "What to make of the outcomes: notes, failure, invention, silence, abort", "notes"),
            ],
            auth_methods: Vec::new(),
            hosts: HOSTS.map(str::to_owned).to_vec(),
        }
    }

    /// Must not send anything here; a URI that ends in `eager` makes it try.
    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        let uri = RegistryUri::parse(&uri)?;
        let accepted = AcceptedUri::new(uri.to_string());
        if uri.path().last() != Some(&"eager") {
            return Ok(accepted);
        }
        let outcome = Request::new(Method::Get, "https://granted.example/").send();
        Ok(accepted.warning(script::words(&outcome, &[])))
    }

    fn prepare_image_push(registry: Registry, _: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        let requests = registry.option("requests").unwrap_or_default();
        let then = registry.option("then").unwrap_or_default();
        let mut prepared = Prepared::new(UploadProfile::standard());
        for line in requests.lines() {
            let (notes, error) = script::run(line)?;
            match (then, error) {
                ("silence", _) => {}
                ("failure", Some(error)) => return Err(error.into()),
                ("invention", Some(_)) => {
                    return Err(Failure::not_found("the moon is not full").hint("wait for the moon"));
                }
                ("abort", Some(_)) => std::process::abort(),
                _ => prepared = notes.into_iter().fold(prepared, Prepared::note),
            }
        }
        Ok(prepared)
    }

    fn credentials(_: Registry, _: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        Ok(Credential::DockerConfig)
    }
}

fn option(name: &str, summary: &str, default: &str) -> OptionSpec {
    OptionSpec {
        name: name.to_owned(),
        summary: summary.to_owned(),
        default: Some(default.to_owned()),
        required: false,
    }
}

crhost_flavor::export!(Prober);
