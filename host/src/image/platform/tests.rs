use super::*;

fn platform(text: &str) -> Platform {
    text.parse().unwrap()
}

#[test]
fn a_platform_fits_where_its_variant_is_left_open() {
    assert!(platform("linux/arm64").accepts(&platform("linux/arm64/v8")));
    assert!(platform("linux/arm64/v8").accepts(&platform("linux/arm64")));
    assert!(!platform("linux/arm/v7").accepts(&platform("linux/arm/v6")));
    assert!(!platform("linux/amd64").accepts(&platform("linux/arm64")));
}

#[test]
fn the_endianness_distinguishes_the_two_platforms_of_powerpc64() {
    for (little_endian, expected) in [(true, "linux/ppc64le"), (false, "linux/ppc64")] {
        let found = Platform::of_target("powerpc64", little_endian, "powerpc64-unknown-linux-gnu");
        assert_eq!(found.to_string(), expected);
    }
}

#[test]
fn a_machine_of_32_bit_arm_prefers_its_own_variant_to_older_ones() {
    for (triple, expected) in [
        ("armv7-unknown-linux-gnueabihf", &["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"][..]),
        ("thumbv7neon-unknown-linux-gnueabihf", &["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
        ("arm-unknown-linux-gnueabihf", &["linux/arm/v6", "linux/arm/v5"]),
        ("armv5te-unknown-linux-gnueabi", &["linux/arm/v5"]),
        ("armv4t-unknown-linux-gnueabi", &["linux/arm/v5"]),
    ] {
        let found = Platform::of_target("arm", true, triple).with_older_variants();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{triple}");
    }
    assert_eq!(platform("linux/arm64/v8").with_older_variants(), [platform("linux/arm64")]);
    let amd64 = ["linux/amd64/v2", "linux/amd64"].map(platform);
    assert_eq!(platform("linux/amd64/v2").with_older_variants(), amd64);
    assert_eq!(
        platform("linux/arm").with_older_variants(),
        ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"].map(platform)
    );
}

#[test]
fn a_platform_is_read_in_every_form_that_containerd_knows() {
    for (text, normal) in [
        ("amd64", "linux/amd64"),
        ("x86_64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("Linux/X86-64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/i386", "linux/386"),
        ("aarch64", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/arm/7", "linux/arm/v7"),
        ("macos/arm64", "darwin/arm64"),
        ("windows/amd64", "windows/amd64"),
    ] {
        assert_eq!(platform(text).to_string(), normal, "{text}");
    }
    assert_eq!(platform("linux"), Platform::of_this_machine().normal());
}

#[test]
fn an_image_that_names_its_platform_in_another_form_fits() {
    let offered = |os: &str, architecture: &str| Platform {
        os: os.to_owned(),
        architecture: architecture.to_owned(),
        variant: None,
    };
    assert!(platform("linux/amd64").accepts(&offered("linux", "x86_64")));
    assert!(platform("linux/arm64/v8").accepts(&offered("linux", "aarch64")));
    assert!(!platform("linux/arm64").accepts(&offered("linux", "arm")));
}

#[test]
fn a_text_that_is_not_a_platform_is_refused() {
    for bad in ["", "beos", "linux/", "/amd64", "a/b/c/d", "linux/amd 64", "li\u{202e}nux/amd64"] {
        assert!(bad.parse::<Platform>().is_err(), "{bad}");
    }
}

#[test]
fn a_document_can_name_no_platform_that_moves_a_cursor() {
    let platform = |os: &str| {
        serde_json::from_value::<Platform>(serde_json::json!({"os": os, "architecture": "amd64", "variant": null}))
    };
    assert_eq!(platform("linux").unwrap().to_string(), "linux/amd64");
    assert_eq!(platform("").unwrap().to_string(), "/amd64");
    for odd in ["\u{1b}[2J\n::error::x", "amd64 (64 bit)", &"a".repeat(MAX_WORD + 1)] {
        let found = platform(odd).unwrap();
        assert_eq!((found.to_string().as_str(), found.is_known()), ("/amd64", false), "{odd}");
        assert_eq!(Platform::new(odd.to_owned(), "amd64".to_owned(), Some(odd.to_owned())), found, "{odd}");
    }
}
