//! Secrets that must never be seen: one in every field of a connector, a flavor that tells all that it learns,
//! everything logged, and failures on the way. Afterwards every byte that crhost wrote anywhere is searched for each of
//! them.

mod commands;
mod flavors;
mod thief;

use parking_lot::Mutex;
use std::fs;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tempfile::TempDir;

use crate::support::fakes::github_oidc::{GithubOidc, REQUEST_TOKEN};
use crate::support::fakes::web::Web;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// In the members of the key file that are not public.
const PRIVATE_KEY: &str = "cAnary-private~key/4fGh+81x&=Zq";
const NESTED: &str = "cAnary-nested~member/77Gh+02y&=Wp";
/// The connector's other method.
const TOKEN: &str = "cAnary-token~of/another+method&=Mn";
/// In the member that is public.
const PUBLIC: &str = "leaker@example.com";

/// A server that keeps what it is sent, and says it back.
struct Echo {
    web: Web,
    heard: Arc<Mutex<Heard>>,
}

/// What an [`Echo`] was sent.
#[derive(Default)]
struct Heard {
    all: Vec<u8>,
    last: Vec<u8>,
    header: Option<HeaderValue>,
}

impl Echo {
    fn start() -> Self {
        let heard = Arc::new(Mutex::default());
        let router = Router::new().fallback(echo).with_state(Arc::clone(&heard));
        Self { web: Web::serve(router), heard }
    }

    fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    fn heard(&self) -> Vec<u8> {
        self.heard.lock().all.clone()
    }
}

/// Answers with what was sent last, as it is and as a service would quote it in JSON.
async fn echo(State(heard): State<Arc<Mutex<Heard>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let mut heard = heard.lock();
    heard.all.extend(format!("{} {}\n", head.method, head.uri).bytes());
    head.headers.values().for_each(|value| heard.all.extend([value.as_bytes(), b"\n"].concat()));
    heard.all.extend([&body, &b"\n"[..]].concat());
    if !body.is_empty() {
        let quoted = json!({"error": String::from_utf8_lossy(&body)}).to_string();
        heard.last = [&body, quoted.as_bytes()].concat();
        heard.header = head.headers.get("authorization").cloned();
    }
    let header = heard.header.clone().unwrap_or(HeaderValue::from_static("none"));
    ([("x-repeated", header)], heard.last.clone()).into_response()
}

/// A home with the connector, a registry that its password opens, and the servers of the flavor.
struct Stage {
    home: Home,
    registry: Registry,
    service: Echo,
    /// The service of the other connector: one that knows nothing of the first.
    other: Echo,
    own: Echo,
    /// What issues id tokens for a third connector, each of them a secret.
    github: GithubOidc,
    secrets: Vec<Needle>,
    /// What was entered; outside of the home, where nothing of it may be found.
    entered: TempDir,
    said: Vec<Finished>,
}

impl Stage {
    fn new() -> Self {
        let registry = Registry::with_unusual_password();
        let [service, other, own] = [(); 3].map(|()| Echo::start());
        let (mut home, github) = (Home::new(), GithubOidc::start());
        github.permit(&mut home);
        home.set("CRHOST_LOG", "trace");
        home.set("CANARY_PASSWORD", UNUSUAL_PASSWORD);
        home.set("CANARY_TOKEN", TOKEN);
        let pem = process::tool("openssl", ["genrsa", "2048"]).ok().stdout;
        let key = json!({"client_email": PUBLIC, "private_key": PRIVATE_KEY, "more": {"nested": NESTED}});
        let entered = TempDir::new().unwrap();
        fs::write(entered.path().join("key.pem"), &pem).unwrap();
        fs::write(entered.path().join("key.json"), key.to_string()).unwrap();
        // Of a PEM file, the lines after the first are the secret; some of them stand for all.
        let lines = pem.lines().filter(|line| !line.starts_with('-')).take(4).map(str::to_owned);
        let texts =
            [UNUSUAL_PASSWORD, PRIVATE_KEY, NESTED, TOKEN, REQUEST_TOKEN].map(str::to_owned).into_iter().chain(lines);
        let secrets = texts.filter(|text| text.len() >= 16).map(|text| Needle::new(&text)).collect();
        image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
        Self { home, registry, service, other, own, github, secrets, entered, said: Vec::new() }
    }

