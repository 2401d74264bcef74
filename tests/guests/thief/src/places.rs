//! Requests to the provider that put a secret where it becomes data, or show an account of the author's own beside it.

use crhost_flavor::http::{Form, Method, Request, SecretValue, Value};

use crate::scene::{OWN_ACCOUNT, Outcome, Scene, bearer, json, tell};

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    in_body(scene).or_else(|| in_headers(scene)).or_else(|| beside(scene))
}

fn in_body(scene: &Scene<'_>) -> Outcome {
    let token = scene.token();
    let own_note = || scene.post("/note").header("authorization", OWN_ACCOUNT);
    Some(match scene.name {
        "comment" => tell(&own_note().json(json(r#"{"title":"x"}"#, &[("body", token)]))),
        "comment-undeclared" => tell(&own_note().json(json("{}", &[("text", token)]))),
        "comment-unaccepted" => tell(&scene.post("/note").json(json("{}", &[("body", token)]))),
        "form-note" => tell(&own_note().form(Form::new().secret("body", token))),
        "form-scope" => tell(&scene.sign_in(|form| form.secret("scope", token))),
        "form-other-secret" => tell(&scene.sign_in(|form| form.secret("client_secret", token))),
        "form-whole-file" => tell(&scene.sign_in(|form| form.secret("client_secret", scene.secret("file")))),
        "form-prefix" => {
            let secret = scene.secret("file").member("client_secret")?;
            tell(&scene.sign_in(|form| form.value("client_secret", SecretValue::new(&secret).before("x"))))
        }
        "form-twice" => {
            let secret = scene.secret("file").member("client_secret")?;
            tell(&scene.sign_in(|form| form.text("client_secret", "own").secret("client_secret", &secret)))
        }
        "form-twice-secret" => {
            let secret = scene.secret("file").member("client_secret")?;
            tell(&scene.sign_in(|form| form.secret("client_secret", &secret).secret("client_secret", &secret)))
        }
        "form-basic" => tell(&scene.sign_in(|form| form.value("client_secret", Value::basic("x", token)))),
        "json-twice" => tell(&scene.post("/json").json(json(r#"{"secret":"own"}"#, &[("secret", token)]))),
        "json-twice-escaped" => tell(&scene.post("/json").json(json(r#"{"\u0073ecret":"own"}"#, &[("secret", token)]))),
        "json-twice-secret" => tell(&scene.post("/json").json(json("{}", &[("secret", token), ("secret", token)]))),
        "json-further" => tell(&scene.post("/json").json(json(r#"{"to":"author"}"#, &[("secret", token)]))),
        "json-other-secret" => tell(&scene.post("/json").json(json("{}", &[("secret", scene.secret("secret-key"))]))),
        "json-no-object" => tell(&scene.post("/json").json(json("[]", &[("secret", token)]))),
        "blob" => {
            let upload = Request::new(Method::Put, format!("{}/v2/author/x/blobs/uploads/1", scene.service));
            tell(&upload.header("authorization", OWN_ACCOUNT).form(Form::new().secret("password", token)))
        }
        "blob-of-registry" => {
            let upload = Request::new(Method::Post, format!("https://{}/v2/author/x/blobs/uploads/", scene.host));
            tell(&upload.header("authorization", OWN_ACCOUNT).form(Form::new().secret("password", token)))
        }
        "blob-without-secret" => {
            tell(&Request::new(Method::Post, format!("https://{}/v2/author/x/blobs/uploads/", scene.host)).body("x"))
        }
        "blob-below-endpoint" => tell(&scene.post("/blobs/uploads/").form(Form::new().secret("password", token))),
        _ => return None,
    })
}

fn in_headers(scene: &Scene<'_>) -> Outcome {
    let token = scene.token();
    let get = || scene.get("/user/me");
    Some(match scene.name {
        "header" => tell(&get().header("x-note", token)),
        "header-cookie" => tell(&get().header("cookie", SecretValue::new(token).before("session=own; note="))),
        "header-basic" => tell(&get().header("authorization", Value::basic("author", token))),
        "header-basic-elsewhere" => tell(&get().header("x-note", Value::basic("author", token))),
        "header-other-scheme" => tell(&get().header("authorization", SecretValue::new(token).before("Token "))),
        "header-behind-own" => {
            tell(&get().header("authorization", SecretValue::new(token).before("Bearer own, Bearer ")))
        }
        "header-key-itself" => {
            let value = SecretValue::new(scene.secret("secret-key")).before("AWS4-HMAC-SHA256 Signature=");
            tell(&scene.post("/api").header("x-amz-target", "Service.List").header("authorization", value))
        }
        "header-twice-secret" => {
            tell(&get().header("authorization", bearer(token)).header("authorization", bearer(token)))
        }
        "basic-colon" => tell(&scene.get("/basic").header("authorization", Value::basic("own:x", token))),
        _ => return None,
    })
}

fn beside(scene: &Scene<'_>) -> Outcome {
    let whoami = || scene.whoami("/user/me");
    Some(match scene.name {
        "beside-own-authorization" => tell(&whoami().header("authorization", OWN_ACCOUNT)),
        "beside-own-authorization-in-capitals" => tell(&whoami().header("AUTHORIZATION", OWN_ACCOUNT)),
        "beside-own-cookie" => tell(&whoami().header("cookie", "session=own")),
        "beside-own-header" => tell(&whoami().header("Private-Token", "own")),
        "beside-own-query" => tell(&scene.whoami("/user/me?access_token=own")),
        "beside-utf-16" => tell(&whoami().header("content-type", "text/plain; charset=utf-16le")),
        "beside-utf-16-json" => {
            let request = scene.post("/json").header("content-type", "application/json; charset=\"UTF-16\"");
            tell(&request.json(json("{}", &[("secret", scene.token())])))
        }
        "beside-two-types" => tell(&whoami().header("content-type", "text/plain").header("Content-Type", "text/html")),
        "beside-gzip" => tell(&whoami().header("content-encoding", "gzip")),
        _ => return None,
    })
}
