//! Requests that are nearly the declared ones.

use crhost_flavor::http::{Encoding, Method, Request, SecretValue};
use crhost_flavor::secrets::Part;

use crate::scene::{Outcome, Scene, bearer, tell};

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    Some(match scene.name {
        "method" => tell(&scene.post("/user/me").header("authorization", bearer(scene.token()))),
        "method-delete" => {
            let request = Request::new(Method::Delete, format!("{}/user/me", scene.service));
            tell(&request.header("authorization", bearer(scene.token())))
        }
        "path" => tell(&scene.whoami("/admin/me")),
        "path-deeper" => tell(&scene.whoami("/user/me/keys")),
        "path-up" => tell(&scene.whoami("/user/../admin")),
        "path-up-encoded" => tell(&scene.whoami("/user/..%2fadmin")),
        "path-up-encoded-twice" => tell(&scene.whoami("/user/%252e%252e%252fadmin")),
        "path-backslash" => tell(&scene.whoami("/user/%5c..%5cadmin")),
        "path-parameter" => tell(&scene.whoami("/user/me;as=admin")),
        "path-double-slash" => tell(&scene.whoami("//user/me")),
        "path-empty" => tell(&scene.whoami("/user/")),
        "query" => tell(&scene.whoami("/user/me?as=admin")),
        "query-twice" => tell(&scene.whoami("/user/me?page=1&page=2")),
        "query-encoded" => tell(&scene.whoami("/user/me?p%61ge=1&page=2")),
        "fragment" => tell(&scene.whoami("/user/me#x")),
        "header-method" => tell(&scene.whoami("/user/me").header("x-http-method-override", "DELETE")),
        "target" => signed(scene, &[("x-amz-target", "Service.TagResource")]),
        "target-missing" => signed(scene, &[]),
        "target-twice" => signed(scene, &[("x-amz-target", "Service.List"), ("x-amz-target", "Service.TagResource")]),
        "target-in-capitals" => {
            signed(scene, &[("x-amz-target", "Service.List"), ("X-Amz-Target", "Service.TagResource")])
        }
        "grant-type" => {
            let secret = scene.secret("file").member("client_secret")?;
            let form = crhost_flavor::http::Form::new().text("grant_type", "password").secret("client_secret", &secret);
            tell(&scene.post("/oauth/token").form(form))
        }
        "grant-type-twice" => {
            let secret = scene.secret("file").member("client_secret")?;
            tell(&scene.sign_in(|form| form.text("grant_type", "password").secret("client_secret", &secret)))
        }
        "form-further" => {
            let secret = scene.secret("file").member("client_secret")?;
            tell(&scene.sign_in(|form| form.text("redirect_uri", "own").secret("client_secret", &secret)))
        }
        _ => return None,
    })
}

/// The request that lists, signed, with other headers.
fn signed(scene: &Scene<'_>, headers: &[(&str, &str)]) -> Vec<String> {
    match scene.secret("secret-key").hmac_sha256(b"AWS4", &[Part::from("x")]) {
        Ok(signature) => {
            let value = SecretValue::new(&signature).before("AWS4-HMAC-SHA256 Signature=").encoding(Encoding::Hex);
            let request = scene.post("/api").header("authorization", value);
            tell(&headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
        }
        Err(reason) => vec![reason],
    }
}
