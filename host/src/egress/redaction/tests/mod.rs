//! Echoes of secrets in every form, and ordinary answers.

mod forms;
mod ordinary;

use super::*;

/// A secret as a connector's field holds it.
fn lent(text: &str, public: &[&str]) -> LentSecret {
    let public = public.iter().map(|name| (*name).to_owned()).collect();
    LentSecret::new(Arc::new(Zeroizing::new(text.as_bytes().to_vec())), Arc::new(public))
}

fn redaction(secrets: &[&str]) -> Redaction {
    Redaction::new(secrets.iter().map(|text| lent(text, &[])).collect(), Vec::new())
}

/// The answer with this body after redaction; a header with the same value is redacted alike.
fn answer(redaction: &Redaction, body: &[u8]) -> Vec<u8> {
    let headers = vec![("x".to_owned(), body.to_vec())];
    let response = redaction.redact(Response { status: 200, headers, body: body.to_vec() });
    assert_eq!(response.headers[0].1, response.body);
    assert_eq!(response.body.len(), body.len());
    response.body
}

fn text(redaction: &Redaction, body: &str) -> String {
    String::from_utf8(answer(redaction, body.as_bytes())).unwrap()
}

#[test]
fn an_answer_that_repeats_a_secret_does_not_tell_it() {
    let text = |secret, body| text(&redaction(&[secret]), body);
    assert_eq!(
        text("hunter2hunter2", "no: hunter2hunter2; or HUNTER2hunter2"),
        "no: **************; or **************"
    );
    assert_eq!(text("hunter 2&3", "x=hunter+2%263"), "x=************");
    assert_eq!(text("hunter22", "Basic aHVudGVyMjI="), "Basic ***********=");
    assert_eq!(text("hunter22", "name aHVudGVyMjI x"), "name *********** x");
}

#[test]
fn eight_characters_of_a_secret_are_as_secret_as_the_whole() {
    let secret = redaction(&["correct-horse-battery"]);
    assert_eq!(text(&secret, "starts with `correct-…`"), "starts with `********…`");
    assert_eq!(text(&secret, "rse-batt"), "********");
    assert_eq!(text(&secret, "rse-bat"), "rse-bat");
}

#[test]
fn a_short_secret_is_redacted_as_a_word() {
    let secret = redaction(&["swordf", "abc", "true"]);
    assert_eq!(text(&secret, "no: Swordf, swordfish, \"swordf\""), "no: ******, swordfish, \"******\"");
    assert_eq!(text(&secret, r#"{"abc":true,"auth":"dTpzd29yZGY="}"#), r#"{"abc":true,"auth":"dT*********="}"#);
}

#[test]
fn secrets_are_redacted_before_any_was_sent_and_derived_ones_after() {
    let mut redaction = redaction(&["correct-horse-battery"]);
    let signature: Vec<u8> = (100..132).collect();
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text(&redaction, "correct-horse-battery"), "*".repeat(21));
    assert_eq!(text(&redaction, &hex), hex);
    redaction.also(Arc::new(Zeroizing::new(signature)));
    assert_eq!(text(&redaction, &hex), "*".repeat(64));
    let cut: String = hex.chars().take(20).collect();
    assert_eq!(text(&redaction, &format!("Signature={cut} ...")), format!("Signature={} ...", "*".repeat(20)));
    assert_eq!(text(&redaction, "correct-horse-battery"), "*".repeat(21));
}

#[test]
fn the_name_of_a_header_is_redacted() {
    let headers = vec![("x-correct-horse-battery".to_owned(), Vec::new())];
    let response = redaction(&["Correct-Horse-Battery"]).redact(Response { status: 200, headers, body: Vec::new() });
    assert_eq!(response.headers[0].0, format!("x-{}", "*".repeat(21)));
}

#[test]
fn the_strings_of_a_file_are_secret_and_its_frame_is_not() {
    let json = r#"{"type":"service_account","project_id":"train-project","private_key_id":"5f3a9c1e7b2d4860",
        "private_key":"-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSk\n-----END PRIVATE KEY-----\n",
        "client_email":"ci@train-project.example.com","token_uri":"https://oauth2.example.com/token",
        "twice":"first-of-two-1","twice":"second-of-two","number":1234567890}"#;
    let public = ["type", "project_id", "client_email"];
    let file = Redaction::new(vec![lent(json, &public)], Vec::new());
    let kept = "{\"error\":\"invalid private_key_id: -----BEGIN PRIVATE KEY----- at https://oauth2.example.com/v2 of \
                ci@train-project.example.com\"}";
    assert_eq!(text(&file, kept), kept);
    for part in [
        "5f3a9c1e7b2d4860",
        "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSk",
        "first-of-two-1",
        "second-of-two",
        "1234567890",
    ] {
        assert_eq!(text(&file, part), "*".repeat(part.len()), "{part}");
    }
    let ini = redaction(&[
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMI/K7MDENG\n",
    ]);
    assert_eq!(text(&ini, "aws_secret_access_key AKIAIOSFODNN"), "aws_secret_access_key ************");
    assert_eq!(text(&ini, "wJalrXUtnFEMI\\/K7MDENG"), "*".repeat(22));
}

#[test]
fn what_a_secret_in_digits_stands_for_is_secret() {
    // `alice:correct-horse`, as Docker's configuration holds it.
    let docker = redaction(&["YWxpY2U6Y29ycmVjdC1ob3JzZQ=="]);
    assert_eq!(text(&docker, "no user with password correct-horse"), "no user with password *************");
    let wrapped = redaction(&["eyJrZXkiOiJjb3JyZWN0LWhvcnNlIn0="]);
    assert_eq!(text(&wrapped, r#"{"key":"correct-horse"}"#), r#"{"key":"*************"}"#);
    let key = redaction(&["-----BEGIN PRIVATE KEY-----\nY29ycmVjdC1o\nb3JzZS1iYXR0\n-----END PRIVATE KEY-----"]);
    assert_eq!(text(&key, "636f72726563742d686f727365"), "*".repeat(26));
}

#[test]
fn the_user_information_of_a_url_is_secret_and_its_host_is_not() {
    let url = redaction(&["https://alice:correct-horse@registry.example.com/services/T0000/B1234567"]);
    assert_eq!(
        text(&url, "https://registry.example.com: correct-horse"),
        "https://registry.example.com: *************"
    );
    assert_eq!(text(&url, "/services/T0000/B1234567"), "*".repeat(24));
}

#[test]
fn what_takes_more_work_than_an_ordinary_answer_is_redacted_as_a_whole() {
    let secret = lent("some-other-secret", &[]);
    let windows = Windows::new(&[secret], &[]);
    // Base64 of zeros, which may be text in UTF-16, of which each may be the first.
    let (mut mask, mut text, mut work) = (Mask::new(4_000), [b'A'; 4_000], 16_000);
    scan::scan(&windows, &text, &mut mask, &mut work);
    mask.apply(&mut text);
    assert_eq!((work, text), (0, [b'*'; 4_000]));
}
