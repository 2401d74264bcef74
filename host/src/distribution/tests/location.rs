//! Where a registry may send the client.

use url::Url;

use crate::distribution::location::{Destination, DestinationError, token_server};
use crate::error::{Explain as _, Kind};

fn text(result: Result<Destination, Box<DestinationError>>) -> String {
    match result {
        Ok(destination) => destination.url().to_string(),
        Err(error) => {
            let DestinationError::Refused { reason, .. } = *error;
            format!("refused: {reason}")
        }
    }
}

#[test]
fn a_token_server_is_public_and_https_unless_the_registry_is_neither() {
    let registry = Url::parse("https://ghcr.io").unwrap();
    for fine in ["https://ghcr.io/token", "https://auth.docker.io/token?x=y", "https://8.8.8.8/t", "https://[2606::1]/"]
    {
        assert!(token_server(&registry, fine).is_ok(), "{fine}");
    }
    for bad in [
        "http://ghcr.io:8080/token",
        "http://auth.ghcr.io/token",
        "file:///etc/passwd",
        "/token",
        "token",
        "",
        "https://user@ghcr.io/t",
        "https://:pw@ghcr.io/t",
        "https://127.0.0.1/t",
        "https://127.1/t",
        "https://0x7f000001/t",
        "https://localhost/t",
        "https://LOCALHOST./t",
        "https://x.localhost/t",
        "https://10.0.0.1/t",
        "https://192.168.1.1/t",
        "https://169.254.169.254/latest",
        "https://100.100.100.200/",
        "https://0.0.0.0/t",
        "https://255.255.255.255/t",
        "https://[::1]/t",
        "https://[::]/t",
        "https://[::ffff:127.0.0.1]/t",
        "https://[::7f00:1]/t",
        "https://[fd00:ec2::254]/t",
        "https://[fe80::1]/t",
        "https://[64:ff9b::7f00:1]/t",
        "https://[2002:7f00:1::]/t",
    ] {
        assert!(token_server(&registry, bad).is_err(), "{bad}");
    }
}

#[test]
fn a_private_registry_may_name_itself_and_a_local_one_its_neighbours() {
    let private = Url::parse("https://10.0.0.5:5000").unwrap();
    assert!(token_server(&private, "https://10.0.0.5:5001/t").is_ok());
    assert!(token_server(&private, "https://10.0.0.6/t").is_err());
    assert!(token_server(&private, "https://127.0.0.1/t").is_err());
    let local = Url::parse("http://localhost:5000").unwrap();
    assert!(token_server(&local, "http://127.0.0.1:5001/t").is_ok());
    assert!(token_server(&local, "http://10.0.0.1:5001/t").is_err());
}

#[test]
fn a_location_may_be_relative_and_keeps_its_query() {
    let registry = Url::parse("https://r.example:5000").unwrap();
    let from = registry.join("/v2/a/blobs/uploads/").unwrap();
    for (location, expected) in [
        ("/v2/a/blobs/uploads/1?_state=x==", "https://r.example:5000/v2/a/blobs/uploads/1?_state=x=="),
        ("1?s=%2F", "https://r.example:5000/v2/a/blobs/uploads/1?s=%2F"),
        ("?s=1#part", "https://r.example:5000/v2/a/blobs/uploads/?s=1"),
        ("//other.example/up", "https://other.example/up"),
        ("https://other.example/up", "https://other.example/up"),
        ("http://r.example/up", "refused: it would leave https for plain http"),
        ("http://other.example:5000/up", "refused: it would leave https for plain http"),
        ("gopher://r.example", "refused: it is neither https nor http"),
        (
            "https://169.254.169.254/up",
            "refused: it is an address inside a private network, which is not the registry's own",
        ),
    ] {
        assert_eq!(text(Destination::follow(&registry, &from, location)), expected, "{location}");
    }
}

#[test]
fn credentials_go_to_the_scheme_host_and_port_of_the_registry_and_nowhere_else() {
    let registry = Url::parse("http://r.example:5000/v2/").unwrap();
    assert!(Destination::in_registry(&registry, "/v2/a/blobs/uploads/").is_registry());
    for (location, is_registry) in [
        ("/up", true),
        ("//r.example:5000/up", true),
        ("http://R.EXAMPLE:5000/up", true),
        ("https://r.example:5000/up", false),
        ("http://r.example/up", false),
        ("https://r.example.:5000/up", false),
        ("https://other.example:5000/up", false),
    ] {
        let destination = Destination::follow(&registry, &registry, location).unwrap();
        assert_eq!(destination.is_registry(), is_registry, "{location}");
    }
}

