use super::*;

fn auths(json: &str) -> Auths {
    json::read(json.as_bytes()).unwrap()
}

fn found<'a>(auths: &'a Auths, host: &str) -> Option<&'a str> {
    found_for(auths, host, "acme/train")
}

fn found_for<'a>(auths: &'a Auths, host: &str, repository: &str) -> Option<&'a str> {
    auths.find(&host.parse().unwrap(), Some(&repository.parse().unwrap())).map(|found| found.key)
}

/// `user:password`, `token=…`, `anonymous` or the error, for comparison.
fn shown(json: &str) -> String {
    match json::read::<Entry>(json.as_bytes()).unwrap().credential() {
        Ok(Credential::Anonymous) => "anonymous".to_owned(),
        Ok(Credential::Basic { username, password }) => format!("{username}:{}", password.expose_secret()),
        Ok(Credential::IdentityToken(token)) => format!("token={}", token.expose_secret()),
        Err(e) => e.to_string(),
    }
}

fn with_auth(plain: &str) -> String {
    format!(r#"{{"auth":"{}"}}"#, BASE64.encode(plain))
}

#[test]
fn a_key_is_found_in_all_the_forms_that_tools_write() {
    for (key, host) in [
        ("ghcr.io", "ghcr.io"),
        ("GHCR.io", "ghcr.io"),
        ("https://ghcr.io", "ghcr.io"),
        ("https://ghcr.io/v2/", "ghcr.io"),
        ("http://localhost:5000/v1/", "localhost:5000"),
        ("quay.io/acme", "quay.io"),
        ("https://[::1]:5000", "[::1]:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
        ("https://registry-1.docker.io/v2/", "docker.io"),
    ] {
        assert_eq!(found(&auths(&format!(r#"{{"{key}":{{}}}}"#)), host), Some(key));
    }
}

#[test]
fn a_pattern_is_read_as_the_kubelet_reads_it_and_comes_after_all_other_keys() {
    let all = auths(r#"{"*.gcr.io":{},"eu*.gcr.io":{},"us.gcr.io":{},"*.example.com:5000/acme":{},"*.*.cr":{}}"#);
    for (host, repository, key) in [
        ("us.gcr.io", "a/b", Some("us.gcr.io")),
        ("asia.gcr.io", "a/b", Some("*.gcr.io")),
        ("eu2.gcr.io", "a/b", Some("eu*.gcr.io")),
        ("gcr.io", "a/b", None),
        ("a.b.gcr.io", "a/b", None),
        ("asia.gcr.io:443", "a/b", None),
        ("r.example.com:5000", "acme/train", Some("*.example.com:5000/acme")),
        ("r.example.com:5000", "acme-evil/train", None),
        ("r.example.com", "acme/train", None),
        ("x.y.cr", "a/b", Some("*.*.cr")),
    ] {
        assert_eq!(found_for(&all, host, repository), key, "{host}/{repository}");
    }
}

#[test]
fn another_host_or_port_is_not_found() {
    for (key, host) in [
        ("localhost:5000", "localhost:5001"),
        ("localhost", "localhost:5000"),
        ("ghcr.io:443", "ghcr.io"),
        ("evilghcr.io", "ghcr.io"),
        ("ghcr.io.evil.example", "ghcr.io"),
        ("evil.example/ghcr.io", "ghcr.io"),
        ("https://ghcr.io@evil.example", "ghcr.io"),
        ("https://evil.example@ghcr.io", "ghcr.io"),
        ("docker.io", "ghcr.io"),
        ("", "ghcr.io"),
    ] {
        assert_eq!(found(&auths(&format!(r#"{{"{key}":{{}}}}"#)), host), None, "{key}");
    }
}

#[test]
fn the_exact_key_comes_before_similar_ones_and_the_bare_host_before_paths() {
    let all = auths(r#"{"https://ghcr.io":{},"ghcr.io":{},"GHCR.IO":{}}"#);
    assert_eq!(found(&all, "ghcr.io"), Some("ghcr.io"));
    let all = auths(r#"{"https://index.docker.io/v1/access-token":{},"https://index.docker.io/v1/":{}}"#);
    assert_eq!(found(&all, "docker.io"), Some("https://index.docker.io/v1/"));
}

#[test]
fn an_entry_is_read_as_docker_reads_it() {
    for (json, expected) in [
        ("{}".to_owned(), "anonymous"),
        (r#"{"auth":null,"email":"a@b"}"#.to_owned(), "anonymous"),
        (with_auth("ann:secret"), "ann:secret"),
        (with_auth("ann:se:cr:et"), "ann:se:cr:et"),
        (with_auth("ann:secret\0\0"), "ann:secret"),
        (with_auth("ann:"), "ann:"),
        (with_auth("_json_key:{\"a\": \"ü\"}"), "_json_key:{\"a\": \"ü\"}"),
        (r#"{"username":"ann","password":"p"}"#.to_owned(), "ann:p"),
        (r#"{"auth":"YW5uOnA=","username":"bob","password":"q"}"#.to_owned(), "ann:p"),
        (r#"{"auth":"!","username":"bob","password":"q"}"#.to_owned(), "bob:q"),
        (r#"{"auth":"YW5uOnA"}"#.to_owned(), "ann:p"),
        (r#"{"auth":" YW5u\nOnA=\r\n"}"#.to_owned(), "ann:p"),
        (r#"{"auth":"YW5uOj4+Pz8_"}"#.to_owned(), "ann:>>???"),
        (r#"{"auth":"YW5uOj4-Pz8_"}"#.to_owned(), "ann:>>???"),
        (r#"{"auth":"YW5uOnA=","identitytoken":"t"}"#.to_owned(), "token=t"),
        (r#"{"auth":"YW5uOnA=","registrytoken":"r"}"#.to_owned(), "ann:p"),
    ] {
        assert_eq!(shown(&json), expected, "{json}");
    }
}

#[test]
fn an_entry_that_cannot_be_used_is_an_error_without_its_secret() {
    for json in [
        r#"{"auth":"s3cret!"}"#.to_owned(),
        with_auth("s3cret"),
        with_auth(":s3cret"),
        r#"{"auth":"/////w=="}"#.to_owned(),
        r#"{"registrytoken":"s3cret"}"#.to_owned(),
    ] {
        let error = json::read::<Entry>(json.as_bytes()).unwrap().credential().err().expect(&json);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{json}");
    }
}

#[test]
fn the_longest_path_above_a_repository_comes_before_the_host_and_other_paths_never_count() {
    let all = auths(r#"{"q.io":{},"q.io/a":{},"q.io/a/b":{},"q.io/b/t":{},"https://index.docker.io/v1/":{}}"#);
    for (repository, key) in [
        ("a/x", "q.io/a"),
        ("a", "q.io/a"),
        ("a/b/c", "q.io/a/b"),
        ("ab/c", "q.io"),
        ("b/t", "q.io/b/t"),
        ("b/u", "q.io"),
        ("b/tt", "q.io"),
    ] {
        assert_eq!(found_for(&all, "q.io", repository), Some(key), "{repository}");
    }
    let paths = auths(r#"{"127.0.0.1:5/a":{},"127.0.0.1:5/b":{},"docker.io/acme":{}}"#);
    assert_eq!(found_for(&paths, "127.0.0.1:5", "b/t"), Some("127.0.0.1:5/b"));
    assert_eq!(found_for(&paths, "127.0.0.1:5", "c/t"), None);
    assert_eq!(found_for(&paths, "docker.io", "acme/t"), Some("docker.io/acme"));
    // Old versions of Docker wrote the path of a URL, which is none of repositories.
    assert_eq!(found_for(&auths(r#"{"https://q.io/some/api":{}}"#), "q.io", "c/t"), Some("https://q.io/some/api"));
}

#[test]
fn an_entry_of_another_form_matters_only_where_it_is_needed() {
    let all = auths(r#"{"a.io":"s3cret","b.io":{"auth":["s3cret"]},"c.io":{"username":7,"password":8,"email":[]}}"#);
    for host in ["a.io", "b.io"] {
        let entry = all.find(&host.parse().unwrap(), Some(&"x".parse().unwrap())).unwrap().entry;
        assert!(matches!(entry.credential(), Err(EntryError::Malformed)), "{host}");
    }
    let entry = all.find(&"c.io".parse().unwrap(), Some(&"x".parse().unwrap())).unwrap().entry;
    assert!(matches!(entry.credential(), Ok(Credential::Basic { username, .. }) if username == "7"));
}
