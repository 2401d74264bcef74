use super::*;

fn secret(text: &str, public: &[&str]) -> Secret {
    Secret::new("key", &text.to_owned().into(), public.iter().map(|name| (*name).to_owned()))
}

fn bytes(text: &str) -> MessagePart {
    MessagePart::Bytes(text.into())
}

fn hex(secret: &Secret) -> String {
    String::from_utf8(Encoding::Hex.encode(secret.value()).to_vec()).unwrap()
}

fn source(member: Option<&str>) -> Source {
    Source { field: "key".to_owned(), member: member.map(str::to_owned) }
}

#[test]
fn hmac_is_keyed_by_prefix_and_secret() {
    // RFC 4231, test case 2: key "Jefe", here as prefix "Je" and secret "fe".
    let mac = secret("fe", &[]).hmac_sha256(b"Je", &[bytes("what do ya want "), bytes("for nothing?")]);
    assert_eq!(hex(&mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

#[test]
fn a_digest_is_over_all_parts_of_its_message() {
    // FIPS 180-4's example "abc".
    let message = [bytes("a"), MessagePart::Secret(secret("b", &[]), Encoding::Raw), bytes("c")];
    assert_eq!(hex(&Secret::sha256(&message)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_chain_of_hmacs_is_that_of_signature_version_4() {
    // AWS's example of a signing key ("Deriving a signing key", IAM User Guide).
    let key = secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &[]);
    let day = key.hmac_sha256(b"AWS4", &[bytes("20120215")]);
    let signing =
        ["us-east-1", "iam", "aws4_request"].iter().fold(day, |key, part| key.hmac_sha256(b"", &[bytes(part)]));
    assert_eq!(hex(&signing), "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
    assert_eq!(*signing.origin, Origin::Derived { key: Some(source(None)), messages: Vec::new() });
}

#[test]
fn a_derived_value_remembers_its_key_and_all_that_it_is_over() {
    let file = secret(r#"{"private_key":"k","token":"t"}"#, &[]);
    let (key, token) = (file.member("private_key").unwrap(), file.member("token").unwrap());
    let digest = Secret::sha256(&[MessagePart::Secret(token, Encoding::Raw)]);
    assert_eq!(*digest.origin, Origin::Derived { key: None, messages: vec![source(Some("token"))] });
    let mac = key.hmac_sha256(b"", &[MessagePart::Secret(digest, Encoding::Hex)]).hmac_sha256(b"", &[]);
    let expected = Origin::Derived { key: Some(source(Some("private_key"))), messages: vec![source(Some("token"))] };
    assert_eq!(*mac.origin, expected);
    // It is no object, and a member of it would have no origin.
    assert!(mac.member("private_key").is_none());
}

#[test]
fn a_public_name_makes_nothing_readable_that_has_none() {
    let text = r#"{"region":{"region":"eu","key":"k","list":["a",{"key":"k","region":"us"}]},"list":["a"]}"#;
    let file = secret(text, &["region", "list"]);
    assert_eq!(file.public_member("region").unwrap(), r#"{"list":["a",{"region":"us"}],"region":"eu"}"#);
    assert_eq!(file.public_member("list").unwrap(), r#"["a"]"#);
    let inner = file.member("region").unwrap();
    assert_eq!((inner.public_member("region").as_deref(), inner.public_member("key")), (Some("eu"), None));
    assert!(inner.member("key").is_some() && inner.member("region").is_none());
}

#[test]
fn only_public_members_are_readable() {
    let key = secret(r#"{"client_email":"a@b","private_key":"k","n":1}"#, &["client_email", "n"]);
    assert_eq!(key.public_member("client_email").as_deref(), Some("a@b"));
    assert_eq!(key.public_member("private_key"), None);
    assert_eq!(key.public_member("n").as_deref(), Some("1"));
    let private = key.member("private_key").unwrap();
    assert_eq!(*private.origin, Origin::Itself(source(Some("private_key"))));
    assert!(key.member("client_email").is_none());
    assert!(key.member("absent").is_none());
    assert!(key.member("n").is_none());
}

#[test]
fn a_member_that_is_an_object_has_the_same_names_public() {
    let file = secret(r#"{"default":{"region":"eu-west-1","key":"k"},"list":["l"]}"#, &["region"]);
    assert!(file.public_member("default").is_none() && file.member("list").is_none());
    let section = file.member("default").unwrap();
    assert_eq!(section.public_member("region").as_deref(), Some("eu-west-1"));
    assert_eq!(section.member("key").unwrap().value(), b"k");
}

#[test]
fn a_secret_that_is_not_a_key_does_not_sign() {
    let message = secret("hunter2", &[]).sign_rs256(&[bytes("x")]).err().unwrap();
    assert!(!message.contains("hunter2"));
}

#[test]
fn only_what_a_service_answered_with_is_received_and_nothing_of_it_is_read() {
    let received = Secret::received(Zeroizing::new(br#"{"a":"b"}"#.to_vec()));
    assert!(received.is_received() && received.public_member("a").is_none());
    // What is made of it, and what the flavor knows or was lent, is no key.
    for other in [
        received.member("a").unwrap(),
        received.hmac_sha256(b"", &[]),
        Secret::sha256(&[bytes("a text that the flavor knows")]),
        secret("hunter2", &[]),
    ] {
        assert!(!other.is_received());
    }
}
