//! Every form that a program can undo, of random secrets.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;

type Form = fn(&str) -> Vec<u8>;

fn joined(secret: &str, form: impl Fn(u8) -> String) -> Vec<u8> {
    secret.bytes().map(form).collect::<String>().into_bytes()
}

fn reversed(text: impl AsRef<[u8]>) -> Vec<u8> {
    text.as_ref().iter().rev().copied().collect()
}

fn separated(text: impl AsRef<[u8]>, separator: &str) -> Vec<u8> {
    let characters: Vec<String> = text.as_ref().iter().map(|byte| char::from(*byte).to_string()).collect();
    characters.join(separator).into_bytes()
}

fn lines(text: impl AsRef<[u8]>, length: usize, end: &[u8]) -> Vec<u8> {
    text.as_ref().chunks(length).collect::<Vec<_>>().join(end)
}

fn hex(text: impl AsRef<[u8]>) -> String {
    text.as_ref().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// Text that a reader of UTF-16 made of bytes, two in a character.
fn misread(text: &str, unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units: Vec<u16> = text.as_bytes().chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).unwrap().into_bytes()
}

fn base32(bytes: &[u8]) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let digits = bits.chunks(5).map(|five| five.iter().fold(0, |digit, bit| digit << 1 | bit) << (5 - five.len()));
    digits.map(|digit: u8| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(digit)])).collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    String::from_utf8(quoted.as_bytes()[1..quoted.len() - 1].to_vec()).unwrap()
}

