//! Helpers for the unit tests of flavors.
//!
//! A [`Host`] stands in for crhost: with one, a test calls `prepare_image_push` or any other function of the contract
//! as it is, and sees what was sent. Without one, `http`, `clock` and `Secret` panic in words, and `log` writes to
//! standard error. Functions that take what they need, e.g. a [`Response`], need none.
//!
//! ```
//! use crhost_flavor::testing;
//!
//! let response = testing::answer(404, r#"{"message":"no such repository"}"#);
//! assert_eq!(response.json()["message"], "no such repository");
//! ```
#![allow(clippy::panic, reason = "assertions panic; no flavor calls them outside its tests")]

mod commands;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod host;
mod id_tokens;
mod operations;

use crate::bindings::crhost::flavor::http::Response;
use crate::flavor::Flavor;
use crate::options::Options;
use crate::secrets::Secret;
use crate::types::{Connector, Failure, FailureKind, FieldValue, Image, Registry};
use crate::uri::{RegistryUri, known, shown_uris};

pub use commands::assert_commands;
#[cfg(not(target_arch = "wasm32"))]
pub use host::{Host, Sent};
pub use id_tokens::assert_id_tokens;
pub use operations::{cleanup_operations, operations};

/// A response without headers.
pub fn answer(status: u16, body: &str) -> Response {
    response(status, &[], body)
}

/// A response.
pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
    Response { status, headers, body: body.as_bytes().to_vec() }
}

/// Values of options.
pub fn options(values: &[(&str, &str)]) -> Options {
    Options(pairs(values))
}

/// A registry with values of options.
pub fn registry(uri: &str, options: &[(&str, &str)]) -> Registry {
    Registry { name: "test".to_owned(), uri: uri.to_owned(), options: pairs(options) }
}

/// An image of a host, without tag.
pub fn image(host: &str, repository: &str) -> Image {
    Image { host: host.to_owned(), repository: repository.to_owned(), tag: None, digest: None }
}

/// A connector with text fields; [`Connector::with_secret`] adds secrets, which a [`Host`] makes.
pub fn connector(method: &str, fields: &[(&str, &str)]) -> Connector {
    let fields = fields.iter().map(|&(name, value)| (name.to_owned(), FieldValue::Text(value.to_owned()))).collect();
    Connector { method: method.to_owned(), fields }
}

impl Connector {
    /// Adds a secret field.
    #[must_use]
    pub fn with_secret(mut self, name: &str, secret: Secret) -> Self {
        self.fields.push((name.to_owned(), FieldValue::Secret(secret)));
        self
    }
}

fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Asserts that each text is accepted in its canonical form, with a number of warnings, and that the canonical form is
/// accepted unchanged.
///
/// # Panics
///
/// If that is not so.
#[track_caller]
pub fn assert_accepts<F: Flavor>(cases: &[(&str, &str, usize)]) {
    for (text, canonical, warnings) in cases {
        let accepted = match F::validate_uri((*text).to_owned()) {
            Ok(accepted) => accepted,
            Err(failure) => panic!("`{text}` was refused: {failure:?}"),
        };
        assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (*canonical, *warnings), "`{text}`: {accepted:?}");
        let again = F::validate_uri((*canonical).to_owned()).map(|accepted| accepted.uri);
        assert_eq!(again.ok().as_deref(), Some(*canonical), "the canonical form of `{text}` is not stable");
    }
}

/// Asserts that each text is refused as `invalid-input`, in lines without a full stop, with words that the hint has,
/// and that the flavor accepts the URIs that the hint shows, unless it names another flavor for them.
///
/// # Panics
///
/// If that is not so.
#[track_caller]
pub fn assert_refuses<F: Flavor>(cases: &[(&str, &str)]) {
    for (text, words) in cases {
        let Failure { kind, message, hint, .. } = match F::validate_uri((*text).to_owned()) {
            Ok(accepted) => panic!("`{text}` was accepted as `{}`", accepted.uri),
            Err(failure) => failure,
        };
        assert_eq!(kind, FailureKind::InvalidInput, "`{text}`");
        let hint = hint.unwrap_or_default();
        assert!(hint.contains(words), "`{text}`: the hint `{hint}` has no `{words}`");
        for line in [&message, &hint] {
            assert!(!line.contains(char::is_control) && !line.ends_with('.'), "`{text}`: {line}");
        }
        for uri in shown_uris(&hint).filter(|_| !hint.contains("the flavor `")) {
            let refused = F::validate_uri(uri.to_string()).err();
            assert!(refused.is_none(), "`{text}`: the hint `{hint}` shows what is refused: {refused:?}");
        }
    }
}

