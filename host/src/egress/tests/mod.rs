//! The client, against servers on loopback; names resolve to the addresses that a test chooses.

mod proxies;
mod secrets;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::connect::Dialer;
use super::limits::EgressLimits;
use super::resolve::Resolver;
use super::tls::Tls;
use super::*;
use zeroize::Zeroizing;

use crate::grant::operation::{Method, Operation, Parameter, Place, Placement, SecretForm};
use crate::grant::{Grant, Guest};
use crate::network::proxies::Proxies;
use crate::text::Escaped;

/// A server that gives one answer to every connection, and keeps the requests.
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

fn transport(address: &'static str, proxies: Proxies) -> Arc<Transport> {
    limited_transport(address, proxies, EgressLimits::DEFAULT)
}

fn limited_transport(address: &'static str, proxies: Proxies, limits: EgressLimits) -> Arc<Transport> {
    let resolver: Resolver = Arc::new(move |_| async move { Ok(vec![address.parse().unwrap()]) }.boxed());
    Arc::new(Transport { dialer: Dialer { resolver, tls: Tls::new(Vec::new()), limits }, proxies: Arc::new(proxies) })
}

fn direct() -> Arc<Transport> {
    transport("127.0.0.1", Proxies::none())
}

fn client(transport: &Arc<Transport>, grants: Vec<Grant>, secret_hosts: &[&str]) -> EgressClient {
    lending(transport, grants, secret_hosts, Redaction::default())
}

fn lending(
    transport: &Arc<Transport>,
    grants: Vec<Grant>,
    secret_hosts: &[&str],
    redaction: Redaction,
) -> EgressClient {
    let registry = Some("registry.example".parse().unwrap());
    let operations =
        secret_hosts.iter().map(|host| DeclaredOperation { operation: any(host), consent: Consent::Given });
    let granted = GrantedOperations {
        grants,
        registry,
        operations: operations.collect(),
        endpoints: Vec::new(),
        registry_password: None,
    };
    EgressClient::new(transport, &Guest::flavor("x"), EgressPolicy::Granted(granted), redaction)
}

/// Any `GET` or `POST` to a host, with the secret of `token` as bearer.
fn any(host: &str) -> Operation {
    Operation {
        name: "any".to_owned(),
        summary: String::new(),
        methods: vec![Method::Get, Method::Post],
        hosts: vec![host.parse().unwrap()],
        endpoints: Vec::new(),
        paths: vec!["/**".parse().unwrap()],
        query: vec![Parameter { name: "*".to_owned(), values: Vec::new() }],
        headers: Vec::new(),
        body: Vec::new(),
        secrets: vec![Placement {
            field: "token".to_owned(),
            member: None,
            form: SecretForm::Itself,
            place: Place::Header { name: "authorization".to_owned(), prefix: "Bearer ".to_owned() },
        }],
    }
}

/// A grant that the user wrote.
fn written(pattern: &str) -> Vec<Grant> {
    vec![Grant::written(pattern.parse().unwrap())]
}

fn asked(pattern: &str) -> Vec<Grant> {
    vec![Grant::asked(pattern.parse().unwrap())]
}

fn get(url: &str) -> Request {
    Request { method: Method::Get, url: url.to_owned(), headers: Vec::new(), body: Body::Empty }
}

fn with_secret(url: &str) -> Request {
    let origin = Origin::Itself(Source { field: "token".to_owned(), member: None });
    let secret = EgressSecret::new(Arc::new(Zeroizing::new(b"hunter2hunter2".to_vec())), Arc::new(origin));
    let value = Value::Secret(SecretValue { before: "Bearer ".to_owned(), secret, encoding: Encoding::Raw });
    Request { headers: vec![("authorization".to_owned(), value)], method: Method::Post, ..get(url) }
}

#[track_caller]
fn denied(outcome: Result<Response, EgressError>) -> String {
    match outcome {
        Err(EgressError::Denied(denial)) => format!("{denial}; {}", denial.hint().map_or("no hint", Escaped::as_str)),
        Err(other) => panic!("{other}"),
        Ok(response) => panic!("answered {}", response.status),
    }
}

