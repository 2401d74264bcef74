//! What is declared, done as declared.

use crhost_flavor::http::{Encoding, Form, SecretValue, Value};
use crhost_flavor::secrets::{self, Part};

use crate::scene::{Outcome, Scene, json, tell};

/// Header and claims of a token, as they are signed.
const CLAIMS: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ0aGllZiJ9";

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    Some(match scene.name {
        "bearer" => tell(&scene.whoami("/user/me?page=2")),
        "basic" => tell(&scene.get("/basic").header("authorization", Value::basic("alice", scene.token()))),
        "form" => {
            let secret = scene.secret("file").member("client_secret")?;
            tell(&scene.sign_in(|form| form.text("scope", "push").secret("client_secret", &secret)))
        }
        "json-member" => tell(&scene.post("/json").json(json(r#"{"user":"alice"}"#, &[("secret", scene.token())]))),
        "signed-request" => signed_request(scene),
        "signed-assertion" => {
            let key = scene.secret("file").member("private_key")?;
            let signature = key.sign_rs256(&[Part::from(CLAIMS)]).ok()?;
            let value = SecretValue::new(&signature).before(format!("{CLAIMS}.")).encoding(Encoding::Base64url);
            let form =
                Form::new().text("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer").value("assertion", value);
            tell(&scene.post("/oauth/assert").form(form))
        }
        _ => return None,
    })
}

/// The chain of keys of AWS Signature Version 4, over a digest that nobody sees.
fn signed_request(scene: &Scene<'_>) -> Vec<String> {
    let hashed = secrets::sha256(&[Part::from("POST\n/api\n")]);
    let signature = hashed.and_then(|hashed| {
        let day = scene.secret("secret-key").hmac_sha256(b"AWS4", &[Part::from("20300101")])?;
        let region = day.hmac_sha256(b"", &[Part::from("eu-west-1")])?;
        let service = region.hmac_sha256(b"", &[Part::from("ecr")])?;
        let key = service.hmac_sha256(b"", &[Part::from("aws4_request")])?;
        key.hmac_sha256(b"", &[Part::from("AWS4-HMAC-SHA256\n"), Part::secret(&hashed, Encoding::Hex)])
    });
    let signature = match signature {
        Ok(signature) => signature,
        Err(reason) => return vec![reason],
    };
    let name = scene.connector.text("access-key-id").unwrap_or_default();
    let value = SecretValue::new(&signature)
        .before(format!("AWS4-HMAC-SHA256 Credential={name}/20300101/eu-west-1/ecr/aws4_request, Signature="))
        .encoding(Encoding::Hex);
    tell(&scene.post("/api").header("x-amz-target", "Service.List").header("authorization", value))
}