    fn run(&mut self, code: i32, arguments: &[&str]) -> String {
        let finished = self.home.run(arguments);
        assert_eq!(finished.code, Some(code), "{finished}");
        let text = format!("{}{}", finished.stdout, finished.stderr);
        self.said.push(finished);
        text
    }

    fn register(&mut self) {
        let leaker = guest::build_with_cargo("leaker");
        self.run(0, &["flavor", "register", leaker.to_str().unwrap(), "--yes"]);
        let of = |name: &str, file: &str| format!("--{name}=@{}", self.entered.path().join(file).display());
        let (user, pem, key) = (format!("--username={USER}"), of("pem", "key.pem"), of("key", "key.json"));
        let all = ["connector", "register", "all", "--type=leaker", "--auth-method=all"];
        self.run(0, &[&all[..], &[&user, "--password=@env:CANARY_PASSWORD", &pem, &key]].concat());
        let token = ["connector", "register", "token", "--type=leaker", "--auth-method=token"];
        self.run(0, &[&token[..], &["--token=@env:CANARY_TOKEN"]].concat());
        let issued = ["connector", "register", "issued", "--type=leaker", "--auth-method=token", "--no-verify"];
        self.run(0, &[&issued[..], &["--token=@oidc:https://leaker.example"]].concat());
        for ending in ["well", "refuse", "panic"] {
            self.register_registry(ending, "all", &self.service.url(), ending);
        }
        self.register_registry("token", "token", &self.other.url(), "well");
        self.register_registry("issued", "issued", &self.other.url(), "well");
    }

    fn register_registry(&mut self, name: &str, connector: &str, service: &str, ending: &str) {
        let uri = format!("--uri={}/{name}", self.registry.host());
        let own = self.own.url();
        let options = [format!("service={service}"), format!("own={own}"), format!("ending={ending}")];
        let mut arguments = vec!["registry", "register", name, "--flavor=leaker", &uri, "--connector", connector];
        arguments.extend(["--allow-secret-host", service, "--allow-host", &own, "--no-verify"]);
        options.iter().for_each(|option| arguments.extend(["--option", option]));
        self.run(0, &arguments);
    }

    fn push(&mut self, code: i32, registry: &str, more: &[&str]) -> String {
        self.run(code, &[&["push", "oci:layout:v1", "--to", registry, "--as", "train", "-vv"], more].concat())
    }

    /// Records a call of the component, which then has files in the home, and plays it back: one that fails as it was
    /// recorded succeeds.
    fn record(&mut self, ending: &str) {
        let leaker = guest::build_with_cargo("leaker");
        let code = if ending == "panic" { 7 } else { 0 };
        let of = |name: &str, file: &str| format!("--field={name}=@file:{}", self.entered.path().join(file).display());
        let (pem, key, recording) = (of("pem", "key.pem"), of("key", "key.json"), format!("recorded-{ending}"));
        let (service, own) = (self.service.url(), self.own.url());
        let options = [format!("service={service}"), format!("own={own}"), format!("ending={ending}")];
        let uri = format!("--registry={}/{ending}", self.registry.host());
        let call = ["flavor", "call", leaker.to_str().unwrap(), "prepare-image-push", "--image=train", &uri];
        let fields =
            ["--auth-method=all", "--field=username=alice", "--field=password=@env:CANARY_PASSWORD", &pem, &key];
        let grants = ["--allow-secret-host", &service, "--allow-host", &own, "--record", &recording];
        let options: Vec<&str> = options.iter().flat_map(|option| ["--option", option]).collect();
        self.run(code, &[&call[..], &fields, &options, &grants].concat());
        let told = self.run(0, &["flavor", "call", leaker.to_str().unwrap(), "--replay", &recording, "-o", "json"]);
        assert!(told.contains("\"mismatches\": []") && told.contains("\"unused\": []"), "{told}");
    }

