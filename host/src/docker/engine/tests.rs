use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;

use super::*;
use crate::docker::locate::Origin;
use crate::docker::transport::ConnectFailure;
use crate::error::Explain as _;
use crate::error::Kind;
use crate::image::Digest;
use crate::testing::request_path;

/// A daemon in a temporary directory that answers each path with a whole HTTP response, or hangs up.
struct Daemon {
    directory: TempDir,
}

impl Daemon {
    fn start(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        Self::with_ping(ok("OK"), answer)
    }

    fn with_ping(ping: String, answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("docker.sock")).unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let path = request_path(&mut stream).await;
                let response = if path == "/_ping" { Some(ping.clone()) } else { answer(&path) };
                stream.write_all(response.unwrap_or_default().as_bytes()).await.unwrap();
            }
        });
        Self { directory }
    }

    fn endpoint(&self) -> Endpoint {
        socket(&self.directory.path().join("docker.sock"))
    }

    async fn engine(&self) -> Engine {
        Engine::connect(&candidates(vec![self.endpoint()])).await.unwrap()
    }
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn ok(body: &str) -> String {
    response("200 OK", body)
}

fn socket(path: &Path) -> Endpoint {
    Endpoint::Socket(path.to_owned())
}

fn candidates(endpoints: Vec<Endpoint>) -> Candidates {
    Candidates { origin: Origin::Default, endpoints }
}

const MISSING: &str = r#"{"message":"No such image: x"}"#;

fn inspection(digest: &str) -> String {
    format!(
        r#"{{"Id":"{digest}","Os":"linux","Architecture":"arm64","Variant":"v8","Size":7,"Created":"2026-01-01T00:00:00Z",
        "RepoTags":null,"GraphDriver":{{"Name":"overlayfs","Data":null}},"RootFS":{{"Type":"layers","Layers":["{digest}"]}},"Unknown":1,
        "Config":{{"User":"1000","Env":["PATH=/bin"],"Labels":{{"a":"b"}}}}}}"#
    )
}

#[tokio::test]
async fn an_image_is_described() {
    let digest = Digest::of(b"x");
    let body = inspection(digest.as_str());
    let daemon = Daemon::start(move |path| (path == "/images/ghcr.io/acme/train:v3/json").then(|| ok(&body)));
    let image = daemon.engine().await.inspect("ghcr.io/acme/train:v3").await.unwrap();
    let [os, architecture, variant] = ["linux", "arm64", "v8"].map(ToOwned::to_owned);
    let platform = crate::image::Platform::new(os, architecture, Some(variant));
    let driver = Some("overlayfs".to_owned());
    let names = vec![];
    let settings = image.settings.clone();
    assert_eq!((settings.user.as_deref(), settings.labels["a"].as_str()), (Some("1000"), "b"));
    assert_eq!(settings.environment, ["PATH"]);
    assert_eq!(image, LocalImage { id: digest.clone(), diff_ids: vec![digest], platform, driver, names, settings });
}

#[tokio::test]
async fn a_proxy_that_refuses_the_ping_is_asked_for_the_image() {
    let digest = Digest::of(b"x");
    let body = inspection(digest.as_str());
    let ping = response("403 Forbidden", "<html><body><h1>403 Forbidden</h1></body></html>");
    let daemon = Daemon::with_ping(ping, move |_| Some(ok(&body)));
    assert_eq!(daemon.engine().await.inspect("x").await.unwrap().id, digest);
    let page = "<!DOCTYPE html>\n<html><head><title>Docker Desktop is starting</title></head></html>";
    let daemon = Daemon::start(move |_| Some(response("503 Service Unavailable", page)));
    let error = daemon.engine().await.inspect("x").await.unwrap_err().to_string();
    assert!(error.ends_with(": Docker Desktop is starting (status 503)"), "{error}");
}

