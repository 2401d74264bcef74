//! What daemons answer to a push that fails, by fakes of them that say what real ones say.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use crate::support::eventually::eventually;
use crate::support::fakes::listener::{Listener, address_on_the_network};
use crate::support::http1;
use crate::support::images::digest;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Running;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// A fake daemon of a version of the API that has one image, `train:v1`, and answers a push with these messages;
/// without any, it goes on for ever.
fn daemon(api: &'static str, names: Value, push: Option<String>) -> Listener {
    Listener::start(move |mut stream, log| {
        let request = log.request(&mut stream)?;
        let id = digest::of(b"configuration");
        let image = json!({
            "Id": id, "Os": "linux", "Architecture": "amd64", "RepoTags": names,
            "GraphDriver": {"Name": "overlay2"}, "RootFS": {"Layers": [digest::of(b"layer")]},
        });
        let answer = |status: &str, body: &str| http1::answer(status, &format!("Api-Version: {api}\r\n"), body);
        let line = request.lines().next().unwrap_or_default();
        let answered = match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["GET", "/_ping", ..] => answer("200 OK", "OK"),
            ["GET", "/images/train:v1/json", ..] => answer("200 OK", &image.to_string()),
            ["GET", ..] => answer("404 Not Found", r#"{"message":"No such image"}"#),
            ["POST", path, ..] if path.contains("/push?") => match &push {
                Some(messages) => answer("200 OK", messages),
                None => {
                    write!(stream, "HTTP/1.1 200 OK\r\n\r\n{{\"status\":\"Preparing\",\"id\":\"abc\"}}\r\n")?;
                    // Until the client goes.
                    return log.request(&mut stream).map(drop);
                }
            },
            _ => answer("201 Created", ""),
        };
        stream.write_all(answered.as_bytes())
    })
}

/// An error as daemons write it between their messages.
fn error(words: &str) -> Option<String> {
    let error = json!({"errorDetail": {"message": words}, "error": words});
    Some(format!("{{\"status\":\"The push refers to repository [x]\"}}\r\n{error}\r\n"))
}