    /// Has OpenSSL judge the signature that the service got, made with a key that the flavor never saw.
    fn assert_signed(&self) {
        let heard = String::from_utf8(self.service.heard()).unwrap();
        let hex = heard.lines().find_map(|line| line.strip_prefix("assertion=")).unwrap();
        let digits: Vec<u8> = hex.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
        let signature: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        let path = |name: &str| self.entered.path().join(name).to_str().unwrap().to_owned();
        fs::write(path("signature"), signature).unwrap();
        fs::write(path("message"), "message").unwrap();
        process::tool("openssl", ["rsa", "-in", &path("key.pem"), "-pubout", "-out", &path("public.pem")]).ok();
        let judge =
            ["dgst", "-sha256", "-verify", &path("public.pem"), "-signature", &path("signature"), &path("message")];
        assert_eq!(process::tool("openssl", judge).ok().stdout, "Verified OK\n");
    }

    /// Looks for every secret in everything that was said and kept.
    fn assert_silence(&self) {
        let issued: Vec<Needle> = self.github.issued().iter().map(|token| Needle::new(token)).collect();
        assert!(!issued.is_empty());
        for secret in self.secrets.iter().chain(&issued) {
            for finished in &self.said {
                secret.assert_not_in(&finished.bytes, "standard output");
                secret.assert_not_in(finished.stderr.as_bytes(), "standard error");
            }
            let files = secret.assert_not_below(&self.home.path(""));
            assert!(files > 5, "only {files} files were searched");
        }
    }
}

#[test]
fn secrets_are_used_and_never_seen() {
    let mut stage = Stage::new();
    stage.register();
    // Everything that shows something.
    for arguments in [
        &["connector", "list"][..],
        &["connector", "describe", "all"],
        &["connector", "describe", "issued"],
        &["flavor", "describe", "leaker"],
        &["registry", "describe", "well"],
        &["registry", "list"],
    ] {
        stage.run(0, arguments);
        stage.run(0, &[arguments, &["-o", "json"]].concat());
    }
    // The password really opens the registry, and the flavor really tried.
    let told = stage.push(0, "well", &[]);
    for words in [": signature\n", ": hmac\n", PUBLIC, "no signature: ", "has no place for the digest of a secret"] {
        assert!(told.contains(words), "`{words}` is missing: {told}");
    }
    assert!(told.contains("`leaker/all/json`") && told.contains("at a place that no standard defines"), "{told}");
    stage.assert_signed();
    stage.push(0, "well", &["-o", "json"]);
    stage.push(0, "well", &["--dry-run"]);
    // Failures: of the flavor, of the grants, of the registry, of what is kept.
    stage.push(4, "refuse", &[]);
    stage.push(4, "refuse", &["-o", "json"]);
    stage.push(7, "panic", &[]);
    stage.push(7, "panic", &["-o", "json"]);
    let told = stage.push(4, "token", &[]);
    assert!(told.contains("does not declare this secret as the registry's password"), "{told}");
    let told = stage.push(4, "issued", &[]);
    assert!(told.contains("does not declare this secret as the registry's password"), "{told}");
    stage.run(2, &["connector", "register", "bad", "--type=leaker", "--auth-method=token", "--token="]);
    stage.run(
        5,
        &["connector", "register", "token", "--type=leaker", "--auth-method=token", "--token=@env:CANARY_TOKEN"],
    );
    let key = "--key=@env:CANARY_PASSWORD";
    let pem = format!("--pem=@{}", stage.entered.path().join("key.pem").display());
    let odd = ["connector", "register", "odd", "--type=leaker", "--auth-method=all", "--username=x"];
    stage.run(2, &[&odd[..], &["--password=@env:CANARY_PASSWORD", &pem, key]].concat());
    stage.record("well");
    stage.record("panic");
    stage.registry.stop();
    stage.push(6, "well", &[]);
    stage.assert_silence();

    // The service had every secret in every form, or nothing was shown here; the author had none.
    let (service, own) = (stage.service.heard(), stage.own.heard());
    for secret in [UNUSUAL_PASSWORD, PRIVATE_KEY] {
        assert!(Needle::new(secret).found_in(&service).is_some());
    }
    assert!(own.len() > 1_000, "the flavor told its author nothing");
    stage.secrets.iter().for_each(|secret| secret.assert_not_in(&own, "the author's server"));
    // Nor had she an id token; and the platform alone has what authorizes to request one.
    let (other, issued) = (stage.other.heard(), stage.github.issued());
    issued.iter().for_each(|token| Needle::new(token).assert_not_in(&own, "the author's server"));
    let request = Needle::new(REQUEST_TOKEN);
    [&own, &service, &other].into_iter().for_each(|heard| request.assert_not_in(heard, "a server"));
}
