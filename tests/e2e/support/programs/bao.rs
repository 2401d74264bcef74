//! OpenBao's server for development: everything is in memory, and the root token is known.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::peers;
use super::process::Server;
use crate::support::eventually::eventually;
use crate::support::programs::crhost::Home;

/// The root token of a test.
const ROOT: &str = "root-token-of-the-test";

/// A running server.
pub(crate) struct Bao {
    _server: Server,
    port: u16,
    /// Where the client keeps what it keeps.
    home: Home,
}

impl Bao {
    /// One with a key `crhost` of its transit engine.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let home = Home::new();
        let mut server = Command::new(peers::program("bao"));
        server.args(["server", "-dev", "-dev-no-store-token", &format!("-dev-root-token-id={ROOT}")]);
        server.arg(format!("-dev-listen-address=127.0.0.1:{port}")).env("HOME", home.path("."));
        let bao = Self { _server: Server::start(&mut server), port, home };
        let answers = || bao.command(&["status"]).output().unwrap().status.success().then_some(());
        eventually("OpenBao answers", answers);
        bao.run(&["secrets", "enable", "transit"]);
        bao.run(&["write", "-f", "transit/keys/crhost"]);
        bao
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its host and port, as URIs of keys begin.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(peers::program("bao"));
        command.args(arguments).env("BAO_ADDR", self.url()).env("BAO_TOKEN", ROOT).env("HOME", self.home.path("."));
        command
    }

    /// Runs its client as the root user, and gives what it prints.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, "")
    }

    /// The same, with text for its standard input.
    #[track_caller]
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A token that may make and unwrap keys by the key `crhost`, and nothing else.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        let rule = |path: &str| format!("path \"transit/{path}/crhost\" {{ capabilities = [\"update\"] }}\n");
        self.run_with(&["policy", "write", "crhost", "-"], &(rule("datakey/plaintext") + &rule("decrypt")));
        self.run(&["token", "create", "-policy=crhost", "-no-default-policy", "-field=token"])
    }
}