const FORMS: &[(&str, Form)] = &[
    ("itself", |s| s.into()),
    ("upper case", |s| s.to_ascii_uppercase().into()),
    ("lower case", |s| s.to_ascii_lowercase().into()),
    ("cut at the end", |s| s.as_bytes()[..8].into()),
    ("cut at the beginning", |s| s.as_bytes()[s.len() - 8..].into()),
    ("reversed", |s| reversed(s)),
    ("form", |s| url::form_urlencoded::byte_serialize(s.as_bytes()).collect::<String>().into()),
    ("percent", |s| joined(s, |byte| format!("%{byte:02X}"))),
    ("percent in lower case", |s| joined(s, |byte| format!("%{byte:02x}"))),
    ("percent twice", |s| joined(s, |byte| format!("%25{byte:02x}"))),
    ("percent of some", |s| {
        joined(s, |byte| if byte % 3 == 0 { format!("%{byte:02x}") } else { char::from(byte).to_string() })
    }),
    ("%u", |s| joined(s, |byte| format!("%u{byte:04x}"))),
    ("JSON", |s| json(s).into()),
    ("JSON twice", |s| json(&json(s)).into()),
    ("JSON with all escaped", |s| joined(s, |byte| format!("\\u{byte:04X}"))),
    ("JSON in JSON with all escaped", |s| joined(s, |byte| format!("\\\\u{byte:04x}"))),
    ("JSON with symbols escaped", |s| {
        joined(s, |byte| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("\\u{byte:04x}") })
    }),
    ("backslashes", |s| {
        joined(s, |byte| {
            if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("\\{}", char::from(byte)) }
        })
    }),
    ("\\x", |s| joined(s, |byte| format!("\\x{byte:02x}"))),
    ("octal", |s| joined(s, |byte| format!("\\{byte:03o}"))),
    ("braces", |s| joined(s, |byte| format!("\\u{{{byte:x}}}"))),
    ("HTML", |s| {
        joined(s, |byte| match byte {
            b'&' => "&amp;".into(),
            b'<' => "&lt;".into(),
            b'>' => "&gt;".into(),
            b'"' => "&quot;".into(),
            b'/' => "&#x2F;".into(),
            b'+' => "&plus;".into(),
            b'=' => "&equals;".into(),
            b'\'' => "&#39;".into(),
            other => char::from(other).into(),
        })
    }),
    ("HTML with all escaped", |s| joined(s, |byte| format!("&#{byte};"))),
    ("HTML in hexadecimal", |s| joined(s, |byte| format!("&#x{byte:X};"))),
    ("quoted-printable", |s| joined(s, |byte| format!("={byte:02X}"))),
    ("quoted-printable lines", |s| lines(s, 5, b"=\r\n")),
    ("Base64", |s| STANDARD.encode(s).into()),
    ("Base64 for URLs", |s| URL_SAFE_NO_PAD.encode(s).into()),
    ("Base64 at its second offset", |s| STANDARD.encode(format!("x{s}y")).into()),
    ("Base64 at its third offset", |s| STANDARD.encode(format!("xy{s}yy")).into()),
    ("Base64 after one digit", |s| format!("A{}", STANDARD.encode(s)).into()),
    ("Base64 in lines", |s| lines(STANDARD.encode(s), 6, b"\n")),
    ("Base64 in lines in JSON", |s| lines(STANDARD.encode(s), 6, b"\\n")),
    ("Base64 in lines and blanks", |s| lines(STANDARD.encode(s), 7, b"\r\n          ")),
    ("Base64 in a list", |s| lines(STANDARD.encode(s), 4, b"\", \"")),
    ("Base64 with dashes", |s| separated(STANDARD.encode(s), "-")),
    ("Base64 in JSON", |s| STANDARD.encode(s).replace('/', "\\/").into()),
    ("Base64 percent-encoded", |s| {
        STANDARD.encode(s).replace('/', "%2f").replace('+', "%2B").replace('=', "%3d").into()
    }),
    ("Base64 reversed", |s| reversed(STANDARD.encode(s))),
    ("reversed in Base64", |s| STANDARD.encode(reversed(s)).into()),
    ("Base64 twice", |s| STANDARD.encode(STANDARD.encode(s)).into()),
    ("Base64 three times", |s| STANDARD.encode(STANDARD.encode(STANDARD.encode(s))).into()),
    ("UTF-16 in Base64", |s| STANDARD.encode(utf16(s, u16::to_le_bytes)).into()),
    ("percent in Base64", |s| STANDARD.encode(joined(s, |byte| format!("%{byte:02X}"))).into()),
    ("JSON in Base64", |s| STANDARD.encode(serde_json::json!({ "k": s }).to_string()).into()),
    ("Basic", |s| STANDARD.encode(format!("alice:{s}")).into()),
    ("hexadecimal", |s| hex(s).into()),
    ("hexadecimal in upper case", |s| hex(s).to_uppercase().into()),
    ("hexadecimal after one digit", |s| format!("a{}", hex(s)).into()),
    ("hexadecimal with colons", |s| joined(s, |byte| format!("{byte:02x}:"))),
    ("hexadecimal with blanks", |s| joined(s, |byte| format!("{byte:02X} "))),
    ("hexadecimal with 0x", |s| joined(s, |byte| format!("0x{byte:02x}, "))),
    ("hexadecimal reversed", |s| reversed(hex(s))),
    ("hexadecimal of UTF-16", |s| hex(utf16(s, u16::to_be_bytes)).into()),
    ("Base64 of hexadecimal", |s| STANDARD.encode(hex(s)).into()),
    ("Base32", |s| base32(s.as_bytes()).into()),
    ("Base32 in lower case", |s| base32(format!("xy{s}y").as_bytes()).to_lowercase().into()),
    ("binary", |s| joined(s, |byte| format!("{byte:08b} "))),
    ("decimal", |s| joined(s, |byte| format!("{byte},"))),
    ("decimal in lines", |s| joined(s, |byte| format!("{byte},\n    "))),
    ("UTF-16, little endian", |s| utf16(s, u16::to_le_bytes)),
    ("UTF-16, big endian", |s| utf16(s, u16::to_be_bytes)),
    ("UTF-32, little endian", |s| s.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect()),
    ("UTF-32, big endian", |s| s.chars().flat_map(|char| u32::from(char).to_be_bytes()).collect()),
    ("UTF-7", |s| format!("+{}-", STANDARD.encode(utf16(s, u16::to_be_bytes)).trim_end_matches('=')).into()),
    ("full width", |s| {
        s.bytes()
            .map(|byte| if byte == b' ' { ' ' } else { char::from_u32(u32::from(byte) + 0xfee0).unwrap() })
            .collect::<String>()
            .into()
    }),
    ("misread as UTF-16, little endian", |s| misread(s, u16::from_le_bytes)),
    ("misread as UTF-16, big endian", |s| misread(s, u16::from_be_bytes)),
    ("misread as UTF-16 in JSON", |s| {
        s.as_bytes().chunks_exact(2).map(|pair| format!("\\u{:02x}{:02x}", pair[1], pair[0])).collect::<String>().into()
    }),
    ("with dashes", |s| separated(s, "-")),
    ("with commas and blanks", |s| separated(s, ", ")),
    ("with letters", |s| separated(s, "x")),
    ("with tags", |s| separated(s, "<br>")),
    ("as a list of objects", |s| joined(s, |byte| format!("{{\"char\": \"{}\"}},", char::from(byte)))),
    ("as a list", |s| separated(s, "\",\"")),
    ("in lines", |s| separated(s, "\n")),
    ("in lines in JSON", |s| separated(s, "\\n")),
    ("with invisible characters", |s| separated(s, "\u{200b}")),
];

