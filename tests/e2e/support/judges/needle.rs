//! A secret that must not come out, in whatever form.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

use crate::support::programs::tree::files;

/// The forms of a secret: their names, and their bytes.
pub(crate) struct Needle(Vec<(&'static str, Vec<u8>)>);

impl Needle {
    /// The forms of a secret: raw, reversed, percent-encoded, hexadecimal, escaped, as a list of bytes, and base64
    /// wherever in a longer text it begins.
    pub(crate) fn new(secret: &str) -> Self {
        let each = |form: fn(u8) -> String| secret.bytes().map(form).collect::<Vec<_>>();
        let percent = each(|byte| match byte {
            b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        // Only the hexadecimal digits have a case.
        let lower = percent.iter().map(|piece| if piece.len() == 3 { piece.to_lowercase() } else { piece.clone() });
        let mut forms = vec![
            ("raw", secret.to_owned()),
            ("reversed", secret.chars().rev().collect()),
            ("percent-encoded", percent.concat()),
            ("percent-encoded", lower.collect()),
            ("form-urlencoded", percent.concat().replace("%20", "+")),
            // As browsers and the URL standard have it, which leave `*` alone and encode `~`.
            ("form-urlencoded", percent.concat().replace("%20", "+").replace('~', "%7E").replace("%2A", "*")),
            ("hex", each(|byte| format!("{byte:02X}")).concat()),
            ("hex", each(|byte| format!("{byte:02x}")).concat()),
            ("escaped", serde_json::to_string(secret).unwrap().trim_matches('"').to_owned()),
            ("escaped", secret.replace('/', "\\/")),
            ("a list of bytes", each(|byte| byte.to_string()).join(", ")),
        ];
        // Base64 writes three bytes as four letters; which three depends on what stands before the secret.
        let whole = (secret.len() - 2) / 3 * 3;
        for start in 0..3 {
            let part = secret.get(start..start + whole).unwrap();
            forms.extend([("base64", STANDARD_NO_PAD.encode(part)), ("base64", URL_SAFE_NO_PAD.encode(part))]);
        }
        Self(forms.into_iter().map(|(name, form)| (name, form.into_bytes())).collect())
    }

    /// The first form that is in it.
    pub(crate) fn found_in(&self, hay: &[u8]) -> Option<&'static str> {
        self.0.iter().find(|(_, form)| memmem::find(hay, form).is_some()).map(|(name, _)| *name)
    }

    /// Expects no form of it.
    #[track_caller]
    pub(crate) fn assert_not_in(&self, hay: &[u8], place: &str) {
        if let Some(form) = self.found_in(hay) {
            panic!("{place} holds a secret as {form}:\n{}", String::from_utf8_lossy(hay));
        }
    }

    /// Expects no form of it in any file below a directory; gives the number of files.
    #[track_caller]
    pub(crate) fn assert_not_below(&self, directory: &Path) -> usize {
        // Sockets and the like have no content.
        let files: Vec<_> = files(directory).into_iter().filter(|path| path.is_file()).collect();
        files.iter().for_each(|path| self.assert_not_in(&fs::read(path).unwrap(), &path.display().to_string()));
        files.len()
    }
}

#[test]
fn a_needle_is_found_in_every_form() {
    let secret = "cAnary/p4ss+w0rd=&";
    assert!(Needle::new("cAnary~s*").found_in(b"x=cAnary%7Es*&y").is_some());
    let needle = Needle::new(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    for hay in [
        "x cAnary/p4ss+w0rd=& x",
        "cAnary%2Fp4ss%2Bw0rd%3D%26",
        "cAnary%2fp4ss%2bw0rd%3d%26",
        "&=dr0w+ss4p/yranAc",
        &hex,
        &hex.to_lowercase(),
        // `secret`, `:secret` and `u:secret`.
        "Y0FuYXJ5L3A0c3MrdzByZD0m",
        "OmNBbmFyeS9wNHNzK3cwcmQ9Jg==",
        "dTpjQW5hcnkvcDRzcyt3MHJkPSY=",
    ] {
        assert!(needle.found_in(hay.as_bytes()).is_some(), "{hay}");
    }
    assert!(needle.found_in(b"cAnary/p4ss").is_none());
}
