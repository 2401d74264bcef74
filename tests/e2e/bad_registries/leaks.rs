//! Registries that redirect to another host, which must not see their credentials.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::PUSH;
use crate::support::fakes::web::Web;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{PASSWORD, USER};

/// The requests of a fake server: method and target, and `Authorization`.
pub(super) type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// A fake server that answers by method and target, and `Authorization`.
pub(super) fn server(answer: impl Fn(&str, &str) -> Response + Clone + Send + Sync + 'static) -> (Web, Seen) {
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let router = Router::new().fallback(move |request: Request| {
        let (log, answer) = (Arc::clone(&log), answer.clone());
        async move {
            let (head, body) = request.into_parts();
            let line = format!("{} {}", head.method, head.uri);
            let authorization = head.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let _ = axum::body::to_bytes(body, usize::MAX).await;
            let authorization = authorization.unwrap_or_default();
            log.lock().unwrap().push((line.clone(), authorization.clone()));
            answer(&line, &authorization)
        }
    });
    (Web::serve(router), seen)
}

/// An answer without content.
pub(super) fn reply(status: u16, headers: &[(&str, &str)]) -> Response {
    let reply = Response::builder().status(StatusCode::from_u16(status).unwrap());
    headers.iter().fold(reply, |reply, (name, value)| reply.header(*name, *value)).body(Body::empty()).unwrap()
}

/// A second server, which asks for credentials by every scheme.
fn thief() -> (Web, Seen) {
    server(|line, _| match line.split(' ').next() {
        Some("HEAD" | "GET") => reply(
            401,
            &[("www-authenticate", "Basic realm=\"mine\", Bearer realm=\"http://localhost:1/token\",service=\"mine\"")],
        ),
        _ => reply(403, &[("www-authenticate", "Basic realm=\"mine\"")]),
    })
}

#[test]
fn a_password_never_reaches_another_host_or_port_wherever_the_registry_points() {
    // Each request of a push, and a way in which its answer leads away.
    for (request, status) in [
        ("HEAD /v2/train/blobs", 307),
        ("HEAD /v2/train/blobs", 302),
        ("POST ", 202),
        ("POST ", 307),
        ("PUT /up", 307),
        ("PUT /up", 308),
        ("PATCH ", 202),
        ("PATCH ", 307),
        ("PUT /v2/train/manifests", 307),
        ("HEAD /v2/train/manifests", 302),
    ] {
        for source in ["oci:layout:v1", "docker-archive:train.tar"] {
            let (thief, stolen) = thief();
            let basic = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
            let elsewhere = format!("http://{}/taken?X-Signature=signed", thief.host());
            let has_blobs = Arc::new(AtomicBool::new(false));
            let (registry, seen) = server(move |line, authorization| match line {
                _ if authorization != basic => reply(401, &[("www-authenticate", "Basic realm=\"honest\"")]),
                line if line.starts_with(request) => reply(status, &[("location", &elsewhere)]),
                "GET /v2/" => reply(200, &[]),
                line if line.starts_with("HEAD /v2/train/blobs") && has_blobs.load(Ordering::Relaxed) => {
                    reply(200, &[])
                }
                line if line.starts_with("HEAD ") => reply(404, &[]),
                line if line.starts_with("PUT /up") => {
                    has_blobs.store(true, Ordering::Relaxed);
                    reply(201, &[])
                }
                line if line.starts_with("POST ") || line.starts_with("PATCH ") => reply(202, &[("location", "/up")]),
                _ => reply(201, &[]),
            });
            let home = Home::new();
            home.register("local", &registry.host());
            home.docker_login(&registry.host(), USER, PASSWORD);
            let image = Image::small(here!(), architecture());
            image_files::layout(&home.path("layout"), &[("v1", &image)]);
            image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
            let ended = home.run(&["push", source, "--to", "local", "--as", "train", "-vv"]);
            let text = format!("{request}, {status}: {ended}");
            let met = seen.lock().unwrap().iter().any(|(line, _)| line.starts_with(request));
            // An archive's layers go by PATCH, a layout's by PUT.
            assert!(met || request == "PATCH ", "the request did not come: {text}");
            // A question that is led away is not answered, and the upload is the real test.
            assert_eq!(ended.code == Some(0), request.starts_with("HEAD ") || !met, "{text}");
            assert!(!ended.stderr.contains("panicked") && !ended.stderr.contains("signed"), "{text}");
            for (line, authorization) in stolen.lock().unwrap().iter() {
                assert_eq!(authorization, "", "{line} of {text}");
            }
        }
    }
}

#[test]
fn a_password_goes_to_no_token_server_inside_the_network_and_nowhere_without_encryption_that_the_registry_has() {
    for realm in [
        "http://10.0.0.1/token",
        "http://169.254.169.254/latest/meta-data",
        "http://metadata.localhost.:1@10.0.0.1/token",
        "https://[fd00:ec2::254]/token",
        "file:///etc/passwd",
        "/token",
        "",
    ] {
        let challenge = format!("Bearer realm=\"{realm}\",service=\"it\"");
        let (registry, seen) = server(move |_, _| reply(401, &[("www-authenticate", &challenge)]));
        let home = Home::new();
        home.register("local", &registry.host());
        home.docker_login(&registry.host(), USER, PASSWORD);
        image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
        home.fails(1, &PUSH).says("token server");
        assert!(seen.lock().unwrap().iter().all(|(_, authorization)| authorization.is_empty()), "{realm}");
    }
}

#[test]
fn a_token_is_only_for_the_registry_that_it_was_given_for() {
    let (thief, stolen) = thief();
    let elsewhere = format!("http://{}/taken", thief.host());
    let (tokens, _) = server(|_, _| {
        let token = Body::from(r#"{"token":"only-for-the-registry","expires_in":300}"#);
        Response::builder().body(token).unwrap()
    });
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"it\"", tokens.host());
    let (registry, seen) = server(move |line, authorization| match line {
        _ if authorization != "Bearer only-for-the-registry" => reply(401, &[("www-authenticate", &challenge)]),
        line if line.starts_with("HEAD ") => reply(404, &[]),
        _ => reply(202, &[("location", &elsewhere)]),
    });
    let home = Home::new();
    home.register("local", &registry.host());
    home.docker_login(&registry.host(), USER, PASSWORD);
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home.fails(4, &PUSH).says("server `localhost:");
    assert!(!stolen.lock().unwrap().is_empty());
    assert!(stolen.lock().unwrap().iter().all(|(_, authorization)| authorization.is_empty()));
    // The registry itself never sees the password.
    assert!(seen.lock().unwrap().iter().all(|(_, authorization)| !authorization.starts_with("Basic ")));
}
