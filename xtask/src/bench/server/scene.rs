//! The two servers, and who calls them.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::command::{command, run_quietly};
use crate::failure::{Failure, Result};
use crate::paths;

const AUDIENCE: &str = "https://crhost.example";
const ISSUER: &str = "https://issuer.example";

/// Callers with tokens of one issuer.
pub(super) struct Callers {
    keys: String,
    tokens: Vec<String>,
}

impl Callers {
    /// So many, each with a subject of its own.
    pub(super) fn new(count: u32) -> Result<Self> {
        let seed = random()?;
        let unusable = |_| Failure::new("no key can be made");
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(unusable)?;
        let x = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "bench", "alg": "EdDSA", "x": x}]});
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let token = |number: u32| {
            let header = json!({"alg": "EdDSA", "kid": "bench"});
            let claims = json!({
                "iss": ISSUER, "aud": AUDIENCE, "sub": format!("job-{number}"), "repository": "acme/train",
                "iat": now, "exp": now + 3600,
            });
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string().as_bytes());
            let signed = format!("{}.{}", part(&header), part(&claims));
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).as_ref()))
        };
        Ok(Self { keys: keys.to_string(), tokens: (0..count).map(token).collect() })
    }
}

/// A key's bytes.
fn random() -> Result<[u8; 32]> {
    let bytes =
        ring::rand::generate(&SystemRandom::new()).map_err(|_| Failure::new("the system gives no random bytes"))?;
    Ok(bytes.expose())
}

/// A server that is stopped when this is dropped.
struct Running {
    process: Child,
    /// Where it says its address, which stays open: it may have more to say.
    said: Option<Box<dyn Read>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `crhost server`.
pub(super) struct Server {
    _running: Running,
    pub(super) host: String,
}

impl Server {
    /// One with a registry, whose password a rule lets callers have.
    pub(super) fn start(program: &Path, home: &Path, database: &str, callers: &Callers) -> Result<Self> {
        let write = |name: &str, text: &[u8]| {
            let path = home.join(name);
            fs::write(&path, text).map_err(Failure::io("write", &path))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(Failure::io("close", &path))?;
            Ok::<_, Failure>(path)
        };
        let key = write("key", &random()?)?;
        let keys = write("keys.json", callers.keys.as_bytes())?;
        let rules = format!(
            "[[issuer]]\nname = \"bench\"\nurl = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\nkeys-file = \"{}\"\n\
             [[rule]]\nname = \"train\"\nissuer = \"bench\"\nclaims = {{ repository = \"acme/train\" }}\n\
             allow = [\"pull\", \"push\"]\nregistries = \"prod\"\nrepositories = \"**\"\nlong-lived = true\n",
            keys.display()
        );
        let rules = write("rules.toml", rules.as_bytes())?;
        let crhost = |words: &[&str]| {
            let mut crhost: Command = command(program, words);
            crhost.env("CRHOST_HOME", home.join("crhost")).env("CRHOST_DATABASE", database);
            crhost.env("CRHOST_KEY_FILE", &key).env("BENCH_PASSWORD", "s3cret");
            crhost
        };
        let register = ["connector", "register", "ann", "--type=docker", "--auth-method=password", "--no-verify"];
        let fields = ["--username=ann", "--password=@env:BENCH_PASSWORD"];
        run_quietly(&mut crhost(&[&register[..], &fields].concat()))?;
        let uri = "registry.example.com/acme";
        let registry = ["registry", "register", "prod", "--flavor=default", "--uri", uri, "--connector=ann"];
        run_quietly(&mut crhost(&[&registry[..], &["--no-verify"]].concat()))?;
        let rules = rules.display().to_string();
        let mut server = crhost(&["server", "--plain-http", "--listen", "127.0.0.1:0", "--rules", &rules]);
        let (running, line) = started(server.stderr(Stdio::piped()))?;
        // `logins at http://127.0.0.1:8443; …`
        let host = line.split("//").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default();
        Ok(Self { _running: running, host: host.replace("localhost", "127.0.0.1") })
    }

    /// A request of each caller.
    pub(super) fn requests(&self, callers: &Callers) -> Vec<Vec<u8>> {
        let body = json!({"registry": "prod", "repository": "acme/train", "operation": "push"}).to_string();
        let request = |token: &String| {
            format!(
                "POST /v1/credentials HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                self.host,
                body.len()
            )
        };
        callers.tokens.iter().map(|token| request(token).into_bytes()).collect()
    }
}

/// The plain server, one of `host/benches`.
pub(super) struct Plain {
    _running: Running,
    pub(super) host: String,
}

impl Plain {
    /// One with the database.
    pub(super) fn start(program: Option<&Path>, database: &str) -> Result<Self> {
        let words = ["bench", "--quiet", "--locked", "--package", "crhost", "--bench", "plain_server", "--", database];
        let mut server = match program {
            Some(program) => command(program, [database]),
            None => command("cargo", words),
        };
        server.current_dir(paths::repository()?).stdin(Stdio::piped()).stdout(Stdio::piped());
        let (running, line) = started(&mut server)?;
        Ok(Self { _running: running, host: line.trim().to_owned() })
    }

    /// A request for each of some rows.
    pub(super) fn requests(&self) -> Vec<Vec<u8>> {
        let request =
            |row: u32| format!("POST /name{row} HTTP/1.1\r\nhost: {}\r\ncontent-length: 2\r\n\r\n{{}}", self.host);
        (1..=64).map(|row| request(row * 100).into_bytes()).collect()
    }
}

/// Starts a server, and waits for the first line that it says.
fn started(server: &mut Command) -> Result<(Running, String)> {
    let failed = |error: std::io::Error| Failure::new(format!("a server does not start: {error}"));
    let mut running = Running { process: server.spawn().map_err(failed)?, said: None };
    let process = &mut running.process;
    let output = process.stdout.take().map(|output| Box::new(output) as Box<dyn Read>);
    let output = output.or_else(|| process.stderr.take().map(|errors| Box::new(errors) as Box<dyn Read>));
    let mut output = BufReader::new(output.ok_or_else(|| Failure::new("a server has no output"))?);
    let mut line = String::new();
    output.read_line(&mut line).map_err(failed)?;
    running.said = Some(Box::new(output));
    match line.is_empty() {
        true => Err(Failure::new("a server ended before it was ready")),
        false => Ok((running, line)),
    }
}
