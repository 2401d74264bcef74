use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;
use crate::docker::helper::tests::{Script, script};
use crate::error::{Explain as _, Kind};

/// A directory with a `config.json`, and scripts for helpers in it.
fn directory(config: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.json"), config).unwrap();
    directory
}

fn load(directory: &TempDir, overlay: &str) -> Configuration {
    let path = directory.path().to_str().unwrap();
    // Not the directory of this user's own tools.
    let runtime = ("XDG_RUNTIME_DIR", path);
    let variables = [("DOCKER_CONFIG", path), ("PATH", path), ("DOCKER_AUTH_CONFIG", overlay), runtime];
    Configuration::load(&variables.into_iter().collect())
}

/// The user name for a host, which is enough to tell the sources in these tests apart.
async fn user(configuration: &Configuration, host: &str) -> String {
    match configured(configuration, host).await.credential {
        Credential::Anonymous => "anonymous".to_owned(),
        Credential::Basic { username, .. } => username,
        Credential::IdentityToken(token) => format!("token={}", token.expose_secret()),
    }
}

async fn configured(configuration: &Configuration, host: &str) -> Configured {
    configuration.credential(&host.parse().unwrap(), Some(&"acme/train".parse().unwrap())).await
}

const AUTHS: &str = r#""auths":{"a.io":{"username":"file"},"b.io":{"username":"file"},"c.io":{"username":"file"}}"#;