/// The examples of the built-in flavors on hosts that are known to be theirs. Each flavor's tests hold its row to its
/// description and refuse the rows of the others, so that no two flavors disagree about a host.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "alibaba",
        &[
            "acme-registry.eu-central-1.cr.aliyuncs.com/team",
            "registry.cn-hangzhou.aliyuncs.com/team",
            "crpi-0123456789abcdef.cn-shanghai.personal.cr.aliyuncs.com/team",
        ],
    ),
    (
        "aws",
        &[
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team",
            "123456789012.dkr-ecr.us-east-1.on.aws",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "public.ecr.aws/a1b2c3d4",
        ],
    ),
    (
        "azure",
        &[
            "contoso.azurecr.io",
            "contoso.azurecr.io/team",
            "contoso-e7ggejfuhzhgedc8.azurecr.io",
            "contoso.westeurope.geo.azurecr.io",
            "contoso.azurecr.cn",
            "contoso.azurecr.us",
        ],
    ),
    (
        "cloudflare",
        &[
            "registry.cloudflare.com/023e105f4ecef8ad9ca31a8372d0c353",
            "registry.fed.cloudflare.com/023e105f4ecef8ad9ca31a8372d0c353",
        ],
    ),
    ("cloudsmith", &["docker.cloudsmith.io/acme/images", "docker.cloudsmith.io/acme"]),
    ("digitalocean", &["registry.digitalocean.com/my-registry"]),
    ("dockerhub", &["docker.io/acme", "docker.io"]),
    (
        "gcp",
        &[
            "europe-west1-docker.pkg.dev/my-project/my-repository",
            "us-docker.pkg.dev/my-project",
            "docker.us-east4.rep.pkg.dev/my-project/my-repository",
            "gcr.io/my-project",
            "eu.gcr.io/example.com/my-project",
        ],
    ),
    ("gitea", &["codeberg.org/acme"]),
    ("github", &["ghcr.io/acme", "containers.acme.ghe.com/acme"]),
    ("gitlab", &["registry.gitlab.com/acme/ml"]),
    ("harbor", &[]),
    ("huawei", &["swr.eu-west-101.myhuaweicloud.eu/acme", "swr.cn-north-4.myhuaweicloud.com/acme"]),
    ("ibm", &["us.icr.io/my-namespace", "icr.io/my-namespace", "private.de.icr.io/my-namespace"]),
    ("jfrog", &["acme.jfrog.io/docker-local"]),
    ("nexus", &[]),
    ("oracle", &["fra.ocir.io/mytenancy", "ocir.eu-frankfurt-1.oci.oraclecloud.com/mytenancy"]),
    ("quay", &["quay.io/acme"]),
    ("tencent", &["acme.tencentcloudcr.com/team", "ccr.ccs.tencentyun.com/team"]),
];

/// Asserts that each example of the description is accepted, and that the table of known registries has none of them
/// under another flavor's name: otherwise every other flavor would send its users to the wrong one.
///
/// # Panics
///
/// If that is not so.
#[track_caller]
pub fn assert_examples<F: Flavor>() {
    let description = F::describe();
    let mut known_examples = Vec::new();
    for example in &description.uri_examples {
        let accepted = match F::validate_uri(example.clone()) {
            Ok(accepted) => accepted,
            Err(failure) => panic!("the example `{example}` was refused: {failure:?}"),
        };
        match known_flavor(&accepted.uri) {
            Some(flavor) if flavor == description.name => known_examples.push(example.as_str()),
            Some(flavor) => panic!("`{example}` is known as a registry of the flavor `{flavor}`"),
            None => {}
        }
    }
    known_examples.retain(|example| example.contains('.'));
    if let Some((_, row)) = EXAMPLES.iter().find(|(flavor, _)| *flavor == description.name) {
        assert_eq!(known_examples, *row, "the row of `{}` differs from its description", description.name);
    }
}

/// Asserts that the examples of every other built-in flavor are refused with a hint that names that flavor.
///
/// # Panics
///
/// If that is not so.
#[track_caller]
pub fn assert_refuses_other_flavors<F: Flavor>() {
    let own = F::describe().name;
    for (flavor, examples) in EXAMPLES.iter().filter(|(flavor, _)| *flavor != own) {
        let hint = format!("`{flavor}`");
        let cases: Vec<_> = examples.iter().map(|example| (*example, hint.as_str())).collect();
        assert_refuses::<F>(&cases);
    }
}

fn known_flavor(uri: &str) -> Option<&'static str> {
    known::flavor_of(RegistryUri::parse(uri).ok()?.host())
}
