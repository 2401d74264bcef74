//! What is computed with a secret, to be of use without it later.

use crhost_flavor::Secret;
use crhost_flavor::http::{Encoding, Form, Method, Request, SecretValue};
use crhost_flavor::secrets::{self, Escaping, Part};

use crate::scene::{Outcome, Scene, tell, words};

/// Days of ten years, each of which has a key of its own in AWS Signature Version 4.
const DAYS: usize = 3_650;

/// Hours ahead for which an assertion is signed.
const HOURS: usize = 20;

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    let key = || scene.secret("secret-key");
    Some(match scene.name {
        "day-keys" => {
            let keys = (0..DAYS).filter_map(|day| key().hmac_sha256(b"AWS4", &[Part::from(day.to_string())]).ok());
            let last = keys.last()?;
            vec![format!("{DAYS} keys"), collected(scene, &last), as_scope(scene, &last)]
        }
        "assertions" => {
            let key = scene.secret("file").member("private_key")?;
            let sign = |hour: usize| key.sign_rs256(&[Part::from(format!("{{\"iat\":{hour}}}"))]).ok();
            let last = (0..HOURS).filter_map(sign).last()?;
            vec![format!("{HOURS} assertions"), collected(scene, &last), as_scope(scene, &last)]
        }
        "digest" => {
            let digest = secrets::sha256(&[scene.token().into()]).ok()?;
            vec![as_bearer(scene, &digest), collected(scene, &digest)]
        }
        "digest-signed" => {
            let digest = secrets::sha256(&[scene.token().into()]).ok()?;
            let signature = key().hmac_sha256(b"", &[Part::secret(&digest, Encoding::Raw)]).ok()?;
            vec![signed(scene, &signature)]
        }
        "token-signed" => vec![signed(scene, &key().hmac_sha256(b"", &[scene.token().into()]).ok()?)],
        "signed-by-other" => vec![signed(scene, &scene.token().hmac_sha256(b"", &[Part::from("x")]).ok()?)],
        "signature-as-bearer" => vec![as_bearer(scene, &scene.token().hmac_sha256(b"", &[Part::from("x")]).ok()?)],
        "signature-as-password" => {
            let signature = scene.token().hmac_sha256(b"", &[Part::from("x")]).ok()?;
            let form = Form::new().value("password", hex(&signature));
            tell(&scene.post("/blobs/uploads/").form(form))
        }
        "key-is-no-key" => vec![match scene.token().sign_rs256(&[Part::from("x")]) {
            Ok(_) => "signed".to_owned(),
            Err(reason) => reason,
        }],
        "member-of-signature" => {
            let signature = key().hmac_sha256(b"", &[Part::from("x")]).ok()?;
            vec![format!("{:?} {}", signature.public_member("client_email"), signature.member("x").is_some())]
        }
        "private-member" => {
            let file = scene.secret("file");
            vec![format!("{:?} {:?}", file.public_member("private_key"), file.public_member("client_email"))]
        }
        "joined-bearer" => {
            let joined = secrets::join(&["the-author-s-own, ".into(), scene.token().into()], Escaping::None).ok()?;
            vec![
                words(
                    &scene.get("/user/me").header("authorization", SecretValue::new(&joined).before("Bearer ")).send(),
                ),
                collected(scene, &joined),
                as_scope(scene, &joined),
            ]
        }
        "joined-as-key" => {
            let joined = secrets::join(&[scene.token().into()], Escaping::Percent).ok()?;
            vec![signed(scene, &joined.hmac_sha256(b"", &[Part::from("x")]).ok()?)]
        }
        "joined-digest" => {
            let digest = secrets::sha256(&[scene.token().into()]).ok()?;
            vec![secrets::join(&[Part::secret(&digest, Encoding::Hex)], Escaping::None).err()?]
        }
        _ => return None,
    })
}

/// Sends it to the author.
fn collected(scene: &Scene<'_>, secret: &Secret) -> String {
    let request = Request::new(Method::Post, format!("{}/collect", scene.own));
    words(&request.form(Form::new().value("key", hex(secret))).send())
}

fn as_scope(scene: &Scene<'_>, secret: &Secret) -> String {
    words(&scene.sign_in(|form| form.value("scope", hex(secret))).send())
}

fn as_bearer(scene: &Scene<'_>, secret: &Secret) -> String {
    let value = hex(secret).before("Bearer ");
    words(&scene.get("/user/me").header("authorization", value).send())
}

fn signed(scene: &Scene<'_>, secret: &Secret) -> String {
    let value = hex(secret).before("AWS4-HMAC-SHA256 Signature=");
    words(&scene.post("/api").header("x-amz-target", "Service.List").header("authorization", value).send())
}

fn hex(secret: &Secret) -> SecretValue<'_> {
    SecretValue::new(secret).encoding(Encoding::Hex)
}
