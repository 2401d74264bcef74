use super::*;

fn typed(text: &str) -> TypedUri {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Spellings of a registry on `ghcr.io` that one reader takes for that host and another for something else.
const SPELLINGS: [&str; 58] = [
    // Schemes, whole and broken.
    "https://ghcr.io/acme",
    "http://ghcr.io/acme",
    "HTTPS://ghcr.io/acme",
    "docker://ghcr.io/acme",
    "oci://ghcr.io/acme",
    "://ghcr.io/acme",
    "https:/ghcr.io/acme",
    "https:ghcr.io/acme",
    "https:\\\\ghcr.io\\acme",
    "docker:ghcr.io/acme",
    "https//ghcr.io/acme",
    // Slashes and dots in front.
    "//ghcr.io/acme",
    "/ghcr.io/acme",
    "///ghcr.io/acme",
    "./ghcr.io/acme",
    "../ghcr.io/acme",
    ".ghcr.io/acme",
    "\\\\ghcr.io\\acme",
    "\\ghcr.io/acme",
    // User information.
    "user@ghcr.io/acme",
    "user:password@ghcr.io/acme",
    "@ghcr.io/acme",
    "ghcr.io@evil.example/acme",
    "https://user@ghcr.io/acme",
    "user%40ghcr.io/acme",
    // Blanks and characters that can't be seen.
    " ghcr.io/acme",
    "ghcr.io /acme",
    "ghcr.io/acme ",
    "\tghcr.io/acme",
    "ghcr.io\t/acme",
    "ghcr.io\n/acme",
    "ghcr.io\r\n/acme",
    "ghcr\0.io/acme",
    "ghcr.io\u{a0}/acme",
    "ghcr.io\u{200b}/acme",
    "\u{feff}ghcr.io/acme",
    "ghcr\u{ad}.io/acme",
    "\u{202e}ghcr.io/acme",
    "ghcr.io\u{3000}/acme",
    // Hosts that are none.
    "ghcr.io./acme",
    "ghcr..io/acme",
    "ghcr.io:/acme",
    "ghcr.io:0/acme",
    "ghcr.io:443:443/acme",
    "ghcr.io:99999/acme",
    "ghcr.io:https/acme",
    "-ghcr.io/acme",
    "[ghcr.io]/acme",
    "ghcr。io/acme",
    "ghcr．io/acme",
    "ｇhcr.io/acme",
    // What ends a host in a URL, or looks as if it did.
    "ghcr.io,acme",
    "ghcr.io?/acme",
    "ghcr.io#/acme",
    "ghcr.io\\acme",
    "ghcr.io%2facme",
    "ghcr.io;/acme",
    "ghcr.io/../acme",
];

#[test]
fn a_spelling_that_hides_a_host_is_refused_before_a_flavor_sees_it() {
    for text in SPELLINGS {
        let Err(error) = text.parse::<TypedUri>() else { panic!("{text:?} is taken") };
        let told = format!("{error} {}", error.hint().unwrap());
        assert_eq!(told, crate::text::printable(&told, 1000), "{text:?}");
        assert!(!told.contains("password@") && !told.contains("user@"), "{told}");
    }
}

#[test]
fn a_character_anywhere_in_a_host_is_part_of_it_or_refused() {
    let basic = (0..=0x3000).chain(0xfe00..=0xffff).chain(0xe_0000..=0xe_01ff);
    for c in basic.filter_map(char::from_u32).filter(|c| *c != '/') {
        for at in 0..="ghcr.io".len() {
            let (start, end) = "ghcr.io/acme".split_at(at);
            let text = format!("{start}{c}{end}");
            if let Ok(uri) = text.parse::<TypedUri>() {
                let first = text.split('/').next().unwrap().to_ascii_lowercase();
                assert_eq!(uri.host().unwrap().as_str(), first, "{text:?}");
                assert!(first.bytes().all(is_plain), "{text:?}");
            }
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
}

#[test]
fn a_fault_that_can_be_corrected_comes_with_the_corrected_form() {
    for (text, hint) in [
        ("https://ghcr.io/acme/", "leave the scheme out: `ghcr.io/acme`"),
        ("//ghcr.io/acme", "write single slashes, and none in front: `ghcr.io/acme`"),
        ("ghcr.io//acme", "write single slashes, and none in front: `ghcr.io/acme`"),
        ("https://a/https://b", "leave the scheme out; write e.g. `ghcr.io/acme` or `localhost:5000`"),
        ("https://ghcr.io/a?b", "leave the scheme out; write e.g. `ghcr.io/acme` or `localhost:5000`"),
        ("u:secret@ghcr.io", "leave user, password and digest out; credentials belong to a connector"),
        ("", "write e.g. `ghcr.io/acme` or `localhost:5000`"),
        ("/", "write e.g. `ghcr.io/acme` or `localhost:5000`"),
    ] {
        assert_eq!(text.parse::<TypedUri>().unwrap_err().hint().unwrap(), hint, "{text}");
    }
    assert_eq!("a".repeat(256).parse::<TypedUri>(), Err(TypedUriError::TooLong));
}

#[test]
fn the_host_that_was_typed_has_to_stay() {
    for (text, canonical) in [
        ("registry.example.com/acme", "evil.example/acme"),
        ("registry.example.com", "registry.example.com.evil.example"),
        ("registry.example.com:5000/acme", "registry.example.com/acme"),
        ("registry.example.com/acme", "registry.example.com:8443/acme"),
        ("localhost:5000", "localhost:5001"),
        ("localhost/acme", "evil.example/acme"),
        ("LOCALHOST/acme", "evil.example/acme"),
        ("docker.io/acme", "evil.example/acme"),
        ("index.docker.io/acme", "evil.example/acme"),
        ("[::1]:5000/acme", "evil.example/acme"),
        ("10.0.0.1/acme", "10.0.0.2/acme"),
        ("acme:5000/x", "evil.example/x"),
    ] {
        assert_eq!(typed(text).read_as(&canonical.parse().unwrap()), Reading::OtherHost, "{text} {canonical}");
    }
}

#[test]
fn what_was_typed_is_told_from_what_a_flavor_made_of_it() {
    for (text, canonical) in [
        ("registry.example.com/acme", "registry.example.com/acme"),
        ("Registry.Example.com/Acme///", "registry.example.com/acme"),
        ("index.docker.io/acme", "docker.io/acme"),
        ("registry-1.docker.io/acme", "docker.io/acme"),
        ("registry.hub.docker.com/acme", "docker.io/acme"),
        ("docker.io/acme", "docker.io/acme"),
    ] {
        assert_eq!(typed(text).read_as(&canonical.parse().unwrap()), Reading::AsTyped, "{text}");
    }
    for (text, canonical) in [
        ("registry.example.com/acme", "registry.example.com/evil"),
        ("registry.example.com", "registry.example.com/evil"),
        ("registry.example.com/acme/team", "registry.example.com/acme"),
        ("acme", "docker.io/acme"),
        ("acme/x", "evil.example/x"),
    ] {
        assert_eq!(typed(text).read_as(&canonical.parse().unwrap()), Reading::Other, "{text}");
    }
    // A word that the flavor takes for a host.
    for canonical in ["acme/x", "acme", "evil/x"] {
        assert_eq!(typed("acme/x").read_as(&canonical.parse().unwrap()), Reading::NoHost, "{canonical}");
    }
}

#[test]
fn a_stored_uri_stays_and_is_confirmed_only_if_it_was() {
    for uri in ["registry.example.com/acme", "docker.io", "localhost:5000"] {
        let stored = TypedUri::stored(&uri.parse().unwrap(), false);
        assert!(!stored.is_confirmed() && typed(uri).is_confirmed());
        assert_eq!((stored.as_str(), stored.read_as(&uri.parse().unwrap())), (uri, Reading::AsTyped));
        assert_eq!(stored.read_as(&"evil.example/x".parse().unwrap()), Reading::OtherHost, "{uri}");
    }
}