/// Bytes at the ends of an echo that are not the secret's: padding, separators, the text before.
fn ends(form: &str) -> usize {
    match form {
        "as a list of objects" => 22,
        "Basic" => 10,
        "JSON in Base64" => 14,
        _ => 8,
    }
}

#[test]
fn a_secret_in_any_form_is_redacted() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 8, max_shrink_iters: 0, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    // Keys of services, and passwords with symbols of every kind.
    let secrets = prop_oneof!["[A-Za-z0-9+/]{24,64}", "[0-9a-f]{32}", "[!-~]{16,40}", "[A-Za-z0-9_-]{12}"];
    runner
        .run(&secrets, |secret| {
            let redaction = redaction(&[&secret]);
            for (name, form) in FORMS {
                // Symbols are lost among those of the list.
                if *name == "as a list of objects" && !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    continue;
                }
                let echo = form(&secret);
                for (before, after) in [("{\"error\":\"no: ", "\"}"), ("", "")] {
                    let whole = [before.as_bytes(), &echo, after.as_bytes()].concat();
                    let shown = answer(&redaction, &whole);
                    let shown = &shown[before.len()..before.len() + echo.len()];
                    let kept = shown.iter().zip(&echo).filter(|(shown, echo)| shown == echo && **echo != b'*').count();
                    let (shown, echo) = (String::from_utf8_lossy(shown), String::from_utf8_lossy(&echo));
                    prop_assert!(
                        kept <= ends(name).min(echo.len() / 2),
                        "{}: {} of {} became {}",
                        name,
                        secret,
                        echo,
                        shown
                    );
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_secret_that_is_not_ascii_is_redacted_in_any_character_set() {
    let secret = "pässwörter-für-jeden-日本語の秘密";
    let redaction = redaction(&[secret]);
    let latin1: Vec<u8> = secret.chars().filter_map(|char| u8::try_from(u32::from(char)).ok()).collect();
    let misread: String = secret.bytes().map(char::from).collect();
    for echo in [
        secret.as_bytes().to_vec(),
        json(secret).into_bytes(),
        secret.encode_utf16().fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}")).into_bytes(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>().into(),
        utf16(secret, u16::to_le_bytes),
        utf16(secret, u16::to_be_bytes),
        STANDARD.encode(utf16(secret, u16::to_le_bytes)).into(),
        latin1,
        misread.into_bytes(),
    ] {
        let shown = answer(&redaction, &echo);
        let kept = shown.iter().zip(&echo).filter(|(shown, echo)| shown == echo && **echo != b'*').count();
        assert!(kept <= 3, "{}", String::from_utf8_lossy(&shown));
    }
}

#[test]
fn a_secret_is_found_across_stretches() {
    let secret = "0123-correct-horse-battery-staple";
    let redaction = redaction(&[secret]);
    for before in (32_000..33_000).chain(63_500..64_500).step_by(37) {
        let body = format!("{}{}", ".".repeat(before), STANDARD.encode(secret));
        let shown = text(&redaction, &body);
        assert!(shown.ends_with("**********") && shown.contains(".***"), "{before}");
    }
}
