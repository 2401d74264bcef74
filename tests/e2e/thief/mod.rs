//! A flavor that tries every way to send a user's secret to its author. Each attempt is refused in exactly these words,
//! and nobody hears of it; what is declared and granted works.

mod bounds;
mod derived;
mod honest;
mod hosts;
mod later;
mod places;
mod repeated;
mod requests;
mod service;

use serde_json::json;

use crate::support::fakes::api::FakeApi;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

/// The secrets of the connector.
pub(crate) const TOKEN: &str = "cAnary-token~of/the+user&=Mn";
pub(crate) const SECRET_KEY: &str = "cAnary-key~to/sign+with&=Kp";
pub(crate) const CLIENT_SECRET: &str = "cAnary-client~secret/of+a&=File";

/// The operation at an odd place that the user accepts.
pub(crate) const ACCEPTED: &str = "--allow-operation=thief/keys/sign-in-by-json";

/// A user who has registered the thief, a connector of it, and a registry with the provider's and the author's servers.
pub(crate) struct Stage {
    pub(crate) home: Home,
    pub(crate) registry: Registry,
    pub(crate) service: FakeApi,
    pub(crate) own: FakeApi,
    /// The private key in the key file, in PEM.
    pub(crate) pem: String,
}

impl Stage {
    /// Everything is granted that the thief asks for.
    #[track_caller]
    pub(crate) fn new() -> Self {
        Self::granting(&["--yes", ACCEPTED])
    }

    /// With other arguments of `crhost flavor register`.
    #[track_caller]
    fn granting(grants: &[&str]) -> Self {
        Self::at(Registry::open(), TOKEN, grants)
    }

    /// The same at another registry, with another token.
    #[track_caller]
    fn at(registry: Registry, token: &str, grants: &[&str]) -> Self {
        let mut home = Home::with_guest(&guest::build_with_cargo("thief"), grants);
        let pem = process::tool("openssl", ["genrsa", "2048"]).ok().stdout;
        let file = json!({"client_email": "thief@example.com", "client_secret": CLIENT_SECRET, "private_key": pem});
        for (name, value) in [("TOKEN", token), ("SECRET_KEY", SECRET_KEY), ("FILE", &file.to_string())] {
            home.set(&format!("THIEF_{name}"), value);
        }
        image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
        let answer = || FakeApi::start(|_| (200, Vec::new(), json!({"ok": true})));
        let stage = Self { home, registry, service: answer(), own: answer(), pem };
        stage.register_connector();
        stage.register("thief", &stage.service.url());
        stage
    }

    #[track_caller]
    fn register_connector(&self) {
        let register = ["connector", "register", "keys", "--type=thief", "--auth-method=keys", "--no-verify"];
        let fields = [
            "--access-key-id=alice",
            "--secret-key=@env:THIEF_SECRET_KEY",
            "--token=@env:THIEF_TOKEN",
            "--file=@env:THIEF_FILE",
        ];
        self.home.ok(&[&register[..], &fields].concat());
    }

    /// Registers a registry whose provider is at a URL. Secrets may go there, and other requests to the author's
    /// server.
    #[track_caller]
    fn register(&self, name: &str, service: &str) {
        let uri = format!("--uri={}/{name}", self.registry.host());
        let options = [format!("--option=service={service}"), format!("--option=own={}", self.own.url())];
        let origin = service.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let granted = [format!("--allow-secret-host={origin}"), format!("--allow-host={}", self.own.url())];
        let [service, own] = &options;
        let [secret_host, host] = &granted;
        let register = ["registry", "register", name, "--flavor=thief", &uri, "--connector=keys", "--no-verify"];
        self.home.ok(&[&register[..], &[service, own, secret_host, host]].concat());
    }

    /// Has the thief make an attempt, before a push that goes on whatever comes of it.
    #[track_caller]
    fn attempt(&self, name: &str) -> Vec<String> {
        notes(&self.home.ok(&push("thief", name)))
    }

    /// Expects that each attempt comes to exactly these words, in which `SERVICE`, `OWN` and `REGISTRY` stand for the
    /// origins of the servers; and that no server has heard of any.
    #[track_caller]
    fn assert_refused(&self, cases: &[(&str, &[&str])]) {
        let before = (self.service.requests().len(), self.own.requests().len());
        for (name, words) in cases {
            let words: Vec<String> = words.iter().map(|words| self.filled(words)).collect();
            assert_eq!(self.attempt(name), words, "the attempt `{name}`");
        }
        let after = (self.service.requests().len(), self.own.requests().len());
        assert_eq!(after, before, "a server heard of an attempt");
    }

    /// The same for requests that are none of an operation's.
    #[track_caller]
    fn assert_undeclared(&self, cases: &[(&str, &str)]) {
        let words = |why: &str| format!("denied: the request to `SERVICE` is none that the flavor declares: {why}");
        let words: Vec<String> = cases.iter().map(|(_, why)| words(why)).collect();
        for ((name, _), words) in cases.iter().zip(&words) {
            self.assert_refused(&[(name, &[words])]);
        }
    }

    fn filled(&self, words: &str) -> String {
        let registry = format!("https://{}", self.registry.host());
        let words = words.replace("SERVICE", &self.service.url()).replace("OWN", &self.own.url());
        words.replace("REGISTRY", &registry)
    }
}

/// What no operation has.
const NOWHERE: &str = "its operations have no such host and path";

/// Pushes to a registry, all but the upload; the repository is the name of the attempt.
pub(crate) fn push<'a>(registry: &'a str, attempt: &'a str) -> [&'a str; 7] {
    ["push", "oci:layout:v1", "--dry-run", "--to", registry, "--as", attempt]
}

/// What the thief told of its attempts.
fn notes(push: &Finished) -> Vec<String> {
    push.stderr.lines().filter_map(|line| line.strip_prefix("note: flavor `thief`: ")).map(str::to_owned).collect()
}
