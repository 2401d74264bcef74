use super::*;
use crate::http::{Api, Encoding, Form, Request, SecretValue, Value};
use crate::testing::{answer, connector, image, registry};
use crate::types::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, FailureKind, Field, Image, Operation,
    Password, Prepared, Purpose, Registry, UploadProfile,
};
use crate::{clock, log, secrets};

const REPOSITORY: &str = "https://api.acme.example/v1/repositories/train";

/// A flavor that creates missing repositories, and declares only that it reads them.
struct Acme;

impl Flavor for Acme {
    fn describe() -> Description {
        let read = Operation::new("read", "Reads a repository")
            .get()
            .host("https://api.acme.example")
            .path("/v1/repositories/*")
            .bearer("token");
        Description::new("acme", "1.0.0", "ACME").auth_method(
            AuthMethod::new("acme", "token", "A token").field(Field::secret("token", "The token")).operation(read),
        )
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        Ok(AcceptedUri::new(uri))
    }

    fn prepare_image_push(_: Registry, connector: Option<Connector>, image: Image) -> Result<Prepared, Failure> {
        let connector = connector.ok_or_else(|| Failure::unauthenticated("no connector"))?;
        let api = Api::bearer("https://api.acme.example", connector.required_secret("token")?);
        let path = format!("/v1/repositories/{}", image.repository);
        let prepared = Prepared::new(UploadProfile::standard());
        match api.get(&path)?.status {
            404 => api.request(Method::Put, &path).send().map(|_| prepared.note("created")).map_err(Failure::from),
            _ => Ok(prepared),
        }
    }

    fn credentials(
        _: Registry,
        connector: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        let connector = connector.ok_or_else(|| Failure::unauthenticated("no connector"))?;
        let expiry = clock::now() + 60;
        Ok(Credential::basic("robot", connector.into_password("token")?).expires_at(expiry).into())
    }
}

fn prepare(host: &Host) -> Result<Prepared, Failure> {
    let connector = connector("token", &[]).with_secret("token", host.secret("t0ken"));
    Acme::prepare_image_push(registry("acme.example", &[]), Some(connector), image("acme.example", "train"))
}

#[test]
fn a_whole_preparation_runs_natively_and_shows_what_it_sent() {
    let host = Host::at(0).answers(Method::Get, REPOSITORY, answer(404, "{}")).answers(
        Method::Put,
        REPOSITORY,
        answer(201, "{}"),
    );
    assert_eq!(prepare(&host).unwrap().notes, ["created"]);
    let sent = host.sent();
    assert_eq!(
        sent.iter().map(Sent::line).collect::<Vec<_>>(),
        [format!("GET {REPOSITORY}"), format!("PUT {REPOSITORY}")]
    );
    assert!(sent.iter().all(|request| request.header("Authorization") == Some("Bearer t0ken")));
}

#[test]
fn a_request_that_describe_does_not_declare_is_denied_as_crhost_denies_it() {
    let host = Host::at(0).holding::<Acme>().answers(Method::Get, REPOSITORY, answer(404, "{}"));
    let failure = prepare(&host).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(failure.message.contains("no operation of `describe` has the request"), "{}", failure.message);
}

#[test]
fn a_service_that_can_not_be_reached_is_a_failure() {
    let host = Host::at(0).fails(Method::Get, REPOSITORY, Error::Timeout);
    assert_eq!(prepare(&host).unwrap_err().kind, FailureKind::Unavailable);
}

#[test]
fn a_credential_has_the_test_s_time_and_the_handle_of_the_secret() {
    let host = Host::at(1_000);
    host.wait(5);
    let connector = connector("token", &[]).with_secret("token", host.secret("t0ken"));
    let given = Acme::credentials(registry("acme.example", &[]), Some(connector), Purpose::Push, None).unwrap();
    let Credential::Basic(basic) = given else { panic!("{given:?}") };
    let Password::Secret(secret) = &basic.password else { panic!("the token is not a secret any more") };
    assert_eq!((host.revealed(secret).as_str(), basic.expires_at), ("t0ken", Some(1_065)));
}

/// Vector 2 of RFC 4231, section 4.3, and the hash of RFC 6234.
#[test]
fn secrets_are_hashed_and_signed_over_as_crhost_does_it() {
    let host = Host::at(0).answers(Method::Post, "https://a.example/", answer(200, ""));
    let key = host.secret("Jefe");
    let code = key.hmac_sha256(b"", &["what do ya want ".into(), "for nothing?".into()]).unwrap();
    let hash = secrets::sha256(&["abc".into()]).unwrap();
    let signed = key.sign_rs256(&["header.".into(), (&key).into()]).unwrap();
    Request::new(Method::Post, "https://a.example/")
        .header("x-code", SecretValue::new(&code).before("v1 ").encoding(Encoding::Hex))
        .header("x-hash", SecretValue::new(&hash).encoding(Encoding::Base64url))
        .header("Authorization", Value::basic("ann", &key))
        .form(Form::new().text("a b", "ä&").secret("key", &signed))
        .send()
        .unwrap();
    let sent = host.sent().remove(0);
    let code = "v1 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(sent.header("x-code"), Some(code));
    assert_eq!(sent.header("x-hash"), Some("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"));
    assert_eq!(sent.header("authorization"), Some("Basic YW5uOkplZmU="));
    assert_eq!(sent.text(), "a%20b=%C3%A4%26&key=rs256%28header.Jefe%29");
}

#[test]
fn members_of_a_secret_object_are_public_or_handles() {
    let host = Host::at(0);
    let key = host.secret_json(&serde_json::json!({"id": "a", "key": "s", "of": {"id": 1, "key": "t"}}), &["id"]);
    assert_eq!(key.public_member("id").as_deref(), Some("a"));
    assert_eq!(key.public_member("key"), None);
    assert!(key.member("id").is_none() && key.member("none").is_none());
    assert_eq!(host.revealed(&key.member("key").unwrap()), "s");
    let of = key.member("of").unwrap();
    assert_eq!(of.public_member("id").as_deref(), Some("1"));
    assert_eq!(host.revealed(&of.member("key").unwrap()), "t");
}

#[test]
fn lines_of_the_log_are_kept_with_their_levels() {
    log::info("no host yet: this goes to standard error");
    let host = Host::at(0);
    log::warn("careful");
    log::debug("detail");
    assert_eq!(host.logged(), ["warn: careful", "debug: detail"]);
}

#[test]
#[should_panic(expected = "`clock::now` exists only in crhost: make a `crhost_flavor::testing::Host`")]
fn an_import_without_a_host_panics_in_words() {
    clock::now();
}

#[test]
#[should_panic(expected = "and the test expects `PUT https://api.acme.example/v1/repositories/train` next")]
fn another_request_than_expected_fails_the_test() {
    let host = Host::at(0).answers(Method::Put, REPOSITORY, answer(201, "{}"));
    let _ = prepare(&host);
}

#[test]
#[should_panic(expected = "the test expects `GET https://api.acme.example/v1/repositories/train`, which was not sent")]
fn an_expected_request_that_is_not_sent_fails_the_test() {
    drop(Host::at(0).answers(Method::Get, REPOSITORY, answer(200, "{}")));
}
