//! Keys that a program printed, in the form that AWS's own tools read from a `credential_process` and that
//! `aws configure export-credentials` prints
//! (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>).

use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Secret, SecretOrText, time};

use crate::keys::Keys;

/// The members that are no secrets.
pub(crate) const PUBLIC: [&str; 3] = ["AccessKeyId", "Expiration", "Version"];

/// The member with the secret key.
pub(crate) const SECRET_ACCESS_KEY: &str = "SecretAccessKey";
/// The member with the session token.
pub(crate) const SESSION_TOKEN: &str = "SessionToken";

/// The keys of what a program printed, at a Unix time in seconds.
pub(crate) fn keys(printed: &Secret, now: u64) -> Result<Keys<'static>, Failure> {
    match printed.public_member("Version").as_deref() {
        Some("1") => {}
        version => {
            let version = excerpt(version.unwrap_or("missing"), 40);
            return Err(Failure::invalid_input(format!(
                "what the program printed has the version `{version}`, expected keys as JSON with `\"Version\": 1`"
            ))
            .hint("`aws configure export-credentials` prints such keys"));
        }
    }
    let missing = |name: &str| {
        Failure::invalid_input(format!("what the program printed has no `{name}`"))
            .hint("`aws configure export-credentials` prints such keys")
    };
    let id = printed.public_member("AccessKeyId").ok_or_else(|| missing("AccessKeyId"))?;
    let secret = printed.member(SECRET_ACCESS_KEY).ok_or_else(|| missing(SECRET_ACCESS_KEY))?;
    if let Some(end) = printed.public_member("Expiration").filter(|end| has_ended(end, now)) {
        let end = excerpt(&end, 40);
        return Err(Failure::unauthenticated(format!("the keys that the program printed ended at `{end}`"))
            .hint("log in anew, e.g. with `aws sso login`"));
    }
    Keys::new(&id, secret, printed.member(SESSION_TOKEN).map(SecretOrText::from))
}

/// Whether a point in time has passed: `2026-11-20T12:00:00Z`, with an offset of zero, or with `UTC` as old versions of
/// AWS's tools wrote it. Any other text is no point in time that has passed.
pub(crate) fn has_ended(text: &str, now: u64) -> bool {
    let zone = ["+00:00", "UTC"].into_iter().find_map(|zone| text.strip_suffix(zone));
    let text = zone.map_or_else(|| text.to_owned(), |text| format!("{text}Z"));
    time::from_rfc3339(&text).is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::Host;

    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOW: u64 = 1_795_176_000;

    fn read(json: &str) -> Result<Keys<'static>, Failure> {
        let host = Host::at(NOW);
        keys(&host.secret_json(&serde_json::from_str(json).unwrap(), &PUBLIC), NOW)
    }

    #[test]
    fn keys_that_a_program_prints_are_whole_and_have_not_ended() {
        let whole = r#"{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t",
            "Expiration": "2026-11-20T12:00:01+00:00"}"#;
        assert!(read(whole).is_ok());
        for (from, to, kind, words) in [
            (": 1,", ": 2,", FailureKind::InvalidInput, "version `2`"),
            ("\"Version\": 1, ", "", FailureKind::InvalidInput, "version `missing`"),
            ("AccessKeyId", "access", FailureKind::InvalidInput, "no `AccessKeyId`"),
            ("SecretAccessKey", "secret", FailureKind::InvalidInput, "no `SecretAccessKey`"),
            ("12:00:01+00:00", "12:00:00+00:00", FailureKind::Unauthenticated, "ended at `2026-11-20T12:00:00+00:00`"),
            ("12:00:01+00:00", "11:00:00Z", FailureKind::Unauthenticated, "ended at"),
            ("12:00:01+00:00", "11:00:00UTC", FailureKind::Unauthenticated, "ended at"),
        ] {
            let failure = read(&whole.replace(from, to)).err().unwrap();
            assert_eq!(failure.kind, kind, "{to}");
            assert!(failure.message.contains(words) && failure.hint.is_some(), "{to}: {}", failure.message);
        }
    }
}
