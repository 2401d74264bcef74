//! A flavor for tests that misbehaves on the network as it is told to: it sends the requests that stand in an option of
//! its registry, and tells in notes what came of them. Never for real use.
#![forbid(unsafe_code)]

mod script;

use crhost_flavor::http::{Method, Request};
use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{
    AcceptedUri, Connector, Credential, Description, Failure, Flavor, Image, Operation, OptionSpec, Prepared, Purpose,
    Registry, UploadProfile,
};

struct Prober;

/// Hosts that it asks for. The names are reserved (RFC 2606); the last two lead into the user's own network.
const HOSTS: [&str; 4] =
    ["https://granted.example", "https://*.wild.example", "https://localhost", "https://{registry}"];

impl Flavor for Prober {
    fn describe() -> Description {
        let summary = "Test registries, with a flavor that sends what it is told to";
        Description::new("prober", env!("CARGO_PKG_VERSION"), summary)
            .uri_examples(["localhost:5000"])
            .option(option("requests", "What to send before a push, requests with ` & ` between them", ""))
            .option(option("then", "What to make of it: notes, failure, bare, invention, silence, abort", "notes"))
            .operation(
                Operation::new("read", "Reads whatever there is").get().head().hosts(HOSTS).path("/**").query("*"),
            )
            .operation(Operation::new("write", "Writes to a place").post().put().hosts(HOSTS).path("/").path("/*"))
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
        for request in requests.split(script::BETWEEN).filter(|request| !request.is_empty()) {
            let (notes, error) = script::run(request)?;
            match (then, error) {
                ("silence", _) => {}
                ("failure", Some(error)) => return Err(error.into()),
                ("bare", Some(_)) => return Err(Failure::unavailable("nothing came")),
                ("invention", Some(_)) => {
                    return Err(Failure::not_found("the moon is not full").hint("wait for the moon"));
                }
                ("abort", Some(_)) => std::process::abort(),
                _ => prepared = notes.into_iter().fold(prepared, Prepared::note),
            }
        }
        Ok(prepared)
    }

    fn credentials(_: Registry, _: Option<Connector>, _: Purpose, _: Option<Image>) -> Result<Credential, Failure> {
        Ok(Credential::DockerConfig)
    }
}

fn option(name: &str, summary: &str, default: &str) -> OptionSpec {
    OptionSpec::text(name, summary).default(default)
}

crhost_flavor::export!(Prober);
