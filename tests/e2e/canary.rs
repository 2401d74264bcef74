//! Secrets that must never be seen: one in every field of a connector, a flavor that tells all that it learns, everything
//! logged, and failures on the way. Afterwards every byte that crhost wrote anywhere is searched for each of them.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tempfile::TempDir;

use crate::support::crhost::Home;
use crate::support::guest;
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::needle::Needle;
use crate::support::process::{self, Finished};
use crate::support::registry::{Registry, UNUSUAL_PASSWORD, USER};
use crate::support::web::Web;

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
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Echo {
    fn start() -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().fallback(echo).with_state(Arc::clone(&heard));
        Self { web: Web::serve(router), heard }
    }

    fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers with all that was ever sent, in the body, and with the last header that may hold a secret.
async fn echo(State(heard): State<Arc<Mutex<Vec<u8>>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let repeated = head.headers.get("x-secret").cloned().unwrap_or(HeaderValue::from_static("none"));
    let said = {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(format!("{} {} {:?}\n", head.method, head.uri, head.headers).bytes());
        for value in head.headers.values() {
            heard.extend(value.as_bytes());
            heard.push(b'\n');
        }
        heard.extend(&body);
        heard.push(b'\n');
        // What a note can hold.
        heard.split_at(heard.len().saturating_sub(600)).1.to_vec()
    };
    ([("x-repeated", repeated)], said).into_response()
}

/// A home with the connector, a registry that its password opens, and the servers of the flavor.
struct Stage {
    home: Home,
    registry: Registry,
    service: Echo,
    own: Echo,
    secrets: Vec<Needle>,
    /// What was entered; outside of the home, where nothing of it may be found.
    entered: TempDir,
    said: Vec<Finished>,
}

impl Stage {
    fn new() -> Self {
        let (registry, service, own) = (Registry::with_unusual_password(), Echo::start(), Echo::start());
        let mut home = Home::new();
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
        let texts = [UNUSUAL_PASSWORD, PRIVATE_KEY, NESTED, TOKEN].map(str::to_owned).into_iter().chain(lines);
        let secrets = texts.filter(|text| text.len() >= 16).map(|text| Needle::new(&text)).collect();
        image_files::layout(&home.path("layout"), &[("v1", &Image::small(900, architecture()))]);
        Self { home, registry, service, own, secrets, entered, said: Vec::new() }
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
        for ending in ["well", "refuse", "panic"] {
            self.register_registry(ending, "all", ending);
        }
        self.register_registry("token", "token", "well");
    }

    fn register_registry(&mut self, name: &str, connector: &str, ending: &str) {
        let uri = format!("--uri={}/{name}", self.registry.host());
        let (service, own) = (self.service.url(), self.own.url());
        let options = [format!("service={service}"), format!("own={own}"), format!("ending={ending}")];
        let mut arguments = vec!["registry", "register", name, "--flavor=leaker", &uri, "--connector", connector];
        arguments.extend(["--allow-secret-host", &service, "--allow-host", &own]);
        options.iter().for_each(|option| arguments.extend(["--option", option]));
        self.run(0, &arguments);
    }

    fn push(&mut self, code: i32, registry: &str, more: &[&str]) -> String {
        self.run(code, &[&["push", "oci:layout:v1", "--to", registry, "--as", "train", "-vv"], more].concat())
    }

    /// Looks for every secret in everything that was said and kept.
    fn assert_silence(&self) {
        for finished in &self.said {
            self.assert_none_in(&finished.bytes, "standard output");
            self.assert_none_in(finished.stderr.as_bytes(), "standard error");
        }
        let files = self.search(&self.home.path(""));
        assert!(files > 5, "only {files} files were searched");
    }

    fn search(&self, folder: &Path) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files += self.search(&path);
            } else if path.is_file() {
                self.assert_none_in(&fs::read(&path).unwrap(), &path.display().to_string());
                files += 1;
            }
        }
        files
    }

    fn assert_none_in(&self, hay: &[u8], place: &str) {
        for secret in &self.secrets {
            if let Some(form) = secret.found_in(hay) {
                panic!("{place} holds a secret as {form}:\n{}", String::from_utf8_lossy(hay));
            }
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
        &["flavor", "describe", "leaker"],
        &["registry", "describe", "well"],
        &["registry", "list"],
    ] {
        stage.run(0, arguments);
        stage.run(0, &[arguments, &["-o", "json"]].concat());
    }
    // The password really opens the registry, and the flavor really tried.
    let told = stage.push(0, "well", &[]);
    assert!(told.contains("signature ") && told.contains("hmac ") && told.contains(PUBLIC), "{told}");
    assert!(told.contains("no signature: "), "{told}");
    stage.push(0, "well", &["-o", "json"]);
    stage.push(0, "well", &["--dry-run"]);
    // Failures: of the flavor, of the grants, of the registry, of what is kept.
    stage.push(4, "refuse", &[]);
    stage.push(4, "refuse", &["-o", "json"]);
    stage.push(7, "panic", &[]);
    stage.push(7, "panic", &["-o", "json"]);
    let told = stage.push(4, "token", &[]);
    assert!(told.contains("may not send a secret"), "{told}");
    stage.run(2, &["connector", "register", "bad", "--type=leaker", "--auth-method=token", "--token="]);
    stage.run(
        5,
        &["connector", "register", "token", "--type=leaker", "--auth-method=token", "--token=@env:CANARY_TOKEN"],
    );
    let key = format!("--key=@env:CANARY_PASSWORD");
    let pem = format!("--pem=@{}", stage.entered.path().join("key.pem").display());
    let odd = ["connector", "register", "odd", "--type=leaker", "--auth-method=all", "--username=x"];
    stage.run(2, &[&odd[..], &["--password=@env:CANARY_PASSWORD", &pem, &key]].concat());
    stage.registry.stop();
    stage.push(6, "well", &[]);
    stage.assert_silence();

    // The service had every secret in every form, or nothing was shown here; the author had none.
    let (service, own) = (stage.service.heard(), stage.own.heard());
    for secret in [UNUSUAL_PASSWORD, PRIVATE_KEY] {
        assert!(Needle::new(secret).found_in(&service).is_some());
    }
    assert!(own.len() > 1_000, "the flavor told its author nothing");
    stage.assert_none_in(&own, "the author's server");
}

#[test]
fn a_needle_is_found_in_every_form() {
    let secret = "cAnary/p4ss+w0rd=&";
    let needle = Needle::new(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    for hay in [
        "x cAnary/p4ss+w0rd=& x",
        "cAnary%2Fp4ss%2Bw0rd%3D%26",
        "cAnary%2fp4ss%2bw0rd%3d%26",
        &hex,
        &hex.to_lowercase(),
        // `secret`, `:secret` and `u:secret`.
        "Y0FuYXJ5L3A0c3MrdzByZD0m",
        "OmNBbmFyeS9wNHNzK3cwcmQ9Jg==",
        "dTpjQW5hcnkvcDRzcyt3MHJkPSY=",
    ] {
        assert!(needle.found_in(hay.as_bytes()).is_some(), "{hay}");
    }
    assert!(needle.found_in(b"cAnary/p4ss").is_none());
}