#[tokio::test]
async fn the_order_is_variable_then_own_helper_then_store_then_file() {
    let all =
        directory(&format!(r#"{{"credsStore":"store","credHelpers":{{"b.io":"own"}},{AUTHS},"HttpHeaders":{{}}}}"#));
    script(all.path(), "store", Script::Answer("store"));
    script(all.path(), "own", Script::Answer("own"));
    let configuration = load(&all, r#"{"auths":{"a.io":{"auth":"dmFyaWFibGU6cA=="}}}"#);
    for (host, expected) in [("a.io", "variable"), ("b.io", "own"), ("c.io", "store"), ("d.io", "store")] {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
    }
}

#[tokio::test]
async fn the_helper_of_the_default_registry_stands_under_dockers_key_for_it() {
    let hub =
        directory(r#"{"credHelpers":{"https://index.docker.io/v1/":"own"},"auths":{"docker.io":{"username":"file"}}}"#);
    script(hub.path(), "own", Script::Echo);
    let configuration = load(&hub, "");
    assert_eq!(user(&configuration, "docker.io").await, "https://index.docker.io/v1/");
    assert_eq!(user(&configuration, "ghcr.io").await, "anonymous");
}

#[tokio::test]
async fn without_a_helper_the_file_counts_and_without_an_entry_access_is_anonymous() {
    let plain = directory(&format!(r#"{{"credHelpers":{{"b.io":""}},"credsStore":null,{AUTHS}}}"#));
    let configuration = load(&plain, r#"{"auths":{"c.io":{}}}"#);
    for (host, expected) in [("a.io", "file"), ("b.io", "file"), ("c.io", "anonymous"), ("d.io", "anonymous")] {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
    }
    let empty = load(&tempfile::tempdir().unwrap(), "");
    assert_eq!(user(&empty, "a.io").await, "anonymous");
    let homeless = Configuration::load(&Environment::default());
    assert_eq!(user(&homeless, "a.io").await, "anonymous");
}

#[tokio::test]
async fn a_helper_that_has_nothing_or_is_broken_gives_way_to_the_file_and_is_kept_as_the_reason() {
    let stored = directory(&format!(
        r#"{{"credsStore":"store","credHelpers":{{"b.io":"missing","c.io":"../x","d.io":"broken","e.io":"quiet"}},{AUTHS}}}"#
    ));
    script(stored.path(), "store", Script::NotFound);
    script(stored.path(), "broken", Script::Lines("echo 'pass not initialized: exit status 1'; exit 1"));
    script(stored.path(), "quiet", Script::Lines("true"));
    let configuration = load(&stored, "");
    for (host, expected, reason) in [
        ("a.io", "file", None),
        ("f.io", "anonymous", None),
        ("b.io", "file", Some("it is not on the `PATH`")),
        ("c.io", "file", Some("its name may have letters")),
        ("d.io", "anonymous", Some("exit status: 1: pass not initialized: exit status 1")),
        ("e.io", "anonymous", Some("does not follow the protocol")),
    ] {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
        let failure = configured(&configuration, host).await.failure.map(|failure| failure.to_string());
        match reason {
            None => assert_eq!(failure, None, "{host}"),
            Some(reason) => assert!(failure.as_ref().is_some_and(|failure| failure.contains(reason)), "{failure:?}"),
        }
    }
}

#[tokio::test]
async fn a_broken_entry_is_kept_as_the_reason_and_names_its_place() {
    let broken = directory(r#"{"auths":{"https://a.io":{"auth":"s3cret!"},"c.io":"s3cret"}}"#);
    let configuration = load(&broken, r#"{"auths":{"b.io":{"auth":"s3cret!"}}}"#);
    for (host, place) in [
        ("a.io", "`https://a.io` in `"),
        ("b.io", "`b.io` in `DOCKER_AUTH_CONFIG` can't be used: `auth` is not base64"),
        ("c.io", "config.json` can't be used: it is not an object with `auth`"),
    ] {
        assert_eq!(user(&configuration, host).await, "anonymous", "{host}");
        let failure = configured(&configuration, host).await.failure.unwrap();
        assert_eq!(failure.kind(), Kind::Auth);
        assert!(failure.to_string().contains(place), "{failure}");
        assert!(!format!("{failure:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_configuration_that_can_not_be_used_is_kept_as_the_reason() {
    for bad in ["{", "[]", r#"{"auths":{},}"#, r#"{"auths":[]}"#, r#"{"credHelpers":"s3cret"}"#] {
        let configured = configured(&load(&directory(bad), ""), "a.io").await;
        let failure = configured.failure.expect(bad);
        assert!(failure.to_string().contains("config.json` is not a valid file: "), "{failure}");
        assert!(configured.credential.is_anonymous() && !format!("{failure:?}").contains("s3cret"), "{failure:?}");
    }
    for (bad, text) in [
        ("{", "`DOCKER_AUTH_CONFIG` is not a valid configuration: it is not JSON at line 1"),
        ("[]", "`DOCKER_AUTH_CONFIG` is not a valid configuration: expected an object"),
        ("/root/.docker/config.json", "`DOCKER_AUTH_CONFIG` holds a path, expected the JSON in that file"),
        ("s3cret", "`DOCKER_AUTH_CONFIG` is not a valid configuration: it is not JSON"),
    ] {
        let failure = configured(&load(&directory("{}"), bad), "a.io").await.failure.expect(bad);
        assert!(failure.to_string().starts_with(text), "{failure}");
        assert!(!format!("{failure} {failure:?}").contains("s3cret"), "{failure:?}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let environment = [("DOCKER_CONFIG", file.path().to_str().unwrap())].into_iter().collect();
    let failure = configured(&Configuration::load(&environment), "a.io").await.failure.unwrap();
    assert!(failure.to_string().starts_with("`DOCKER_CONFIG` names the file `/"), "{failure}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config.json")).unwrap();
    let failure = configured(&load(&folder, ""), "a.io").await.failure.unwrap();
    assert!(failure.to_string().contains("config.json` can't be read: Is a directory"), "{failure}");
}

#[tokio::test]
async fn what_does_not_matter_may_have_any_form() {
    let odd = r#"{"HttpHeaders":{"X-Build":7},"psFormat":null,"auths":{"a.io":{"username":"file","email":{}}},
        "credHelpers":null,"credsStore":null,"currentContext":null,"plugins":[1]}"#;
    assert_eq!(user(&load(&directory(odd), ""), "a.io").await, "file");
    let upper = "\u{feff}{\"Auths\":{\"a.io\":{\"Username\":\"file\"}}}";
    assert_eq!(user(&load(&directory(upper), ""), "a.io").await, "file");
}

#[tokio::test]
async fn what_follows_the_configuration_does_not_matter() {
    for rest in ["\0\0\0", "}", "\n{\"auths\":{}}"] {
        let file = format!("{{\"auths\":{{\"a.io\":{{\"username\":\"file\"}}}}}}{rest}");
        assert_eq!(user(&load(&directory(&file), ""), "a.io").await, "file", "{rest:?}");
    }
}

#[tokio::test]
async fn the_variable_may_name_a_helper() {
    let stored = directory(r#"{"credsStore":"store"}"#);
    script(stored.path(), "own", Script::Answer("own"));
    script(stored.path(), "store", Script::Answer("store"));
    let configuration = load(&stored, r#"{"credHelpers":{"a.io":"own"}}"#);
    for (host, expected) in [("a.io", "own"), ("b.io", "store")] {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
    }
}

#[tokio::test]
async fn a_helper_is_needed_only_where_nothing_more_exact_is_there() {
    let stored = directory(
        r#"{"credHelpers":{"b.io":"own"},"auths":{"a.io":{"username":"file"},"b.io/acme":{"username":"path"}}}"#,
    );
    let configuration = load(&stored, "");
    for (host, repository, needed) in
        [("a.io", "acme/train", false), ("b.io", "acme/train", false), ("b.io", "x", true), ("c.io", "x", false)]
    {
        let found = configuration.needs_helper(&host.parse().unwrap(), Some(&repository.parse().unwrap())).await;
        assert_eq!(found, needed, "{host}/{repository}");
    }
}

#[tokio::test]
async fn a_tilde_that_no_shell_has_replaced_is_named() {
    let environment = [("DOCKER_CONFIG", "~/.docker-of-ann")].into_iter().collect();
    let failure = configured(&Configuration::load(&environment), "a.io").await.failure.unwrap();
    assert!(failure.to_string().contains("only a shell replaces `~`"), "{failure}");
}

#[tokio::test]
async fn an_object_of_registries_alone_is_taken_for_auths() {
    let bare = r#"{"x.example":{"auth":"YW5uOnA="}}"#;
    assert_eq!(user(&load(&directory("{}"), bare), "x.example").await, "ann");
    assert_eq!(user(&load(&directory(bare), ""), "x.example").await, "ann");
}

#[tokio::test]
async fn the_files_of_podman_and_skopeo_come_before_dockers_as_they_document() {
    let docker = directory(r#"{"auths":{"a.io":{"username":"docker"},"b.io":{},"e.io":{"username":"docker"}}}"#);
    std::fs::create_dir(docker.path().join("containers")).unwrap();
    let auth = r#"{"auths":{"a.io":{"username":"podman"},"b.io":{"username":"podman"}},"credHelpers":{"c.io":"own"}}"#;
    std::fs::write(docker.path().join("containers/auth.json"), auth).unwrap();
    script(docker.path(), "own", Script::Answer("own"));
    let configuration = load(&docker, "");
    for (host, expected) in
        [("a.io", "podman"), ("b.io", "podman"), ("c.io", "own"), ("d.io", "anonymous"), ("e.io", "docker")]
    {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
    }
    let path = docker.path().to_str().unwrap();
    let file = docker.path().join("other.json");
    std::fs::write(&file, r#"{"auths":{"d.io":{"username":"named"}}}"#).unwrap();
    let named = ("REGISTRY_AUTH_FILE", file.to_str().unwrap());
    let configuration = Configuration::load(&[("XDG_RUNTIME_DIR", path), named].into_iter().collect());
    for (host, expected) in [("b.io", "anonymous"), ("d.io", "named")] {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
    }
    let docker = ("DOCKER_CONFIG", path);
    let configuration = Configuration::load(&[("XDG_RUNTIME_DIR", path), named, docker].into_iter().collect());
    for (host, expected) in [("a.io", "docker"), ("d.io", "named")] {
        assert_eq!(user(&configuration, host).await, expected, "{host}");
    }
    let configuration = Configuration::load(&[("XDG_CONFIG_HOME", path), ("HOME", path)].into_iter().collect());
    let found = configured(&configuration, "b.io").await;
    let names: Vec<&str> = found.looked_at.iter().map(Escaped::as_str).collect();
    assert!(names.ends_with(&["`~/containers/auth.json`", "`~/.docker/config.json`", "`~/.dockercfg`"]), "{names:?}");
    assert_eq!(found.credential.of(&found.origin.unwrap()), "`podman` from `~/containers/auth.json`");
}

#[tokio::test]
async fn the_old_file_in_the_home_directory_is_looked_at_last() {
    let home = tempfile::tempdir().unwrap();
    let docker = directory(r#"{"auths":{"a.io":{"username":"docker"}}}"#);
    std::fs::write(home.path().join(".dockercfg"), r#"{"a.io":{"auth":"b2xkOnA="},"b.io":{"auth":"b2xkOnA="}}"#)
        .unwrap();
    let [home, docker] = [home.path(), docker.path()].map(|path| path.to_str().unwrap());
    let variables = [("HOME", home), ("DOCKER_CONFIG", docker), ("XDG_RUNTIME_DIR", home)];
    let configuration = Configuration::load(&variables.into_iter().collect());
    assert_eq!(user(&configuration, "a.io").await, "docker");
    assert_eq!(user(&configuration, "b.io").await, "old");
}

#[tokio::test]
async fn crhost_is_no_helper_of_its_own_and_gives_way_to_the_one_for_all_hosts() {
    let all = directory(&format!(r#"{{"credsStore":"store","credHelpers":{{"a.io":"crhost","b.io":""}},{AUTHS}}}"#));
    script(all.path(), "store", Script::Answer("store"));
    script(all.path(), "crhost", Script::Answer("itself"));
    let configuration = load(&all, "");
    assert_eq!(user(&configuration, "a.io").await, "store");
    assert_eq!(user(&configuration, "b.io").await, "file");
    let only = directory(&format!(r#"{{"credsStore":"crhost",{AUTHS}}}"#));
    script(only.path(), "crhost", Script::Answer("itself"));
    assert_eq!(user(&load(&only, ""), "a.io").await, "file");
}

#[test]
fn everything_that_is_wrong_is_told_and_every_helper_that_is_named() {
    let home = tempfile::tempdir().unwrap();
    let docker = home.path().join(".docker");
    std::fs::create_dir(&docker).unwrap();
    let config = r#"{"auths": {"a.io": {"auth": "%"}, "b.io": {"auth": "YTpi"}, "c.io": 7},
                     "credHelpers": {"d.io": "crhost"}, "credsStore": "nothere"}"#;
    std::fs::write(docker.join("config.json"), config).unwrap();
    let variables = [("HOME", home.path().to_str().unwrap()), ("DOCKER_AUTH_CONFIG", "{")];
    let configuration = Configuration::load(&variables.into_iter().collect());
    let faults: Vec<String> = configuration.faults().iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].contains("DOCKER_AUTH_CONFIG") && faults[1].contains("`a.io`") && faults[2].contains("`c.io`"));
    let helpers = configuration.named_helpers();
    let named: Vec<_> = helpers.iter().map(|one| (one.key.as_deref(), one.name.as_str())).collect();
    assert_eq!(named, [(Some("d.io"), "crhost"), (None, "nothere")]);
    assert!(helpers.iter().all(|helper| helper.program.is_err()));
}