/// A home whose registry `local` takes a password, and the arguments of a push by a daemon.
fn scene(daemon: &Listener) -> (Home, Registry, Vec<String>) {
    let (home, registry) = (Home::new(), Registry::with_password());
    home.register("local", registry.host());
    home.docker_login(registry.host(), USER, PASSWORD);
    let host = format!("tcp://127.0.0.1:{}", daemon.port());
    let push = ["push", "train:v1", "--to", "local", "--engine", "daemon", "--host", &host];
    (home, registry, push.map(str::to_owned).to_vec())
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// The requests that reached a daemon, without their headers.
fn lines(daemon: &Listener) -> Vec<String> {
    daemon.requests().iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn each_refusal_has_its_exit_code_and_the_next_step_and_the_name_is_taken_away() {
    for (told, code, hint) in [
        ("denied: requested access to the resource is denied", 4, "crhost auth status"),
        ("no basic auth credentials", 4, "crhost auth status"),
        ("name unknown: repository does not exist", 3, "the repository exists"),
        ("Get \"https://r/v2/\": http: server gave HTTP response to HTTPS client", 6, "insecure-registries"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", 6, "/etc/docker/certs.d/"),
        ("Get \"https://r/v2/\": dial tcp: lookup r: no such host", 6, "--engine native"),
        ("manifest invalid: manifest invalid", 1, "--engine native"),
    ] {
        let daemon = daemon("1.41", json!(["train:v1"]), error(told));
        let (home, registry, push) = scene(&daemon);
        let refused = home.fails(code, &words(&push)).says(told);
        assert!(refused.hint().contains(hint), "{told}: {}", *refused);
        let requests = lines(&daemon);
        let removed = format!("DELETE /images/{}/train:v1?noprune=true ", registry.host());
        assert!(requests.last().unwrap().starts_with(&removed), "{requests:?}");
    }
}

#[test]
fn the_daemon_is_given_the_credentials_and_its_word_alone_is_not_believed() {
    let digest = digest::of(b"manifest");
    let pushed = format!("{{\"aux\":{{\"Tag\":\"v1\",\"Digest\":\"{digest}\",\"Size\":7}}}}\r\n");
    let daemon = daemon("1.41", Value::Null, Some(pushed));
    let (home, registry, push) = scene(&daemon);
    let refused = home.fails(8, &words(&push)).says("answers nothing for");
    assert!(refused.error().contains(&digest), "{}", *refused);
    let requests = daemon.requests();
    let sent = requests.iter().find(|request| request.contains("/push?tag=v1")).unwrap();
    let header = sent.lines().find_map(|line| line.strip_prefix("x-registry-auth: ")).unwrap();
    let given: Value = serde_json::from_slice(&URL_SAFE.decode(header).unwrap()).unwrap();
    assert_eq!(given, json!({"username": USER, "password": PASSWORD, "serveraddress": registry.host()}));
    // The image had no name, and would be deleted with this one.
    assert!(refused.stderr.contains("keeps the name"), "{}", *refused);
    assert!(!lines(&daemon).iter().any(|line| line.starts_with("DELETE")));
}

#[test]
fn an_interrupted_push_takes_the_name_away() {
    let daemon = daemon("1.41", json!(["train:v1"]), None);
    let (home, registry, push) = scene(&daemon);
    let pushing = Running::start(&mut home.command(&push));
    eventually("the push", || lines(&daemon).iter().any(|line| line.contains("/push?")).then_some(()));
    pushing.signal("-TERM");
    let ended = pushing.end();
    assert_eq!(ended.code, Some(143), "{ended}");
    let removed = format!("DELETE /images/{}/train:v1?noprune=true ", registry.host());
    assert!(lines(&daemon).iter().any(|line| line.starts_with(&removed)), "{:?}", lines(&daemon));
}

#[test]
fn what_a_daemon_can_not_do_is_refused_before_it_is_asked() {
    let daemon = daemon("1.41", json!(["train:v1"]), error("never asked"));
    let (home, _registry, push) = scene(&daemon);
    for (more, says) in [
        (vec!["--platform", "linux/amd64"], "the version of its API is 1.41, expected 1.46"),
        (vec!["--compression", "zstd"], "`--compression` can't be kept"),
        (vec!["--daemon-export"], "`--daemon-export` can't be kept"),
        (vec!["--all-platforms"], "has one platform"),
    ] {
        home.fails(2, &[words(&push), more].concat()).says(says);
    }
    assert!(!lines(&daemon).iter().any(|line| line.starts_with("POST")));
    let (home, _) = Home::with_image();
    home.register("local", "localhost:1");
    home.fails(2, &["push", "oci:layout:v1", "--to", "local", "--as", "x", "--engine", "daemon"])
        .says("is for images of the Docker daemon");
}

#[test]
fn a_daemon_that_is_too_old_or_a_context_that_is_missing_is_told() {
    let old = daemon("1.23", json!(["train:v1"]), None);
    let mut home = Home::new();
    home.register("local", "127.0.0.1:1");
    let host = format!("tcp://127.0.0.1:{}", old.port());
    home.fails(1, &["push", "train:v1", "--to", "local", "--host", &host]).says("speaks version 1.23 of Docker's API");
    home.fails(3, &["push", "train:v1", "--to", "local", "--context", "nowhere"]).says("no Docker context `nowhere`");
    home.fails(2, &["push", "train:v1", "--to", "local", "--context", "x", "--host", "y"]);
    home.set("DOCKER_HOST", "tcp://127.0.0.1:1");
    home.fails(6, &["push", "train:v1", "--to", "local"]).says("where `DOCKER_HOST` says");
    // What a daemon with TLS answers to one that comes without.
    let words = "Client sent an HTTP request to an HTTPS server.";
    let secure = Listener::answering(format!("HTTP/1.0 400 Bad Request\r\n\r\n{words}\n"));
    let host = format!("tcp://127.0.0.1:{}", secure.port());
    let refused = home.fails(6, &["push", "train:v1", "--to", "local", "--host", &host]).says(words);
    assert!(refused.hint().contains("DOCKER_TLS_VERIFY=1"), "{}", *refused);
    home.fails(6, &["push", "train:v1", "--to", "local", "-H", "unix:///nowhere.sock"]).says("where `--host` says");
}

#[test]
fn auto_leaves_a_registry_of_this_machine_to_crhost_and_says_why() {
    let daemon = daemon("1.41", json!(["train:v1"]), error("never asked"));
    let mut home = Home::new();
    let registry = Registry::open();
    home.register("local", registry.host());
    home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}", daemon.port()));
    let pushed = home.run(&["push", "train:v1", "--to", "local", "-vv"]);
    assert!(pushed.stderr.contains("engine: native, because `localhost:"), "{pushed}");
    assert!(!lines(&daemon).iter().any(|line| line.contains("/push?")));
}

#[test]
fn credentials_are_not_sent_to_a_daemon_in_the_clear() {
    // Another address of this machine, as another machine's.
    let Some(address) = address_on_the_network() else { return };
    let daemon = daemon("1.41", json!(["train:v1"]), error("never asked"));
    let forwarder = TcpListener::bind((address, 0)).unwrap();
    let (port, target) = (forwarder.local_addr().unwrap().port(), daemon.port());
    std::thread::spawn(move || {
        for mut client in forwarder.incoming().map_while(Result::ok) {
            let mut server = TcpStream::connect(("127.0.0.1", target)).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            let _ = std::io::copy(&mut server, &mut client);
        }
    });
    let (home, _registry, push) = scene(&daemon);
    let host = format!("tcp://{address}:{port}");
    let mut push = words(&push);
    *push.last_mut().unwrap() = &host;
    let refused = home.fails(4, &push).says("over plain TCP");
    assert!(refused.hint().contains("ssh://"), "{}", *refused);
    assert!(!lines(&daemon).iter().any(|line| line.starts_with("POST")));
}
