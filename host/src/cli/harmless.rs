//! Tests that nothing from outside reaches a terminal or a log as it came: of every type that says of itself that it is
//! printable.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::error::Explain;
use crate::files::trust::FileDistrust;
use crate::flavor::FlavorName;
use crate::grant::HostPattern;
use crate::image::{Config, Digest, Host, Index, Manifest, Platform, Reference, RegistryUri, Repository, Tag};
use crate::source::{Location, SourceError};
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Foreign, escape_json, escape_line};

/// Text that is nearly valid, with pieces that do harm.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z0-9]{1,8}",
        any::<char>().prop_map(String::from),
        "\\PC{0,4}",
        proptest::sample::select(vec![
            "\u{1b}[2J",
            "\u{9b}2J",
            "\u{7}",
            "\u{7f}",
            "\r\n",
            "\n",
            "\t",
            "\0",
            "::error::x",
            "##",
            "##vso[x]",
            "##[x]",
            "section_start:1:x",
            "--- x",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{2028}",
            "\u{2800}",
            "\u{3164}",
            "\u{e0041}",
            "\u{fe0f}",
            "\u{e000}",
            "\u{ffff}",
            "\u{a0}",
            "\u{3000}",
            "  ",
            " ",
            ".",
            "/",
            ":",
            "@",
            "sha256:",
            "https://",
            "docker-archive:",
            "oci:",
            "linux/",
            "localhost:5000/",
            "…",
            "`",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Whether a line holds visible characters and spaces alone, and no CI system takes it for a command.
fn assert_harmless(line: &str) -> TestCaseResult {
    let is_seen = |c: char| {
        !c.is_control()
            && (c == ' ' || !c.is_whitespace())
            && !"\u{202e}\u{2066}\u{200b}\u{2028}\
        \u{2800}\u{3164}\u{e0041}\u{fe0f}\u{e000}\u{ffff}\u{ad}\u{34f}\u{115f}\u{17b4}\u{180e}\u{ffa0}"
                .contains(c)
    };
    prop_assert!(line.chars().all(is_seen), "{:?}", line);
    let start = line.trim_start();
    let is_command = start.strip_prefix("::").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        || start.starts_with("section_start:")
        || line.contains("##");
    prop_assert!(!is_command, "{}", line);
    Ok(())
}

/// What is shown of a text that was parsed, whether it was valid or not.
fn assert_parsed<T: std::str::FromStr<Err: std::fmt::Display> + std::fmt::Display>(text: &str) -> TestCaseResult {
    match text.parse::<T>() {
        Ok(value) => assert_harmless(&value.to_string()),
        Err(error) => assert_harmless(&error.to_string()),
    }
}

fn assert_explained(error: &impl Explain) -> TestCaseResult {
    assert_harmless(&error.to_string())?;
    error.hint().iter().try_for_each(|hint| assert_harmless(hint))
}

proptest! {
    #[test]
    fn escaped_text_is_one_short_line_that_does_no_harm(text in hostile(), max in 0_usize..40) {
        let shown = Escaped::new(&text, max);
        assert_harmless(&shown)?;
        prop_assert!(!shown.contains("  "), "{}", shown);
        // An escaped character has at most ten.
        prop_assert!(shown.chars().count() <= max * 10 + 1, "{}", shown);
        prop_assert_eq!(&Escaped::from(shown.as_str()), &shown);
        assert_harmless(&Escaped::from(text).to_string())?;
    }

    #[test]
    fn a_line_that_is_written_does_no_harm_and_is_escaped_once(text in hostile()) {
        let shown = escape_line(&text);
        assert_harmless(&shown)?;
        prop_assert_eq!(&escape_line(&shown), &shown);
    }

    #[test]
    fn json_that_is_written_does_no_harm_and_says_the_same(text in hostile()) {
        let json = serde_json::json!({ "key": text, text.as_str(): 1 });
        let shown = escape_json(&json.to_string());
        assert_harmless(&shown)?;
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
    }

    #[test]
    fn what_parses_is_visible_and_what_does_not_is_escaped(text in hostile()) {
        assert_parsed::<Digest>(&text)?;
        assert_parsed::<Host>(&text)?;
        assert_parsed::<Repository>(&text)?;
        assert_parsed::<Tag>(&text)?;
        assert_parsed::<Reference>(&text)?;
        assert_parsed::<RegistryUri>(&text)?;
        assert_parsed::<Platform>(&text)?;
        assert_parsed::<Name>(&text)?;
        assert_parsed::<FlavorName>(&text)?;
        assert_parsed::<HostPattern>(&text)?;
        if let Err(error) = text.parse::<Location>() {
            assert_harmless(&error.to_string())?;
        }
    }

    #[test]
    fn documents_of_images_are_refused_in_harmless_words(text in hostile()) {
        let descriptor = serde_json::json!({
            "mediaType": text, "digest": text, "size": text, "platform": {"os": text, "architecture": text},
        });
        for document in [
            serde_json::json!(text),
            serde_json::json!({"schemaVersion": text}),
            serde_json::json!({"schemaVersion": 2, "manifests": [descriptor]}),
            serde_json::json!({"schemaVersion": 2, "config": descriptor, "layers": []}),
            serde_json::json!({"os": text, "rootfs": {"diff_ids": [text]}}),
            serde_json::json!({"os": text, "architecture": text, "variant": text, "rootfs": {}}),
        ] {
            let bytes = document.to_string().into_bytes();
            let errors = [Index::parse(&bytes).err(), Manifest::parse(&bytes).err(), Config::parse(&bytes).err()];
            errors.iter().flatten().try_for_each(|error| assert_harmless(&error.to_string()))?;
            if let Some(platform) = Config::parse(&bytes).ok().and_then(|config| config.platform()) {
                assert_harmless(&platform.to_string())?;
            }
        }
    }

    #[test]
    fn errors_and_their_hints_do_no_harm(text in hostile()) {
        let shown = || Escaped::from(&text);
        for error in [
            SourceError::NoImage { path: shown(), wanted: shown(), known: vec![shown(), shown()] },
            SourceError::Several { path: shown(), images: 2, known: vec![shown(), shown()] },
            SourceError::NoLayout { path: shown(), reason: shown() },
            SourceError::OnePlatform(shown()),
            SourceError::Read(std::io::Error::other(text.clone()).into()),
        ] {
            assert_explained(&error)?;
        }
        for error in [
            StoreError::Damaged(shown()),
            StoreError::FlavorTaken(shown()),
            StoreError::Key { path: shown(), reason: FileDistrust::NotRegular },
            StoreError::File { path: shown(), reason: std::io::Error::other(text.clone()).into() },
        ] {
            assert_explained(&error)?;
        }
    }

    #[test]
    fn errors_of_libraries_are_shown_escaped(text in hostile()) {
        assert_harmless(&Foreign(std::io::Error::other(text)).to_string())?;
    }
}
