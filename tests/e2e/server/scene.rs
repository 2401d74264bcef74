//! What the tests of the server are about: a database, a registry, its provider, an issuer, and a team.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use serde_json::Value;

use crate::support::fakes::api::FakeApi;
use crate::support::fakes::auth_proxy::AuthProxy;
use crate::support::fakes::certificates::Identity;
use crate::support::fakes::digitalocean::{self, Throttle};
use crate::support::fakes::github_oidc::GithubOidc;
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::faketime;
use crate::support::programs::postgres::Postgres;
use crate::support::programs::process::Server;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;

/// The secrets of the connector, which no runner sees.
pub(super) const TOKEN: &str = "cAnary-api/token+of=server";
pub(super) const OTHER_TOKEN: &str = "another-api/token+of=server";

/// Whom tokens are for.
pub(super) const AUDIENCE: &str = "https://crhost.example";

/// The issuer's name in the rules.
pub(super) const ISSUER_NAME: &str = "github";

/// The rule of the team.
pub(super) const RULE: &str = r#"
[[rule]]
name = "train"
issuer = "github"
claims = { repository = "acme/train" }
allow = ["pull", "push"]
registries = "do"
repositories = "acme/*"
"#;

/// The team.
pub(super) struct Scene {
    pub(super) postgres: Postgres,
    pub(super) registry: Registry,
    pub(super) proxy: AuthProxy,
    pub(super) api: FakeApi,
    /// Of the provider.
    pub(super) throttle: Throttle,
    pub(super) issuer: GithubOidc,
    /// What runners push.
    pub(super) image: Image,
    /// Who registers registries and runs servers.
    pub(super) admin: Home,
}

/// A server that runs, and its URL's host.
pub(super) struct Serving {
    pub(super) server: Server,
    pub(super) host: String,
}

