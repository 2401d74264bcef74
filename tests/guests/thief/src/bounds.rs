//! Arguments without measure.

use crhost_flavor::http::{Form, SecretValue};
use crhost_flavor::secrets::Part;

use crate::scene::{Outcome, Scene, json, tell};

pub(crate) fn attempt(scene: &Scene<'_>) -> Outcome {
    let parts = |count: usize| {
        let message: Vec<Part<'_>> = (0..count).map(|_| Part::from(scene.secret("file"))).collect();
        match scene.secret("secret-key").hmac_sha256(b"", &message) {
            Ok(_) => vec!["signed".to_owned()],
            Err(reason) => vec![reason],
        }
    };
    let fields = |count: usize| {
        let form = (0..count).fold(Form::new(), |form, n| form.value(&n.to_string(), SecretValue::new(scene.token())));
        tell(&scene.post("/oauth/token").form(form))
    };
    Some(match scene.name {
        "parts-64" => parts(64),
        "parts-65" => parts(65),
        "parts-1000" => parts(1_000),
        "parts-150000" => parts(150_000),
        "fields-1000" => fields(1_000),
        "fields-150000" => fields(150_000),
        "members-1000" => {
            let members: Vec<_> = (0..1_000).map(|n: usize| n.to_string()).collect();
            let members: Vec<_> = members.iter().map(|name| (name.as_str(), scene.token())).collect();
            tell(&scene.post("/json").json(json("{}", &members)))
        }
        "headers-1000" => {
            let request = scene.get("/user/me");
            let value = || SecretValue::new(scene.token());
            tell(&(0..1_000).fold(request, |request, n: usize| request.header(format!("x-{n}"), value())))
        }
        _ => return None,
    })
}
