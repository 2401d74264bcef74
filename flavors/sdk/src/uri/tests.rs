use super::*;

fn canonical(text: &str) -> String {
    RegistryUri::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}")).to_string()
}

#[test]
fn well_formed_uris_have_one_canonical_form() {
    let cases = [
        ("localhost", "localhost"),
        ("LOCALHOST:5000/", "localhost:5000"),
        ("foo:5000", "foo:5000"),
        ("ghcr.io", "ghcr.io"),
        ("GHCR.io/acme///", "ghcr.io/acme"),
        ("a-b.example.com:65535/a/b/c", "a-b.example.com:65535/a/b/c"),
        ("x.y:1/a__b/c---d/e.f_g", "x.y:1/a__b/c---d/e.f_g"),
        ("192.168.1.100:9000", "192.168.1.100:9000"),
        ("[::1]:5000/x", "[::1]:5000/x"),
        ("[2001:DB8:0::1]", "[2001:db8::1]"),
        ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ];
    for (text, expected) in cases {
        assert_eq!(canonical(text), expected);
        assert_eq!(canonical(expected), expected, "stable");
    }
}

#[test]
fn the_parts_of_a_uri_are_told_apart() {
    let uri = RegistryUri::parse("[::1]:5000/a/b").unwrap();
    assert_eq!((uri.host(), uri.port(), uri.path()), ("[::1]", Some(5000), vec!["a", "b"]));
    assert_eq!(uri.on_host("docker.io").to_string(), "docker.io/a/b");
}

#[test]
fn only_a_first_component_that_looks_like_one_is_a_host() {
    for text in ["localhost", "Localhost/x", "a.b", "a:1/x", "[::1]", "[::1]/x"] {
        assert!(names_host(text), "{text}");
    }
    for text in ["", "foo", "foo/b.c", "foo/bar:v1", "my_org"] {
        assert!(!names_host(text), "{text}");
    }
}

#[test]
fn an_underscore_in_the_host_is_a_warning() {
    assert_eq!(RegistryUri::parse("a_b.com/x").unwrap().warnings().len(), 1);
    assert!(RegistryUri::parse("ab.com/x_y").unwrap().warnings().is_empty());
}

