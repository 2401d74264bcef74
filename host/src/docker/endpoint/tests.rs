use super::*;

fn parse(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(text, Security::Unspecified)
}

#[test]
fn endpoints_are_read_as_docker_reads_them() {
    for (text, endpoint) in [
        ("tcp://build.example:2376", "http://build.example:2376"),
        ("tcp://build.example", "http://build.example:2375"),
        ("tcp://build.example:80/", "http://build.example:80"),
        ("tcp://", "http://localhost:2375"),
        ("tcp://:99", "http://localhost:99"),
        ("build.example:1", "http://build.example:1"),
        ("tcp://[::1]:2375", "http://[::1]:2375"),
        ("http://build.example", "http://build.example:80"),
        ("https://build.example", "https://build.example:443"),
        (" tcp://127.0.0.1:2375\n", "http://127.0.0.1:2375"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), endpoint, "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_socket_is_a_path_with_or_without_its_scheme() {
    for (text, path) in [
        ("unix:///run/x y.sock", "/run/x y.sock"),
        ("/run/x.sock", "/run/x.sock"),
        ("./x.sock", "./x.sock"),
        ("unix://", "/var/run/docker.sock"),
    ] {
        assert_eq!(parse(text).unwrap(), Endpoint::Socket(path.into()), "{text}");
    }
    assert!(matches!(parse("npipe:////./pipe/docker_engine"), Err(EndpointError::Foreign(_))));
}

#[test]
fn a_text_that_is_not_an_endpoint_is_refused() {
    for bad in [
        "ftp://x:1",
        "fd://3",
        "tcp://h:0",
        "tcp://h:99999",
        "tcp://h:",
        "tcp://h:x",
        "tcp://u@h:1",
        "tcp://h:1/x",
        "tcp://h:1?q",
        "tcp://a b:1",
        "tcp://::1:2375",
        "tcp://tcp://h:1",
        "tcp://:+5",
    ] {
        assert!(matches!(parse(bad), Err(EndpointError::Malformed(_))), "{bad}: {:?}", parse(bad));
    }
}

#[test]
fn tls_is_never_downgraded() {
    let tls = Tls { authority: Some("/ca.pem".into()), identity: None };
    for text in ["tcp://h:1", "http://h:1", "https://h:1"] {
        let endpoint = Endpoint::parse(text, Security::Verified(tls.clone())).unwrap();
        assert_eq!(endpoint, Endpoint::Https(Address("h:1".to_owned()), tls.clone()), "{text}");
        let error = Endpoint::parse(text, Security::Unverified).unwrap_err();
        assert!(matches!(error, EndpointError::Unverified(_)), "{text}");
    }
    #[cfg(unix)]
    assert!(Endpoint::parse("unix:///x", Security::Unverified).is_ok());
}

#[test]
fn an_endpoint_behind_ssh_is_refused_with_the_way_around() {
    let error = parse("ssh://ann@build.example:22/run/docker.sock").unwrap_err();
    assert!(matches!(error, EndpointError::Ssh(_)));
    assert!(error.hint().unwrap().contains("ssh://ann@build.example:22`"));
}
