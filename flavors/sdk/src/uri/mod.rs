//! The grammar that the URI of every registry follows, `host[:port][/path]`, and what a flavor does with it.
//!
//! A flavor describes its registries with [`Rules`]; its own grammar gets a well-formed [`RegistryUri`], and everything
//! that is the same for all flavors is done before and after. Pure: calls no import.
//!
//! ```
//! use crhost_flavor::uri::{RegistryUri, Rules};
//! use crhost_flavor::{AcceptedUri, Failure};
//!
//! const RULES: Rules = Rules {
//!     flavor: "acme",
//!     example: "registry.acme.example/team",
//!     no_host: |path| format!("write `registry.acme.example/{path}`"),
//!     lower_case: "",
//!     not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not a registry of ACME", uri.host()))),
//!     grammar,
//! };
//!
//! fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
//!     match uri.path().first() {
//!         Some(_) => Ok(AcceptedUri::new(uri.to_string())),
//!         None => Err(Failure::invalid_input(format!("`{uri}` names no team"))),
//!     }
//! }
//!
//! assert_eq!(RULES.accept("Registry.ACME.example/team/").unwrap().uri, "registry.acme.example/team");
//! assert_eq!(RULES.accept("ghcr.io/Team").unwrap_err().hint.unwrap(), "use the flavor `github` for `ghcr.io/team`");
//! ```

mod error;
mod hint;
mod host;
pub mod known;
mod near;
mod path;
mod public_host;
mod registry_uri;
mod rules;

pub use error::Error;
pub use host::names_host;
pub use near::{distance, has_domain_inside, is_one_slip_from, is_within, last_labels};
pub use public_host::PublicHost;
pub use registry_uri::{MAX_LENGTH, RegistryUri};
pub use rules::Rules;
pub(crate) use rules::shown_uris;
