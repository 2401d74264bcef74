use proptest::prelude::*;

use super::*;

fn matches(pattern: &str, url: &str) -> bool {
    let registry: Host = "harbor.example.com:8443".parse().unwrap();
    pattern.parse::<HostPattern>().unwrap().matches(&Target::parse(url).unwrap(), Some(&registry))
}

#[test]
fn a_pattern_has_one_canonical_form() {
    for (text, canonical) in [
        ("https://api.example.com", "https://api.example.com"),
        ("HTTPS://API.Example.com:443", "https://api.example.com"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("https://*.dkr.*.example.com", "https://*.dkr.*.example.com"),
        ("https://{registry}", "https://{registry}"),
        ("https://{Registry}:8443", "https://{registry}:8443"),
        ("https://selfhosted_harbor.com", "https://selfhosted_harbor.com"),
        ("https://xn--grn-hoa.example", "https://xn--grn-hoa.example"),
        ("http://127.0.0.1:5557", "http://127.0.0.1:5557"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://[FD00:0::5]:8443", "https://[fd00::5]:8443"),
        ("https://harbor", "https://harbor"),
    ] {
        assert_eq!(text.parse::<HostPattern>().unwrap().to_string(), canonical, "{text}");
    }
}

#[test]
fn what_says_more_or_less_than_hosts_is_refused() {
    for text in [
        "",
        "*",
        "example.com",
        "https://",
        "https://*",
        "https://*.com",
        "https://*.*",
        "https://*.*.com",
        "https://api.*",
        "https://example.*.com",
        "https://a*.example.com",
        "https://*a.example.com",
        "https://**.example.com",
        "https://api.example.com/",
        "https://api.example.com/v2",
        "https://api.example.com?x",
        "https://api.example.com#x",
        "https://user@api.example.com",
        "https://api.example.com:",
        "https://api.example.com:0",
        "https://api.example.com:065",
        "https://api.example.com:99999",
        "https://api.example.com:*",
        "https://api.example.com.",
        "https://.example.com",
        "https://api..example.com",
        "https://-api.example.com",
        "https://api-.example.com",
        "https://grün.example",
        "https://api example.com",
        "https://api.example.com\n",
        "https://{registry}.example.com",
        "https://x.{registry}",
        "https://{other}",
        "http://{registry}",
        "http://*.example.com",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://1.2.3.4.5",
        "https://999.1.1.1",
        "https://[::1",
        "https://[]",
        "https://[zz]",
        "https://[::1]x",
        "ftp://api.example.com",
        "wss://api.example.com",
        &format!("https://{}.example.com", "a".repeat(64)),
        &format!("https://{}com", "abcdefgh.".repeat(32)),
    ] {
        assert!(text.parse::<HostPattern>().is_err(), "{text}");
    }
}

#[test]
fn a_host_matches_itself_and_no_look_alike() {
    for (pattern, url, expected) in [
        ("https://granted.example", "https://granted.example/", true),
        ("https://granted.example", "https://GRANTED.example/x", true),
        ("https://granted.example", "https://granted.example:443/", true),
        ("https://granted.example", "https://granted.example:8443/", false),
        ("https://granted.example", "http://granted.example/", false),
        ("https://granted.example", "http://granted.example:443/", false),
        ("https://granted.example", "https://evilgranted.example/", false),
        ("https://granted.example", "https://granted.example.evil/", false),
        ("https://granted.example", "https://sub.granted.example/", false),
        ("https://granted.example:8443", "https://granted.example:8443/", true),
        ("https://granted.example:8443", "https://granted.example/", false),
        ("https://*.granted.example", "https://a.granted.example/", true),
        ("https://*.granted.example", "https://granted.example/", false),
        ("https://*.granted.example", "https://a.b.granted.example/", false),
        ("https://*.granted.example", "https://agranted.example/", false),
        ("https://a.*.granted.example", "https://a.b.granted.example/", true),
        ("https://a.*.granted.example", "https://b.b.granted.example/", false),
        ("https://{registry}", "https://harbor.example.com:8443/", true),
        ("https://{registry}", "https://harbor.example.com/", false),
        ("https://{registry}:443", "https://harbor.example.com:8443/", true),
        ("https://{registry}:9443", "https://harbor.example.com:9443/", true),
        ("https://{registry}", "https://other.example.com:8443/", false),
        ("http://127.0.0.1:5557", "http://127.0.0.1:5557/", true),
        ("http://127.0.0.1:5557", "http://127.1:5557/", true),
        ("http://127.0.0.1:5557", "http://localhost:5557/", false),
        ("http://localhost:5557", "http://127.0.0.1:5557/", false),
        ("https://[::1]", "https://[0::1]/", true),
        ("https://10.0.0.1", "https://[::ffff:10.0.0.1]/", false),
    ] {
        assert_eq!(matches(pattern, url), expected, "{pattern} {url}");
    }
}

#[test]
fn without_a_registry_its_pattern_matches_nothing() {
    let pattern: HostPattern = "https://{registry}".parse().unwrap();
    assert!(!pattern.matches(&Target::parse("https://harbor.example.com/").unwrap(), None));
}

#[test]
fn a_flavor_may_ask_for_names_over_https_alone() {
    for (text, may) in [
        ("https://api.example.com", true),
        ("https://*.example.com:8443", true),
        ("https://{registry}", true),
        ("http://api.example.com", false),
        ("https://8.8.8.8", false),
        ("https://[::1]", false),
    ] {
        assert_eq!(text.parse::<HostPattern>().unwrap().may_be_requested(), may, "{text}");
    }
}

fn pattern_text() -> impl Strategy<Value = String> {
    let label = "[a-z0-9]([a-z0-9_-]{0,8}[a-z0-9])?";
    let name = (prop::collection::vec(prop_oneof![label.prop_map(|l: String| l), Just("*".to_owned())], 0..4), label);
    let host = prop_oneof![
        4 => name.prop_map(|(labels, last)| labels.into_iter().chain([last, "example".to_owned()]).collect::<Vec<_>>().join(".")),
        1 => Just("{registry}".to_owned()),
        1 => any::<Ipv4Addr>().prop_map(|address| address.to_string()),
        1 => any::<Ipv6Addr>().prop_map(|address| format!("[{address}]")),
    ];
    (host, prop::option::of(1u16..)).prop_map(|(host, port)| match port {
        Some(port) => format!("https://{host}:{port}"),
        None => format!("https://{host}"),
    })
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(text in pattern_text()) {
        let pattern: HostPattern = text.parse().unwrap();
        prop_assert_eq!(pattern.to_string().parse::<HostPattern>().unwrap(), pattern);
    }

    #[test]
    fn any_text_is_refused_or_has_a_canonical_form(text in "(https?://)?[ -~]{0,40}") {
        if let Ok(pattern) = text.parse::<HostPattern>() {
            prop_assert_eq!(pattern.to_string().parse::<HostPattern>().unwrap(), pattern);
        }
    }

    #[test]
    fn an_exact_pattern_matches_the_url_of_itself(text in pattern_text()) {
        let pattern: HostPattern = text.parse().unwrap();
        if pattern.is_exact() {
            prop_assert!(pattern.matches(&Target::parse(&pattern.to_string()).unwrap(), None));
        }
    }

    #[test]
    fn a_star_stands_for_one_label_and_never_for_a_dot(
        labels in prop::collection::vec("[a-z0-9]{1,5}", 1..5),
    ) {
        let pattern: HostPattern = "https://*.granted.example".parse().unwrap();
        let url = format!("https://{}.granted.example/", labels.join("."));
        // A first label can make the whole an address in no case: the last one is a word.
        prop_assert_eq!(pattern.matches(&Target::parse(&url).unwrap(), None), labels.len() == 1);
    }
}

#[test]
fn an_address_of_the_machine_itself_is_link_local_or_a_name_below_internal() {
    for (text, expected) in [
        ("http://169.254.169.254", true),
        ("http://169.254.170.2:8080", true),
        ("http://[fe80::1]", true),
        ("http://metadata.google.internal", true),
        ("https://*.google.internal", false),
        ("http://internal", false),
        ("http://10.0.0.5", false),
        ("http://127.0.0.1:5557", false),
        ("http://[fd00::5]", false),
        ("https://api.example.com", false),
        ("https://{registry}", false),
    ] {
        assert_eq!(text.parse::<HostPattern>().unwrap().is_of_machine(), expected, "{text}");
    }
}