#[tokio::test]
async fn a_granted_host_answers() {
    let server = Server::answering(OK).await;
    let origin = format!("http://granted.example:{}", server.port);
    let mut client = client(&direct(), written(&origin), &[]);
    let response = client.send(get(&format!("{origin}/path?query"))).await.ok().unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"hi".as_slice()));
    let values: Vec<_> = response.headers.iter().filter(|(name, _)| name == "x-a").map(|(_, value)| value).collect();
    assert_eq!(values, [b"1", b"2"]);
    let heard = server.heard().concat();
    assert!(heard.starts_with("GET /path?query HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("host: granted.example:{}\r\n", server.port)), "{heard}");
    assert_eq!(client.requests(), 1);
    assert!(client.grant_hint().is_none());
}

#[tokio::test]
async fn a_host_that_is_not_granted_is_named_with_the_command_that_grants_it() {
    let mut client = client(&direct(), asked("https://granted.example"), &[]);
    let words = denied(client.send(get("https://other.example:8443/secret?token")).await);
    assert!(words.contains("`https://other.example:8443`"), "{words}");
    assert!(words.contains("crhost flavor grant x --allow-host https://other.example:8443"), "{words}");
    assert!(!words.contains("token"), "{words}");
    assert!(client.grant_hint().is_some());
}

#[tokio::test]
async fn a_policy_without_hosts_says_so() {
    let mut client = EgressClient::new(&direct(), &Guest::flavor("x"), EgressPolicy::DenyAll, Redaction::default());
    assert!(denied(client.send(get("https://granted.example/")).await).contains("no requests are sent"));
}

#[tokio::test]
async fn a_host_with_private_addresses_is_reached_only_if_the_user_wrote_it() {
    let server = Server::answering(OK).await;
    let url = format!("https://granted.example:{}/", server.port);
    for grants in [
        asked(&format!("https://granted.example:{}", server.port)),
        written(&format!("https://*.granted.example:{}", server.port)),
    ] {
        let url = if grants[0].written { url.replace("granted", "a.granted") } else { url.clone() };
        let hosts = [format!("https://granted.example:{}", server.port)];
        let words = denied(client(&direct(), grants, &[&hosts[0]]).send(get(&url)).await);
        assert!(words.contains("inside a private network"), "{words}");
        // The guest does not learn the address of a name.
        assert!(!words.contains("127.0.0.1"), "{words}");
    }
    assert_eq!(server.heard(), [""; 0]);
}

#[tokio::test]
async fn an_unroutable_address_is_never_reached() {
    for address in ["0.0.0.0", "224.0.0.1", "::"] {
        let transport = transport(address, Proxies::none());
        let mut client = client(&transport, written("https://granted.example"), &[]);
        assert!(denied(client.send(get("https://granted.example/")).await).contains("no host's"), "{address}");
    }
}

#[tokio::test]
async fn a_call_has_so_many_requests_and_no_more() {
    let mut client = client(&direct(), Vec::new(), &[]);
    for _ in 0..EgressLimits::DEFAULT.requests {
        denied(client.send(get("https://other.example/")).await);
    }
    assert!(matches!(client.send(get("https://other.example/")).await, Err(EgressError::Exhausted)));
    assert_eq!(client.requests(), EgressLimits::DEFAULT.requests);
}

/// A server that accepts connections, writes the beginning of an answer, and then the same piece of it again and again.
async fn dripping(start: &'static str, piece: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut written = stream.write_all(start.as_bytes()).await;
        while written.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            written = stream.write_all(piece.as_bytes()).await;
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_left_when_the_request_s_time_is_up() {
    let request_time = Duration::from_millis(50);
    let transport =
        limited_transport("127.0.0.1", Proxies::none(), EgressLimits { request_time, ..EgressLimits::DEFAULT });
    for (scheme, start, piece) in [
        ("http", "", ""),
        // The handshake of TLS.
        ("https", "", ""),
        ("http", "HTTP/1.1 200 OK\r\nx: ", "y"),
        ("http", "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", "z"),
        ("http", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nz\r\n"),
        ("http", "", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let origin = format!("{scheme}://granted.example:{}", dripping(start, piece).await);
        let outcome = client(&transport, written(&origin), &[]).send(get(&origin)).await;
        assert!(matches!(outcome, Err(EgressError::Timeout(time)) if time == request_time), "{scheme} {start}{piece}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let server =
        Server::answering("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n").await;
    let origin = format!("http://granted.example:{}", server.port);
    let response = client(&direct(), written(&origin), &[]).send(get(&origin)).await.ok().unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(server.heard().len(), 1);
}

/// A server with a certificate for `names`, and a transport that trusts it.
async fn secure(names: &[&str], proxies: Proxies) -> (u16, Arc<Transport>) {
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
    let resolver: Resolver = Arc::new(|_| async { Ok(vec!["127.0.0.1".parse().unwrap()]) }.boxed());
    let dialer = Dialer { resolver, tls: Tls::trusting(key.cert.der().clone()), limits: EgressLimits::DEFAULT };
    (port, Arc::new(Transport { dialer, proxies: Arc::new(proxies) }))
}

#[tokio::test]
async fn tls_proves_the_name_that_was_granted() {
    let (port, transport) = secure(&["granted.example"], Proxies::none()).await;
    let origin = format!("https://granted.example:{port}");
    assert!(client(&transport, written(&origin), &[]).send(get(&origin)).await.is_ok());
    let other = format!("https://other.example:{port}");
    let outcome = client(&transport, written(&other), &[]).send(get(&other)).await;
    assert!(matches!(outcome, Err(EgressError::Unreachable(words)) if words.contains("other.example")));
}
