//! A secret that must not come out, in whatever form.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The ways in which a secret of at least eight characters could be written.
fn forms(secret: &str) -> Vec<String> {
    let bytes = |form: fn(u8) -> String| secret.bytes().map(form).collect::<String>();
    let percent = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let mut forms = vec![
        secret.to_owned(),
        secret.replace('/', "\\/"),
        bytes(percent),
        bytes(percent).to_lowercase(),
        bytes(|byte| format!("{byte:02x}")),
        bytes(|byte| format!("{byte:02X}")),
        // As `Debug` writes lists of bytes.
        secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", "),
        secret.chars().rev().collect(),
    ];
    // Base64 writes three bytes as four letters; which three depends on what stands before the secret.
    let whole = (secret.len() - 2) / 3 * 3;
    for start in 0..3 {
        let part = secret.get(start..start + whole).unwrap();
        forms.extend([STANDARD_NO_PAD.encode(part), URL_SAFE_NO_PAD.encode(part)]);
    }
    forms
}

/// Expects no form of a secret in a text.
#[track_caller]
pub(crate) fn assert_not_in_text(secret: &str, text: &str, place: &str) {
    for form in forms(secret) {
        assert!(!text.contains(&form), "`{form}` is in {place}");
    }
}

/// Expects no form of a secret in any file below a folder; gives how many files there were.
#[track_caller]
pub(crate) fn assert_not_in_files(secret: &str, folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += assert_not_in_files(secret, &path);
        } else {
            files += 1;
            let text = fs::read(&path).unwrap();
            assert_not_in_text(secret, &String::from_utf8_lossy(&text), &path.display().to_string());
        }
    }
    files
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = "correct/horse+battery?staple";
    let folder = tempfile::tempdir().unwrap();
    for text in [
        secret.to_owned(),
        "correct%2Fhorse%2Bbattery%3Fstaple".to_owned(),
        STANDARD_NO_PAD.encode(secret),
        STANDARD_NO_PAD.encode(format!("x{secret}yz")),
        URL_SAFE_NO_PAD.encode(format!("xy{secret}z")),
        "636f72726563742f686f7273652b626174746572793f737461706c65".to_owned(),
    ] {
        fs::write(folder.path().join("file"), [b"\xff\0", text.as_bytes()].concat()).unwrap();
        let found = std::panic::catch_unwind(|| assert_not_in_files(secret, folder.path()));
        assert!(found.is_err(), "{text}");
    }
}
