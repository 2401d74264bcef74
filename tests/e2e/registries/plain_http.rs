//! Plain HTTP beyond this machine, which is allowed for each registry and for no other.

use parking_lot::Mutex;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use crate::support::fakes::listener::address_on_the_network;
use crate::support::programs::crhost::Home;

/// A registry (a fake one, which says yes to the first question) that speaks plain HTTP alone, on an address that other
/// machines reach.
struct Plain {
    host: String,
    /// The first byte of each connection: 22 begins a TLS handshake, `G` a request in clear.
    first_bytes: Arc<Mutex<Vec<u8>>>,
}

impl Plain {
    fn start(address: IpAddr) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let first_bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let log = Arc::clone(&first_bytes);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut buffer = [0; 4096];
                if let Ok(1..) = stream.read(&mut buffer) {
                    log.lock().push(buffer[0]);
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                }
            }
        });
        Self { host, first_bytes }
    }

    /// Whether anything was sent to it in clear.
    fn heard(&self) -> bool {
        self.first_bytes.lock().contains(&b'G')
    }
}

fn insecure(home: &Home, name: &str) -> Value {
    home.ok(&["registry", "describe", name, "-o", "json"]).json()["insecure"].clone()
}

#[test]
fn plain_http_is_allowed_for_one_registry_and_no_other() {
    let Some(address) = address_on_the_network() else { return };
    let (marked, other) = (Plain::start(address), Plain::start(address));
    let home = Home::new();
    home.ok(&["registry", "register", "marked", "--flavor=default", "--uri", &marked.host, "--insecure"]);
    home.register("other", &other.host);
    home.ok(&["registry", "verify", "marked"]);
    assert!(marked.heard());
    let refused = home.run(&["registry", "verify", "other"]);
    assert_eq!(refused.code, Some(6), "{refused}");
    assert!(refused.stderr.contains("doesn't speak https") && refused.stderr.contains("--insecure"), "{refused}");
    assert!(!other.heard() && !other.first_bytes.lock().is_empty());
    home.ok(&["registry", "update", "other", "--insecure"]);
    home.ok(&["registry", "verify", "other"]);
    assert!(other.heard());
}

#[test]
fn plain_http_is_stored_with_a_registry_and_stays_with_its_host() {
    let home = Home::new();
    let register = ["registry", "register", "dev", "--flavor=default", "--uri=registry.example/acme"];
    home.ok(&[&register[..], &["--insecure"]].concat());
    assert_eq!(insecure(&home, "dev"), true);
    assert!(home.ok(&["registry", "describe", "dev"]).stdout.contains("Plain HTTP  "));
    home.ok(&["registry", "copy", "dev", "second"]);
    assert_eq!(insecure(&home, "second"), true);
    home.ok(&["registry", "update", "dev", "--uri=registry.example/other"]);
    assert_eq!(insecure(&home, "dev"), true);
    home.ok(&["registry", "update", "dev", "--uri=another.example/other"]);
    assert_eq!(insecure(&home, "dev"), false);
    home.ok(&["registry", "update", "dev", "--insecure"]);
    assert_eq!(insecure(&home, "dev"), true);
    home.ok(&["registry", "update", "dev", "--insecure=false"]);
    assert_eq!(insecure(&home, "dev"), false);
    assert_eq!(insecure(&home, "second"), true);
}
