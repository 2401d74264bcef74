//! Token servers, honest and hostile.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use super::fake::{Fake, PASSWORD, Seen, alice, answer, bearer, open_impatiently, token};
use crate::credential::Credential;
use crate::distribution::Error;
use crate::error::{Explain as _, Kind};

async fn registry(token_server: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Fake {
    Fake::start(move |seen| if seen.line.contains("/token") { token_server(seen) } else { bearer(seen) }).await
}

async fn refusal(credential: Credential, token_server: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Error {
    let fake = registry(token_server).await;
    let error = fake.open(credential).authenticate().await.unwrap_err();
    let all = format!("{error} {error:?} {:?}", error.hint());
    assert!(!all.contains(PASSWORD) && !all.contains("Y29ycmVjdC"), "{all}");
    error
}

#[tokio::test]
async fn an_identity_token_is_exchanged_by_post() {
    let fake = registry(|_| answer(200, &[], "{\"access_token\":\"a\",\"token\":\"b\"}")).await;
    fake.open(Credential::IdentityToken("refresh&me".into())).authenticate().await.unwrap();
    let post = &fake.seen("POST /token")[0];
    assert_eq!(
        std::str::from_utf8(&post.body).unwrap(),
        "grant_type=refresh_token&service=fake&client_id=crhost&scope=repository%3Aacme%2Ftrain%3Apull%2Cpush&\
         refresh_token=refresh%26me"
    );
    assert_eq!((post.header("authorization"), post.header("content-length")), ("", "127"));
}

/// Harbor 2 writes both members and fills one; others write numbers as strings, or `null`.
#[tokio::test]
async fn the_token_is_taken_from_whichever_member_holds_one() {
    for body in [
        r#"{"token":"J","access_token":"","expires_in":1800,"issued_at":"2024-01-01T00:00:00Z"}"#,
        r#"{"token":"J","access_token":null}"#,
        r#"{"token":"","access_token":"J"}"#,
        r#"{"token":null,"access_token":"J","expires_in":"300"}"#,
        r#"{"access_token":"J","expires_in":"soon","issued_at":5}"#,
        r#"{"token":"J","expires_in":300.0,"token":"J"}"#,
    ] {
        let fake = registry(move |_| answer(200, &[], body)).await;
        fake.open(alice()).authenticate().await.unwrap();
        assert_eq!(fake.seen("GET /token").len(), 1, "{body}");
    }
}

#[tokio::test]
async fn an_identity_token_becomes_a_password_where_post_is_unknown() {
    let fake = registry(|seen| if seen.is("POST") { answer(405, &[], "") } else { token("t") }).await;
    fake.open(Credential::IdentityToken("refresh".into())).authenticate().await.unwrap();
    // `<token>:refresh`
    assert_eq!(fake.seen("GET /token")[0].header("authorization"), "Basic PHRva2VuPjpyZWZyZXNo");
}

#[tokio::test]
async fn an_identity_token_becomes_a_password_whatever_a_server_without_post_answers() {
    for status in [400, 401, 403, 404, 405, 501] {
        let fake = registry(move |seen| if seen.is("POST") { answer(status, &[], "") } else { token("t") }).await;
        fake.open(Credential::IdentityToken("refresh".into())).authenticate().await.unwrap();
        assert_eq!(fake.seen("GET /token").len(), 1, "{status}");
    }
    // One that is refused by both is told in the words of the newer protocol.
    let error = refusal(Credential::IdentityToken("refresh".into()), |seen| match seen.is("POST") {
        true => answer(400, &[], r#"{"error":"invalid_grant","error_description":"token is too old."}"#),
        false => answer(401, &[], "no"),
    })
    .await;
    assert!(error.to_string().ends_with("refused the identity token: token is too old"), "{error}");
}

#[tokio::test]
async fn refused_credentials_are_told_in_the_token_servers_words() {
    let error = refusal(alice(), |_| answer(401, &[], "{\"details\":\"incorrect username or password\"}")).await;
    assert!(matches!(error, Error::WrongCredentials { .. }), "{error}");
    assert!(error.to_string().ends_with(": incorrect username or password"), "{error}");
    let error = refusal(Credential::Anonymous, |_| answer(401, &[], "")).await;
    assert!(matches!(error, Error::NoCredentials { .. }), "{error}");
    let error = refusal(alice(), |_| answer(503, &[("retry-after", "7")], "busy")).await;
    assert!(error.retry().is_possible());
    assert_eq!(error.retry().after().unwrap().as_secs(), 7);
}

#[tokio::test]
async fn an_echoed_password_is_not_shown() {
    let echo = |seen: &Seen| answer(400, &[], format!("you sent {PASSWORD} as {}", seen.header("authorization")));
    assert_eq!(refusal(alice(), echo).await.kind(), Kind::Auth);
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_not_quoted() {
    for body in [
        "<html>".to_owned(),
        "{}".to_owned(),
        "{\"token\":\"\"}".to_owned(),
        "{\"token\":\"a\\r\\nX-Evil: secret\"}".to_owned(),
        "{\"token\":[7]}".to_owned(),
        format!("{{\"token\":\"{}\"}}", "secret".repeat(20_000)),
    ] {
        let error = refusal(alice(), move |_| answer(200, &[], body.clone())).await;
        assert!(matches!(error, Error::Protocol { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_life_that_makes_no_sense_is_the_default_one() {
    for life in ["0", "-5", "null", "9000000000000000000"] {
        let fake = registry(move |_| answer(200, &[], format!("{{\"token\":\"t\",\"expires_in\":{life}}}"))).await;
        let client = fake.open(alice());
        client.authenticate().await.unwrap();
        client.authenticate().await.unwrap();
        assert_eq!(fake.seen("GET /token").len(), 1, "{life}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out() {
    let fake = registry(|_| answer(200, &[], "{\"token\":\"t\",\"expires_in\":1}")).await;
    let client = fake.open(alice());
    client.authenticate().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    client.authenticate().await.unwrap();
    assert_eq!(fake.seen("GET /token").len(), 2);
}

#[tokio::test]
async fn credentials_follow_no_redirect_of_a_token_server() {
    let other = Fake::start(|_| token("t")).await;
    let location = format!("http://localhost:{}/token", other.port());
    let error = refusal(alice(), move |_| answer(307, &[("location", &location)], "")).await;
    assert_eq!(error.status(), Some(307));
    assert!(other.seen("").is_empty());
}

#[tokio::test]
async fn credentials_go_to_no_suspicious_realm() {
    for realm in [
        "http://169.254.169.254/token",
        "http://10.1.2.3/token",
        "https://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
        "/token",
        "http://alice@127.0.0.1/token",
        &format!("gopher://{}", "x".repeat(10_000)),
    ] {
        let challenge = format!("Bearer realm=\"{realm}\"");
        let fake = Fake::start(move |_| answer(401, &[("www-authenticate", &challenge)], "")).await;
        let error = fake.open(alice()).authenticate().await.unwrap_err();
        assert!(matches!(error, Error::Destination { .. }), "{error}");
        assert!(error.to_string().len() < 500);
        assert_eq!(fake.seen("").len(), 1);
    }
}

#[tokio::test]
async fn a_realm_on_another_host_gets_the_credentials_and_the_registry_only_the_token() {
    let server = Fake::start(|_| token("t")).await;
    let realm = format!("http://localhost:{}/token?keep=1", server.port());
    let fake = Fake::start(move |seen| match seen.header("authorization") {
        "" => answer(401, &[("www-authenticate", &format!("Bearer realm=\"{realm}\""))], ""),
        _ => answer(202, &[("location", "/up")], ""),
    })
    .await;
    fake.open(alice()).start_upload().await.map(drop).unwrap();
    assert!(server.seen("GET /token?keep=1&scope=")[0].header("authorization").starts_with("Basic "));
    assert_eq!(fake.seen("POST")[0].header("authorization"), "Bearer t");
}

#[tokio::test]
async fn a_silent_token_server_is_not_waited_for_for_ever() {
    let fake = Fake::start(|seen| {
        let challenge = format!("Bearer realm=\"http://{}/never-answers\"", seen.me);
        answer(401, &[("www-authenticate", &challenge)], "")
    })
    .await;
    let error = open_impatiently(&fake.host, alice()).authenticate().await.unwrap_err();
    assert!(matches!(error, Error::Silent { .. }), "{error}");
}

#[tokio::test]
async fn a_token_that_came_in_part_is_asked_for_again_and_one_that_never_ends_is_none() {
    let broken = || stream::iter([Ok(Bytes::from_static(b"{\"token\":\"t")), Err(std::io::Error::other("cut"))]);
    let error = refusal(alice(), move |_| answer(200, &[], Body::from_stream(broken()))).await;
    assert!(matches!(error, Error::Interrupted { .. }) && error.retry().is_possible(), "{error}");
    let endless = || stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 64 * 1024])));
    let error = refusal(alice(), move |_| answer(200, &[], Body::from_stream(endless()))).await;
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
}