#[test]
fn plain_http_is_for_the_host_for_which_it_was_allowed() {
    let registry = Url::parse("http://r.example:5000").unwrap();
    assert!(token_server(&registry, "http://r.example:5001/t").is_ok());
    for other in ["http://other.example/t", "http://r.example.:5000/t"] {
        assert!(token_server(&registry, other).is_err_and(|e| e.to_string().contains("plain http to another")));
    }
}

#[test]
fn a_refused_place_is_shown_without_user_information_and_query_however_it_is_written() {
    let registry = Url::parse("https://r.example").unwrap();
    for (location, place) in [
        ("//u:secret@h.example/p?sig=secret", "https://h.example/p"),
        ("https://u:secret@h.example:1/p#secret", "https://h.example:1/p"),
        ("https://secret@h.example", "https://h.example/"),
        ("https://u:sec@ret@h.example/p", "https://h.example/p"),
        ("https://u:secret@h.example:99999/p", "…"),
        ("https://h.example:99999/p?sig=secret", "https://h.example:99999/p"),
        ("gopher://u:secret@h/p", "gopher://h/p"),
    ] {
        let error = Destination::follow(&registry, &registry, location).unwrap_err();
        let DestinationError::Refused { place: found, .. } = &*error;
        assert_eq!(found, place, "{location}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        let error = token_server(&registry, location).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn an_https_registry_that_names_itself_with_http_is_asked_over_https() {
    for (registry, named, asked) in [
        ("https://localhost:5000", "http://localhost:5000/token", "https://localhost:5000/token"),
        ("https://localhost:5000", "http://LOCALHOST:5000/v2/x?a=b", "https://localhost:5000/v2/x?a=b"),
        ("https://ghcr.io", "http://ghcr.io/token", "https://ghcr.io/token"),
        ("https://ghcr.io", "http://ghcr.io:80/token", "https://ghcr.io/token"),
        ("https://ghcr.io", "http://ghcr.io:443/token", "https://ghcr.io/token"),
        ("http://localhost:5000", "http://localhost:5000/token", "http://localhost:5000/token"),
    ] {
        let registry = Url::parse(registry).unwrap();
        assert_eq!(token_server(&registry, named).unwrap().as_str(), asked, "{named}");
        let location = Destination::follow(&registry, &registry, named).unwrap();
        assert_eq!(location.url().as_str(), asked, "{named}");
        assert!(location.is_registry(), "{named}");
    }
    let registry = Url::parse("https://r.example:5000").unwrap();
    for other in ["http://r.example/t", "http://r.example:5001/t", "http://x.r.example:5000/t"] {
        assert!(token_server(&registry, other).is_err(), "{other}");
    }
}

#[test]
fn a_digest_that_a_location_has_already_is_replaced_and_the_rest_of_its_query_is_kept() {
    let registry = Url::parse("https://r.example").unwrap();
    for (location, url) in [
        ("/up?digest=sha256%3Aabc", "https://r.example/up?digest=sha256%3Afff"),
        (
            "/up?_state=a%20b%2Bc==&digest=&sig=x/y",
            "https://r.example/up?_state=a%20b%2Bc==&sig=x/y&digest=sha256%3Afff",
        ),
        ("/up?", "https://r.example/up?digest=sha256%3Afff"),
        ("/up", "https://r.example/up?digest=sha256%3Afff"),
    ] {
        let place = Destination::follow(&registry, &registry, location).unwrap().with_query("digest", "sha256:fff");
        assert_eq!(place.url().as_str(), url, "{location}");
    }
}

#[test]
fn a_registry_that_forgets_its_https_gets_a_hint_about_its_proxy() {
    let registry = Url::parse("https://r.example").unwrap();
    let error = Destination::follow(&registry, &registry, "http://r.example:8080/up").unwrap_err();
    assert_eq!(error.kind(), Kind::General);
    assert!(error.hint().unwrap().contains("`X-Forwarded-Proto: https`"));
}
