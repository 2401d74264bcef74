//! The door, against servers on loopback; names resolve to what a test says.

mod proxies;

use std::sync::Mutex;

use futures_util::FutureExt as _;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server that gives one answer to every connection, and keeps what it was sent.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, heard) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_once(stream, answer, Arc::clone(&kept)));
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn answer_once(mut stream: TcpStream, answer: &'static str, heard: Arc<Mutex<Vec<String>>>) {
    let mut bytes = vec![0; 64 << 10];
    let length = stream.read(&mut bytes).await.unwrap();
    heard.lock().unwrap().push(String::from_utf8_lossy(&bytes[..length]).into_owned());
    stream.write_all(answer.as_bytes()).await.unwrap();
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: 1\r\nx-a: 2\r\n\r\nhi";

fn egress(address: &'static str, proxies: proxy::Proxies) -> Arc<Egress> {
    let lookup: Lookup = Arc::new(move |_| async move { Ok(vec![address.parse().unwrap()]) }.boxed());
    Arc::new(Egress { lookup, proxies, tls: tls::Tls::default() })
}

fn direct() -> Arc<Egress> {
    egress("127.0.0.1", proxy::Proxies::none())
}

fn door(egress: &Arc<Egress>, grants: Vec<Grant>, secret_hosts: &[&str]) -> Door {
    let secret_hosts = secret_hosts.iter().map(|pattern| pattern.parse().unwrap()).collect();
    let registry = Some("registry.example".parse().unwrap());
    Door::open(egress, "x", Pass { grants, registry, secret_hosts })
}

fn written(pattern: &str) -> Vec<Grant> {
    vec![Grant::written(pattern.parse().unwrap())]
}

fn asked(pattern: &str) -> Vec<Grant> {
    vec![Grant::asked(pattern.parse().unwrap())]
}

fn get(url: &str) -> Request {
    Request { method: http::Method::GET, url: url.to_owned(), headers: Vec::new(), body: Vec::new() }
}

fn with_secret(url: &str) -> Request {
    let secret = Part::Secret(EgressSecret::new("hunter2hunter2".to_owned().into(), Vec::new()), Encoding::Raw);
    Request { body: vec![secret], method: http::Method::POST, ..get(url) }
}

#[track_caller]
fn denied(outcome: Result<Response, EgressError>) -> String {
    match outcome {
        Err(EgressError::Denied(denial)) => format!("{denial}; {}", denial.hint().unwrap_or("no hint")),
        Err(other) => panic!("{other}"),
        Ok(response) => panic!("answered {}", response.status),
    }
}

#[tokio::test]
async fn a_granted_host_answers() {
    let server = Server::answering(OK).await;
    let origin = format!("http://granted.example:{}", server.port);
    let mut door = door(&direct(), written(&origin), &[]);
    let response = door.send(get(&format!("{origin}/path?query"))).await.ok().unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"hi".as_slice()));
    let values: Vec<_> = response.headers.iter().filter(|(name, _)| name == "x-a").map(|(_, value)| value).collect();
    assert_eq!(values, [b"1", b"2"]);
    let heard = server.heard().concat();
    assert!(heard.starts_with("GET /path?query HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("host: granted.example:{}\r\n", server.port)), "{heard}");
    assert_eq!(door.requests(), 1);
    assert!(door.denial().is_none());
}

#[tokio::test]
async fn a_host_that_is_not_granted_is_named_with_the_command_that_grants_it() {
    let mut door = door(&direct(), asked("https://granted.example"), &[]);
    let words = denied(door.send(get("https://other.example:8443/secret?token")).await);
    assert!(words.contains("`https://other.example:8443`"), "{words}");
    assert!(words.contains("crhost flavor grant x --allow-host https://other.example:8443"), "{words}");
    assert!(!words.contains("token"), "{words}");
    assert!(door.denial().is_some());
}

#[tokio::test]
async fn a_closed_door_says_so() {
    let mut door = Door::closed(&direct(), "x");
    assert!(denied(door.send(get("https://granted.example/")).await).contains("no requests are sent"));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_reached_only_if_the_user_wrote_it() {
    let server = Server::answering(OK).await;
    let url = format!("https://granted.example:{}/", server.port);
    for grants in [
        asked(&format!("https://granted.example:{}", server.port)),
        written(&format!("https://*.granted.example:{}", server.port)),
    ] {
        let url = if grants[0].written { url.replace("granted", "a.granted") } else { url.clone() };
        let words = denied(door(&direct(), grants, &[]).send(get(&url)).await);
        assert!(words.contains("inside a private network"), "{words}");
        // What a name resolves to is not the guest's to know.
        assert!(!words.contains("127.0.0.1"), "{words}");
    }
    assert_eq!(server.heard(), [""; 0]);
}

#[tokio::test]
async fn an_address_that_is_no_host_s_is_never_reached() {
    for address in ["0.0.0.0", "224.0.0.1", "::"] {
        let egress = egress(address, proxy::Proxies::none());
        let mut door = door(&egress, written("https://granted.example"), &[]);
        assert!(denied(door.send(get("https://granted.example/")).await).contains("no host's"), "{address}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_granted_is_called_what_it_is() {
    let deny = async |url| denied(door(&direct(), asked("https://granted.example"), &[]).send(get(url)).await);
    let words = deny("https://169.254.169.254/").await;
    assert!(words.contains("private network") && words.contains("--allow-host https://169.254.169.254"), "{words}");
    // Nothing that could be granted.
    assert!(deny("https://0.0.0.0/").await.ends_with("no hint"));
    assert!(!deny("https://8.8.8.8/").await.contains("private network"));
}

#[tokio::test]
async fn a_secret_goes_to_the_hosts_of_its_own_method_only() {
    let server = Server::answering(OK).await;
    let origin = format!("http://granted.example:{}", server.port);
    // Granted, and not for secrets.
    let words = denied(door(&direct(), written(&origin), &[]).send(with_secret(&origin)).await);
    assert!(words.contains(&format!("crhost flavor grant x --allow-secret-host {origin}")), "{words}");
    // Granted, and the method names another host.
    denied(door(&direct(), written(&origin), &["https://other.example"]).send(with_secret(&origin)).await);
    // The method names it, and it is not granted.
    denied(door(&direct(), asked("https://other.example"), &[&origin]).send(with_secret(&origin)).await);
    assert_eq!(server.heard(), [""; 0]);
    // Granted and named, or granted with secrets.
    assert!(door(&direct(), written(&origin), &[&origin]).send(with_secret(&origin)).await.is_ok());
    let grants = vec![Grant::with_secrets(origin.parse().unwrap())];
    assert!(door(&direct(), grants, &[]).send(with_secret(&origin)).await.is_ok());
    assert!(server.heard().iter().all(|request| request.ends_with("hunter2hunter2")));
}

#[tokio::test]
async fn a_secret_is_the_registry_s_password_only_where_its_method_says_so() {
    let lend = |grants, secret_hosts: &[&str]| door(&direct(), grants, secret_hosts).lend_to_registry();
    assert!(lend(asked("https://{registry}"), &["https://{registry}"]).is_ok());
    assert!(
        lend(asked("https://registry.example"), &["https://*.registry.example", "https://registry.example"]).is_ok()
    );
    assert!(lend(vec![Grant::with_secrets("https://registry.example".parse().unwrap())], &[]).is_ok());
    for (grants, secret_hosts) in [
        (asked("https://{registry}"), &["https://auth.example"][..]),
        (asked("https://{registry}"), &[]),
        (asked("https://auth.example"), &["https://{registry}"]),
    ] {
        let denial = lend(grants, secret_hosts).unwrap_err();
        assert!(denial.hint().unwrap().contains("--allow-secret-host https://registry.example`"), "{denial}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_secret_is_struck_out_for_the_rest_of_the_call() {
    let answer = "HTTP/1.1 400 Bad\r\ncontent-length: 19\r\nx-sent: hunter2hunter2\r\n\r\nbad: hunter2hunter2";
    let server = Server::answering(answer).await;
    let origin = format!("http://granted.example:{}", server.port);
    let mut door = door(&direct(), vec![Grant::with_secrets(origin.parse().unwrap())], &[]);
    for request in [with_secret(&origin), get(&origin)] {
        let response = door.send(request).await.ok().unwrap();
        assert_eq!(response.body, b"bad: **************");
        assert!(response.headers.iter().all(|(_, value)| !value.windows(8).any(|window| window == b"hunter2h")));
    }
}

#[tokio::test]
async fn a_call_has_so_many_requests_and_no_more() {
    let mut door = door(&direct(), Vec::new(), &[]);
    for _ in 0..limits::REQUESTS {
        denied(door.send(get("https://other.example/")).await);
    }
    assert!(matches!(door.send(get("https://other.example/")).await, Err(EgressError::Exhausted)));
    assert_eq!(door.requests(), limits::REQUESTS);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let server =
        Server::answering("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n").await;
    let origin = format!("http://granted.example:{}", server.port);
    let response = door(&direct(), written(&origin), &[]).send(get(&origin)).await.ok().unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(server.heard().len(), 1);
}

/// A server with a certificate for `names`, and an egress that trusts it.
async fn secure(names: &[&str], proxies: proxy::Proxies) -> (u16, Arc<Egress>) {
    let key =
        rcgen::generate_simple_self_signed(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![key.cert.der().clone()], der).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut bytes = [0; 4096];
                assert!(stream.read(&mut bytes).await.unwrap() > 0);
                stream.write_all(OK.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        }
    });
    let lookup: Lookup = Arc::new(|_| async { Ok(vec!["127.0.0.1".parse().unwrap()]) }.boxed());
    let tls = tls::Tls::trusting(key.cert.der().clone());
    (port, Arc::new(Egress { lookup, proxies, tls }))
}

#[tokio::test]
async fn tls_proves_the_name_that_was_granted() {
    let (port, egress) = secure(&["granted.example"], proxy::Proxies::none()).await;
    let origin = format!("https://granted.example:{port}");
    assert!(door(&egress, written(&origin), &[]).send(get(&origin)).await.is_ok());
    let other = format!("https://other.example:{port}");
    let outcome = door(&egress, written(&other), &[]).send(get(&other)).await;
    assert!(matches!(outcome, Err(EgressError::Unreachable(words)) if words.contains("other.example")));
}
