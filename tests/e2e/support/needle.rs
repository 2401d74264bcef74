//! A secret in every form in which it could be written somewhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

/// What is searched for: names of forms, and their bytes.
pub(crate) struct Needle(Vec<(&'static str, Vec<u8>)>);

impl Needle {
    /// The forms of a secret: raw, percent-encoded, hexadecimal, escaped as in JSON or debug output, and base64 wherever
    /// in a longer text it begins.
    pub(crate) fn new(secret: &str) -> Self {
        let bytes = secret.as_bytes();
        let hex = |byte: &u8| format!("{byte:02x}");
        let percent = |upper: bool| -> String {
            let encode = |c: char| match (c.is_ascii_alphanumeric() || "-._~".contains(c), upper) {
                (true, _) => c.to_string(),
                (false, true) => format!("%{:02X}", c as u32),
                (false, false) => format!("%{:02x}", c as u32),
            };
            secret.chars().map(encode).collect()
        };
        let lower: String = bytes.iter().map(hex).collect();
        let mut forms = vec![
            ("raw", bytes.to_vec()),
            ("percent-encoded", percent(true).into()),
            ("percent-encoded", percent(false).into()),
            ("hex", lower.to_uppercase().into()),
            ("hex", lower.into()),
            ("escaped", serde_json::to_string(secret).unwrap().trim_matches('"').into()),
        ];
        for before in 0..3 {
            let text = [&vec![b':'; before][..], bytes].concat();
            // Characters that also depend on what stands before or after are left out.
            let whole = (text.len() / 3) * 4;
            for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                forms.push(("base64", encoded[(before * 4).div_ceil(3)..whole].into()));
            }
        }
        Self(forms)
    }

    /// The first form that is in it.
    pub(crate) fn found_in(&self, hay: &[u8]) -> Option<&'static str> {
        self.0.iter().find(|(_, form)| memmem::find(hay, form).is_some()).map(|(name, _)| *name)
    }
}
