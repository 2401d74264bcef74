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
        ("tcp://127.0.0.1:9000/prefix", "http://127.0.0.1:9000/prefix"),
        ("https://portainer.example/api/endpoints/2/docker/", "https://portainer.example:443/api/endpoints/2/docker"),
        ("build.example/a", "http://build.example:2375/a"),
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
        ("unix:/run/x.sock", "/run/x.sock"),
        ("http+unix:///run/x.sock", "/run/x.sock"),
        ("http+unix://%2Frun%2Fx.sock", "/run/x.sock"),
        ("UNIX:///run/X.sock", "/run/X.sock"),
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
        "tcp://h:1?q",
        "tcp://h:1/x?q",
        "tcp://h:1/x#y",
        "tcp://h:1/x y",
        "tcp://h:1/\r\nx: y",
        "tcp://a b:1",
        "tcp://::1:2375",
        "tcp://tcp://h:1",
        "tcp://:+5",
    ] {
        assert!(matches!(parse(bad), Err(EndpointError::Malformed(_))), "{bad}: {:?}", parse(bad));
    }
}

#[test]
fn a_password_in_an_endpoint_is_not_shown() {
    for bad in ["ssh://ann:secret@h", "tcp://ann:secret@h:1", "ssh://ann:secr@et@h", "ann:secret@h"] {
        let error = parse(bad).unwrap_err().to_string();
        assert!(error.contains("ann:…@h") && !error.contains("sec"), "{error}");
    }
}

#[test]
fn tls_is_never_downgraded() {
    let tls = Tls { authority: Some("/ca.pem".into()), identity: None };
    for text in ["tcp://h:1", "http://h:1", "https://h:1"] {
        let endpoint = Endpoint::parse(text, Security::Verified(tls.clone())).unwrap();
        assert_eq!(endpoint, Endpoint::Https(Address::parse("h:1", 1).unwrap(), tls.clone()), "{text}");
        let error = Endpoint::parse(text, Security::Unverified).unwrap_err();
        assert!(matches!(error, EndpointError::Unverified(_)), "{text}");
    }
    #[cfg(unix)]
    assert!(Endpoint::parse("unix:///x", Security::Unverified).is_ok());
}

#[test]
fn an_endpoint_behind_ssh_is_asked_for_as_docker_asks() {
    let arguments = |text: &str| {
        let endpoint = parse(text).unwrap();
        assert!(!endpoint.is_local());
        assert_eq!(endpoint.to_string(), text.trim_end_matches('/'));
        match endpoint {
            Endpoint::Ssh(target) => target.arguments().join("|"),
            other => panic!("{text}: {other:?}"),
        }
    };
    let end = "docker system dial-stdio";
    for (text, expected) in [
        ("ssh://far", format!("-o|ConnectTimeout=30|-T|--|far|{end}")),
        ("ssh://far/", format!("-o|ConnectTimeout=30|-T|--|far|{end}")),
        ("ssh://u@127.0.0.1", format!("-l|u|-o|ConnectTimeout=30|-T|--|127.0.0.1|{end}")),
        ("ssh://u@[::1]:22", format!("-l|u|-p|22|-o|ConnectTimeout=30|-T|--|::1|{end}")),
        (
            "ssh://ann.b@build.example:2222/run/user/7/docker.sock",
            "-l|ann.b|-p|2222|-o|ConnectTimeout=30|-T|--|build.example|\
             docker --host=unix:///run/user/7/docker.sock system dial-stdio"
                .to_owned(),
        ),
    ] {
        assert_eq!(arguments(text), expected);
    }
}

#[test]
fn what_ssh_or_a_shell_could_read_in_another_way_is_refused() {
    for bad in [
        "ssh://",
        "ssh://u@",
        "ssh://@h",
        "ssh://-oProxyCommand=x",
        "ssh://-oProxyCommand",
        "ssh://-l@h",
        "ssh://u:password@h",
        "ssh://h:0",
        "ssh://h:",
        "ssh://h:x",
        "ssh://h;reboot",
        "ssh://h$(x)",
        "ssh://h%00",
        "ssh://::1",
        "ssh://[-o]",
        "ssh://[::1]x",
        "ssh://u v@h",
        "ssh://h/run/$(x).sock",
        "ssh://h/x?y",
        "ssh://h/x#y",
        "ssh://h/a b",
    ] {
        let error = parse(bad).expect_err(bad);
        assert!(matches!(error, EndpointError::Ssh(_)), "{bad}");
        assert!(error.hint().unwrap().contains("~/.ssh/config"));
    }
}

#[test]
fn what_is_sent_over_plain_tcp_to_another_machine_can_be_read() {
    for (text, is_private) in [
        ("tcp://build.example:2375", false),
        ("tcp://10.0.0.5:2375", false),
        ("tcp://127.0.0.1:2375", true),
        ("tcp://[::1]:2375", true),
        ("tcp://localhost:2375", true),
        ("https://build.example", true),
        ("ssh://ann@build.example", true),
    ] {
        assert_eq!(parse(text).unwrap().is_private(), is_private, "{text}");
    }
}