#[tokio::test]
async fn an_image_whose_daemon_tells_no_platform_is_described() {
    let digest = Digest::of(b"x");
    let body =
        format!(r#"{{"Id":"{}","Architecture":"x86 64","RootFS":{{"Layers":["{}"]}}}}"#, digest.hex(), digest.hex());
    let daemon = Daemon::start(move |_| Some(ok(&body)));
    let image = daemon.engine().await.inspect("x").await.unwrap();
    assert_eq!((image.id, image.diff_ids.as_slice()), (digest.clone(), &[digest][..]));
    assert!(!image.platform.is_known());
    let daemon = Daemon::start(|_| Some(response("404 Not Found", "<h1>404 of a web server</h1>")));
    let error = daemon.engine().await.inspect("x").await.unwrap_err().to_string();
    assert!(error.ends_with("404 of a web server (status 404)"), "{error}");
    let daemon = Daemon::start(|_| Some(ok("{}")));
    let error = daemon.engine().await.inspect("x").await.unwrap_err().to_string();
    assert!(error.ends_with("it does not tell the image's id"), "{error}");
}

#[tokio::test]
async fn an_image_without_layers_has_none() {
    let id = Digest::of(b"");
    let body = format!(r#"{{"Id":"{id}","Os":"linux","Architecture":"amd64","RootFS":{{"Type":"layers"}}}}"#);
    let daemon = Daemon::start(move |_| Some(ok(&body)));
    let image = daemon.engine().await.inspect("empty").await.unwrap();
    assert_eq!((image.diff_ids, image.platform.to_string().as_str()), (vec![], "linux/amd64"));
}

#[tokio::test]
async fn absent_null_and_empty_mean_the_same_and_an_id_may_lack_its_algorithm() {
    let id = Digest::of(b"x");
    for rest in [
        "",
        r#","Variant":null,"RootFS":null,"GraphDriver":null"#,
        r#","Variant":"","RootFS":{"Type":"","Layers":null},"GraphDriver":{"Name":"","Data":null},"Size":"7""#,
        r#","Variant":"","RootFS":{"Layers":[]},"GraphDriver":{},"Created":null,"Config":null,"RepoTags":"""#,
    ] {
        let body = format!(r#"{{"Id":"{}","Os":"linux","Architecture":"amd64"{rest}}}"#, id.hex());
        let daemon = Daemon::start(move |_| Some(ok(&body)));
        let (platform, settings) = ("linux/amd64".parse().unwrap(), inspection::ImageSettings::default());
        let expected = LocalImage { id: id.clone(), diff_ids: vec![], platform, driver: None, names: vec![], settings };
        assert_eq!(daemon.engine().await.inspect("x").await.unwrap(), expected, "{rest}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let daemon = Daemon::start(|_| Some(ok(&" ".repeat((4 << 20) + 1))));
    let error = daemon.engine().await.inspect("x").await.unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
}

#[tokio::test]
async fn an_unknown_image_is_named_together_with_the_daemon() {
    let daemon = Daemon::start(|_| Some(response("404 Not Found", MISSING)));
    let engine = daemon.engine().await;
    let inspected = engine.inspect("train:v3").await.unwrap_err();
    let exported = engine.export("train:v3").next().await.unwrap().unwrap_err();
    for error in [inspected, exported] {
        assert_eq!(error.kind(), Kind::NotFound);
        let expected = format!("the Docker daemon at `{}` has no image `train:v3`", daemon.endpoint());
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().contains("docker images"));
    }
}

#[tokio::test]
async fn what_a_daemon_should_not_answer_is_an_error() {
    for body in [
        ok("{}"),
        ok("junk"),
        ok(&inspection("sha256:../../x")),
        response("500 Internal Server Error", r#"{"message":"\u001b[2J boom"}"#),
        String::new(),
    ] {
        let shown = body.clone();
        let daemon = Daemon::start(move |_| Some(body.clone()));
        let error = daemon.engine().await.inspect("x").await.expect_err(&shown);
        assert!(matches!(error, EngineError::Failed { .. }), "{shown}: {error}");
        assert!(!error.to_string().contains(['\u{1b}', '\n']), "{error:?}");
    }
}

#[tokio::test]
async fn an_export_is_passed_on_and_a_broken_one_ends_with_an_error() {
    let daemon = Daemon::start(|path| match path {
        "/images/whole/get" => Some(ok("tar bytes")),
        "/images/cut/get" => Some(ok("tar bytes").replace("Content-Length: 9", "Content-Length: 99")),
        _ => None,
    });
    let engine = daemon.engine().await;
    for (name, good) in [("whole", true), ("cut", false), ("hangup", false)] {
        let items: Vec<_> = engine.export(name).collect().await;
        let bytes: Vec<u8> = items.iter().flatten().flatten().copied().collect();
        assert_eq!(items.iter().all(Result::is_ok), good, "{name}");
        assert_eq!(bytes, if name == "hangup" { &b""[..] } else { b"tar bytes" }, "{name}");
    }
}

#[tokio::test]
async fn a_name_cannot_lead_to_another_part_of_the_api() {
    let daemon = Daemon::start(|path| panic!("asked for {path}"));
    let engine = daemon.engine().await;
    for name in ["", "..", "a/../../containers/x", "a/./b", "/a", "a?b", "a#b", "a%2fb", "a b", "a\r\nb", "ü"] {
        let error = engine.inspect(name).await.expect_err(name);
        assert!(matches!(error, EngineError::Name(_)), "{name}");
        assert!(matches!(engine.export(name).next().await, Some(Err(EngineError::Name(_)))), "{name}");
    }
}

#[tokio::test]
async fn the_first_candidate_that_answers_is_taken() {
    let daemon = Daemon::start(|_| None);
    let nothing = PathBuf::from("/nonexistent/docker.sock");
    let engine = Engine::connect(&candidates(vec![socket(&nothing), daemon.endpoint(), socket(&nothing)])).await;
    assert_eq!(engine.unwrap().endpoint(), &daemon.endpoint());
}

#[tokio::test]
async fn without_a_daemon_every_endpoint_is_listed_with_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let [file, stale] = ["file.sock", "stale.sock"].map(|name| directory.path().join(name));
    std::fs::write(&file, "").unwrap();
    drop(UnixListener::bind(&stale).unwrap());
    let refused = "connection refused";
    let unused = Endpoint::parse("tcp://127.0.0.1:1", crate::docker::endpoint::Security::Unspecified).unwrap();
    let all = vec![socket(Path::new("/nonexistent/x.sock")), socket(&file), socket(&stale), unused];
    let error = Engine::connect(&candidates(all)).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Network);
    assert!(error.hint().unwrap().contains("DOCKER_HOST"));
    let expected = format!(
        "no Docker daemon answers: `unix:///nonexistent/x.sock`: there is no such socket; \
         `unix://{}`: {refused}; `unix://{}`: {refused}; `http://127.0.0.1:1`: {refused}",
        file.display(),
        stale.display(),
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_socket_that_the_user_may_not_open_has_a_hint_of_its_own() {
    let attempt = |kind: std::io::ErrorKind| {
        let ConnectFailure { reason, permission_denied } = (&std::io::Error::from(kind)).into();
        Attempt { endpoint: socket(Path::new("/x.sock")), reason, permission_denied }
    };
    for (kind, hint, expected) in [
        (std::io::ErrorKind::PermissionDenied, "group `docker`", Kind::Auth),
        (std::io::ErrorKind::NotFound, "DOCKER_HOST", Kind::Network),
    ] {
        let error = unreachable(Origin::Default, vec![attempt(kind)]);
        assert_eq!(error.kind(), expected, "{kind}");
        assert!(error.hint().unwrap().contains(hint), "{kind}");
    }
}

#[tokio::test]
async fn a_daemon_says_what_it_is_and_one_of_an_api_that_is_not_read_is_too_old() {
    let about = async |version: &'static str| {
        let info = r#"{"Driver":"overlay2","DockerRootDir":"/var/lib/docker"}"#;
        let daemon = Daemon::start(move |path| Some(ok(if path == "/version" { version } else { info })));
        daemon.engine().await.about().await
    };
    let docker = about(r#"{"Version":"28.0","ApiVersion":"1.48","Components":[{"Name":"Engine"}]}"#).await.unwrap();
    assert_eq!((docker.name.as_str(), docker.version.as_str()), ("Docker", "28.0"));
    assert_eq!(docker.api.unwrap().to_string(), "1.48");
    assert_eq!((docker.driver.unwrap().as_str(), docker.root.unwrap()), ("overlay2", "/var/lib/docker".into()));
    let podman = r#"{"Version":"4.3.1","ApiVersion":"1.41","Components":[{"Name":"Podman Engine"}]}"#;
    assert_eq!(about(podman).await.unwrap().name, "Podman");
    assert!(about(r#"{"ApiVersion":"1.24"}"#).await.is_ok());
    for old in ["1.23", "0.9"] {
        let version: &'static str = format!(r#"{{"Version":"x","ApiVersion":"{old}"}}"#).leak();
        let error = about(version).await.unwrap_err();
        assert!(error.to_string().contains(&format!("speaks version {old} of Docker's API")), "{error}");
    }
    assert!(matches!(about("no JSON").await, Err(EngineError::About { .. })));
}
