//! What is computed with a secret is a secret: no byte of it enters the flavor, and it goes only where its key may.

use super::{NOWHERE, Stage};

const ELSEWHERE: &str = "has another place for this secret, or none";

/// The outcome of a request that is none of an operation's.
fn undeclared(origin: &str, why: &str) -> String {
    format!("denied: the request to `{origin}` is none that the flavor declares: {why}")
}

#[test]
fn keys_and_assertions_for_years_reach_nobody() {
    let stage = Stage::new();
    let collected = undeclared("OWN", NOWHERE);
    let scope = undeclared("SERVICE", &format!("its operation `sign-in` {ELSEWHERE}"));
    stage.assert_refused(&[
        ("day-keys", &["3650 keys", &collected, &scope]),
        ("assertions", &["20 assertions", &collected, &scope]),
    ]);
}

#[test]
fn a_digest_of_a_secret_is_sent_nowhere_and_signed_only_where_the_secret_may_go() {
    let stage = Stage::new();
    let digest = undeclared("SERVICE", "its operation `whoami` has no place for the digest of a secret");
    let over = undeclared("SERVICE", "its operation `list` has no place for a secret that the signature is over");
    stage.assert_refused(&[
        ("digest", &[&digest, &undeclared("OWN", NOWHERE)]),
        ("digest-signed", &[&over]),
        ("token-signed", &[&over]),
    ]);
}

#[test]
fn a_signature_stands_in_its_own_place_and_is_made_with_its_own_key() {
    let stage = Stage::new();
    stage.assert_undeclared(&[
        ("signed-by-other", &format!("its operation `list` {ELSEWHERE}")),
        ("signature-as-bearer", &format!("its operation `whoami` {ELSEWHERE}")),
        ("signature-as-password", &format!("its operation `blob` {ELSEWHERE}")),
    ]);
}

#[test]
fn nothing_is_read_of_what_is_not_public() {
    let stage = Stage::new();
    stage.assert_refused(&[
        ("private-member", &["None Some(\"thief@example.com\")"]),
        ("member-of-signature", &["None false"]),
        ("key-is-no-key", &["the secret is no PEM private key"]),
    ]);
}

#[test]
fn text_joined_to_a_secret_opens_no_other_place_for_it() {
    let stage = Stage::new();
    let bearer = undeclared("SERVICE", &format!("its operation `whoami` {ELSEWHERE}"));
    let scope = undeclared("SERVICE", &format!("its operation `sign-in` {ELSEWHERE}"));
    let digest = undeclared("SERVICE", "its operation `list` has no place for the digest of a secret");
    stage.assert_refused(&[
        ("joined-bearer", &[&bearer, &undeclared("OWN", NOWHERE), &scope]),
        ("joined-as-key", &[&digest]),
        ("joined-digest", &["a part is the digest of a secret"]),
    ]);
}