impl Scene {
    /// A registry `do` with its connector in a database; `None` without a PostgreSQL.
    pub(super) fn new() -> Option<Self> {
        let postgres = Postgres::start()?;
        let registry = Registry::open();
        let refusal =
            ("401 Unauthorized", r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#);
        let proxy = AuthProxy::before(&registry, refusal);
        let throttle = Throttle::default();
        let api = digitalocean::throttled(proxy.passwords(), [TOKEN, OTHER_TOKEN], Arc::clone(&throttle));
        let issuer = GithubOidc::start();
        issuer.be_its_own_issuer();
        let mut admin = Home::new();
        admin.set("TOKEN", TOKEN);
        admin.set("OTHER_TOKEN", OTHER_TOKEN);
        let mut scene = Self { postgres, registry, proxy, api, throttle, issuer, image: Image::new(here!()), admin };
        let url = scene.postgres.url();
        scene.admin.set("CRHOST_DATABASE", url);
        let key = key_file(&scene.admin, "key");
        scene.admin.set("CRHOST_KEY_FILE", key);
        scene.write_rules(RULE);
        Connector::new("me", "digitalocean", "token").field("token", "@env:TOKEN").register(&scene.admin);
        let spec = RegistrySpec::new("do", "digitalocean", &format!("{}/acme", scene.proxy.host())).connector("me");
        spec.option("api-endpoint", &scene.api.url()).allow_secret_host(&scene.api.url()).register(&scene.admin);
        Some(scene)
    }

    /// Another administrator of the same database, who has this key.
    pub(super) fn admin_of(&self, key: &str) -> Home {
        let mut home = Home::new();
        home.set("CRHOST_DATABASE", self.postgres.url());
        home.set("CRHOST_KEY_FILE", key_file(&home, key));
        home
    }

    /// The same administrator on a machine whose clock is so many seconds ahead; `None` where none can be set apart.
    pub(super) fn admin_by_clock(&self, seconds: i64) -> Option<Home> {
        let mut home = Home::new();
        home.set("CRHOST_DATABASE", self.postgres.url());
        home.set("CRHOST_KEY_FILE", self.admin.path("key"));
        home.set("TOKEN", TOKEN);
        faketime::set(&mut home, seconds).then_some(home)
    }

    pub(super) fn rules_file(&self) -> String {
        self.admin.path("rules.toml").display().to_string()
    }

    /// Has these rules hold, for the tokens of the issuer.
    pub(super) fn write_rules(&self, rules: &str) {
        let issuer = format!(
            "[[issuer]]\nname = \"{ISSUER_NAME}\"\nurl = \"{}\"\naudience = \"{AUDIENCE}\"\n{rules}",
            self.issuer.url()
        );
        // In the place of the old file, as editors and clusters do it.
        let new = self.admin.path("rules.new");
        fs::write(&new, issuer).unwrap();
        fs::rename(new, self.rules_file()).unwrap();
    }

    /// Starts a server.
    pub(super) fn serve(&self) -> Serving {
        self.serve_as(&self.admin)
    }

    /// Starts a server as this administrator, who has a key of his own.
    pub(super) fn serve_as(&self, admin: &Home) -> Serving {
        let rules = self.rules_file();
        let words = ["server", "--rules", &rules, "--listen", "127.0.0.1:0"];
        let (server, host) = admin.serve_with(&words);
        Serving { server, host }
    }

    /// Starts a server that speaks TLS with this certificate.
    pub(super) fn serve_tls(&self, identity: &Identity) -> Serving {
        let file = |name: &str, content: &str| {
            let path = self.admin.path(name);
            fs::write(&path, content).unwrap();
            path.display().to_string()
        };
        let (chain, key) = (file("tls.crt", &identity.certificate), file("tls.key", &identity.key));
        let rules = self.rules_file();
        let words = ["server", "--rules", &rules, "--listen", "127.0.0.1:0", "--tls-cert", &chain, "--tls-key", &key];
        let (server, host) = self.admin.serve_with(&words);
        Serving { server, host }
    }

    /// A machine of a CI system: it has an image, and the right to id tokens.
    pub(super) fn runner(&self, server: &Serving) -> Home {
        runner(&self.issuer, &server.host, &self.image)
    }

    /// A token of a job.
    pub(super) fn token(&self) -> String {
        self.issuer.provider().issue(AUDIENCE)
    }

    /// The numbers of a server.
    pub(super) fn numbers(&self, server: &Serving) -> String {
        let host = server.host.replace("localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(&host).unwrap();
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What a server answers to a request for credentials: the status, and the JSON.
    pub(super) fn ask(&self, server: &Serving, token: &str, request: &Value) -> (u16, Value) {
        ask(&server.host, &format!("Authorization: Bearer {token}\r\n"), &request.to_string()).unwrap()
    }
}

/// Makes a file with a key, of this name, in a home.
fn key_file(home: &Home, name: &str) -> String {
    let file = home.path(name);
    fs::write(&file, name.repeat(32).as_bytes().get(..32).unwrap()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file.display().to_string()
}

impl Serving {
    /// What it answers to a request without a body.
    pub(super) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.host.replace("localhost", "127.0.0.1")).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// A machine of a CI system: an image, a server, and the right to id tokens.
pub(super) fn runner(issuer: &GithubOidc, host: &str, image: &Image) -> Home {
    let mut home = Home::new();
    image_files::layout(&home.path("layout"), &[("v1", image)]);
    home.set("CRHOST_SERVER", format!("http://{host}"));
    home.set("CRHOST_SERVER_AUDIENCE", AUDIENCE);
    issuer.permit(&mut home);
    home
}

/// The rows of the audit that the words select.
pub(super) fn rows(admin: &Home, words: &[&str]) -> Vec<Value> {
    let done = admin.ok(&[&["audit", "-o", "json"], words].concat());
    done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Sends a request for credentials; `None` where the connection breaks.
pub(super) fn ask(host: &str, headers: &str, body: &str) -> Option<(u16, Value)> {
    ask_for_all(host, headers, body).map(|(status, _, json)| (status, json))
}

/// As above, with the seconds of `Retry-After`.
pub(super) fn ask_for_all(host: &str, headers: &str, body: &str) -> Option<(u16, Option<u64>, Value)> {
    let host = host.replace("localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(&host).ok()?;
    let length = body.len();
    let head =
        format!("POST /v1/credentials HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    stream.write_all(format!("{head}{headers}\r\n{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let wait = head.lines().find_map(|line| line.strip_prefix("retry-after: ")).map(|wait| wait.parse().unwrap());
    Some((status, wait, serde_json::from_str(body).unwrap_or(Value::Null)))
}