#[test]
fn malformed_uris_are_refused_with_a_reason_and_a_way_out() {
    let cases = [
        ("", "is empty", "ghcr.io/acme"),
        ("///", "is empty", "ghcr.io/acme"),
        ("https://gcr.io/p", "`https://`", "leave the scheme out: `gcr.io/p`"),
        ("https://gcr.io/p///", "`https://`", "leave the scheme out: `gcr.io/p`"),
        ("oci://localhost:5000", "`oci://`", "`localhost:5000`"),
        ("a://b://c", "`a://`", "leave the scheme out; write e.g."),
        ("me@gcr.io/p", "before `@`", ": `gcr.io/p`"),
        ("gcr.io/p@sha256:ab12", "`@sha256:ab12`", "leave the digest out: `gcr.io/p`"),
        ("gcr.io/p?x=1", "`?x=1`", "leave it out: `gcr.io/p`"),
        ("gcr.io/p#top", "`#top`", "leave it out: `gcr.io/p`"),
        (" gcr.io/p", "white space", "leave it out: `gcr.io/p`"),
        ("gcr.io/p\n", "`gcr.io/p\\n`", "`gcr.io/p`"),
        ("gcr.io/\u{7}p", "control character", "`gcr.io/p`"),
        ("gcr.io/\u{a0}p", "white space", "`gcr.io/p`"),
        ("foo", "`foo` names no registry host", "write `host/foo`"),
        ("foo/bar", "`foo/bar` names no registry host", "`ghcr.io/foo/bar`"),
        (".gcr.io", "`.gcr.io` has an empty label", ": `gcr.io`"),
        ("gcr.io./p", "`gcr.io.`", ": `gcr.io`"),
        ("gcr..io/p", "`gcr..io`", ": `gcr.io`"),
        (".", "empty label", "e.g."),
        ("-a.io/p", "label `-a`", "e.g."),
        ("a_.io/p", "label `a_`", "e.g."),
        ("bü.io/p", "label `b\u{fc}`", "e.g."),
        ("a*.io/p", "label `a*`", "e.g."),
        ("999.1.1.1/p", "`999.1.1.1` is not an IPv4", "192.168.1.100"),
        ("10.1:5000", "`10.1` is not an IPv4", "192.168.1.100"),
        ("127.0.0.01", "not an IPv4", "192.168.1.100"),
        ("0x7f000001:80", "not an IPv4", "192.168.1.100"),
        ("[::1", "`[::1`", "`[::1]:5000`"),
        ("[]", "`[]`", "`[::1]`"),
        ("[[::1]]", "not an IPv6", "`[::1]`"),
        ("[::1]x", "`[::1]x`", "`[::1]`"),
        ("[fe80::1%eth0]", "not an IPv6", "`[::1]`"),
        ("::1", "no brackets", "write `[::1]`"),
        ("gcr.io:0", "port `:0`", ": `gcr.io:5000`"),
        ("gcr.io:99999", "port `:99999`", "e.g."),
        ("gcr.io:/p", "port `:`", ": `gcr.io:5000`"),
        ("gcr.io:abc", "port `:abc`", "a tag belongs to an image"),
        ("gcr.io:05000", "port `:05000`", ": `gcr.io:5000`"),
        ("gcr.io:+5", "port `:+5`", "e.g."),
        ("[::1]:", "port `:`", ": `[::1]:5000`"),
        ("/gcr.io", "empty path component", ": `gcr.io`"),
        ("gcr.io//p", "empty path component", ": `gcr.io/p`"),
        ("gcr.io/Acme", "`Acme` has upper-case", "write `acme`"),
        ("gcr.io/a..b", "`a..b`", "e.g."),
        ("gcr.io/a___b", "`a___b`", "e.g."),
        ("gcr.io/-a", "`-a`", "e.g."),
        ("gcr.io/.", "`.`", "e.g."),
        ("gcr.io/a b", "white space", ": `gcr.io/ab`"),
        ("host.io/x:v1", "tag `:v1`", "leave the tag out: `host.io/x`"),
        ("host.io:5000/x:v1", "tag `:v1`", "`host.io:5000/x`"),
        ("gcr.io/a:b/c", "`a:b`", "e.g."),
    ];
    for (text, message, hint) in cases {
        let error = match RegistryUri::parse(text) {
            Ok(uri) => panic!("{text:?} was accepted as {uri}"),
            Err(error) => error,
        };
        let failure = Failure::from(error);
        assert!(failure.message.contains(message), "{text:?}: {}", failure.message);
        let said = failure.hint.unwrap();
        assert!(said.contains(hint), "{text:?}: {said}");
        for line in [&failure.message, &said] {
            assert!(!line.contains(char::is_control) && !line.ends_with('.'), "{line}");
        }
    }
}

#[test]
fn lengths_are_bounded() {
    let label = "a".repeat(64);
    let error = RegistryUri::parse(&format!("{label}.io")).unwrap_err();
    assert!(error.to_string().contains("at most 63 characters"), "{error}");
    let longest = format!("gcr.io/{}", "a".repeat(MAX_LENGTH - 7));
    assert_eq!(canonical(&format!("{longest}//")), longest);
    assert_eq!(RegistryUri::parse(&format!("{longest}a")), Err(Error::TooLong));
    assert_eq!(RegistryUri::parse(&"a://".repeat(100_000)), Err(Error::TooLong));
}

#[test]
fn a_password_is_never_repeated() {
    for text in [
        "user:hunter2@gcr.io/p",
        "https://user:hunter2@gcr.io/p",
        "user:hun/hunter2@gcr.io",
        "https://user:hunter2@[broken",
        "user: hunter2@gcr.io?x",
        "user:hunter2@gcr.io://x",
    ] {
        let failure = Failure::from(RegistryUri::parse(text).unwrap_err());
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
}
