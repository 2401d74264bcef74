//! Token servers that redirect, and answers in forms that others than the specification's own servers give.

use std::io::Write as _;

use axum::response::Response;

use super::fake::{Fake, PASSWORD, Seen, alice, answer, bearer, token};
use crate::credential::Credential;
use crate::error::Explain as _;

async fn registry(token_server: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Fake {
    Fake::start(move |seen| if seen.line.contains("/token") { token_server(seen) } else { bearer(seen) }).await
}

/// Redirects `/token` to this place, and gives a token elsewhere.
fn moved(status: u16, place: String) -> impl Fn(&Seen) -> Response + Send + Sync + 'static {
    move |seen| match seen.line.contains("/token?") || seen.line.ends_with("/token") {
        true => answer(status, &[("location", &place)], ""),
        false => token("t"),
    }
}

#[tokio::test]
async fn a_token_server_may_redirect_and_the_password_goes_along_to_the_same_server() {
    for status in [301, 302, 303, 307, 308] {
        let fake = registry(moved(status, "/token/2?a=b".to_owned())).await;
        fake.open(alice()).authenticate().await.unwrap();
        let seen = fake.seen("GET /token/2?a=b");
        assert_eq!((seen.len(), seen[0].header("authorization").is_empty()), (1, false), "{status}");
    }
}

#[tokio::test]
async fn a_question_without_a_secret_may_be_redirected_to_another_server() {
    let other = Fake::start(|_| token("t")).await;
    let place = format!("http://{}/", other.host);
    let fake = registry(moved(307, place.clone())).await;
    fake.open(Credential::Anonymous).authenticate().await.unwrap();
    assert_eq!(other.seen("GET").len(), 1);
    for credential in [alice(), Credential::IdentityToken("refresh".into())] {
        let fake = registry(moved(307, place.clone())).await;
        assert!(fake.open(credential).authenticate().await.is_err());
        assert_eq!(other.seen("").len(), 1);
    }
}

#[tokio::test]
async fn a_refresh_token_follows_a_redirect_that_keeps_the_content_on_the_same_server() {
    let fake = registry(moved(308, "/token/2".to_owned())).await;
    fake.open(Credential::IdentityToken("refresh".into())).authenticate().await.unwrap();
    assert!(std::str::from_utf8(&fake.seen("POST /token/2")[0].body).unwrap().ends_with("refresh_token=refresh"));
}

#[tokio::test]
async fn a_redirect_into_a_private_network_or_without_end_is_refused() {
    for (place, words) in [
        ("http://192.168.77.1/token", "would use plain http to another host"),
        ("https://169.254.169.254/latest", "inside a private network"),
        ("gopher://x", "neither https nor http"),
        ("/token", "it redirects without end"),
    ] {
        let fake = registry(moved(307, place.to_owned())).await;
        let error = fake.open(alice()).authenticate().await.unwrap_err();
        assert!(error.to_string().contains(words), "{place}: {error}");
        assert!(!format!("{error:?} {:?}", error.hint()).contains(PASSWORD));
    }
}

#[tokio::test]
async fn only_a_text_with_more_than_blanks_is_a_token() {
    for body in [
        r#"{"token":"J","access_token":5}"#,
        r#"{"token":"J","access_token":{}}"#,
        r#"{"token":"J","access_token":false}"#,
        r#"{"token":" J\r\n","access_token":[]}"#,
    ] {
        let fake = registry(move |_| answer(200, &[], body)).await;
        let _ = fake.open(alice()).start_upload().await;
        assert_eq!(fake.seen("POST")[0].header("authorization"), "Bearer J", "{body}");
    }
    for body in [r#"{"token":5}"#, r#"{"token":" "}"#] {
        let fake = registry(move |_| answer(200, &[], body)).await;
        let error = fake.open(alice()).authenticate().await.unwrap_err();
        assert!(error.to_string().ends_with("it holds no token"), "{body}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_is_compressed_unasked_is_read_up_to_the_limit() {
    let gzip = |text: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    };
    let bomb = [b"{\"token\":\"t\"}".as_slice(), &b" ".repeat(1 << 20)].concat();
    for (body, good) in [(gzip(b"{\"token\":\"t\"}"), true), (gzip(&bomb), false), (b"{}".to_vec(), false)] {
        let fake = registry(move |_| answer(200, &[("content-encoding", "gzip")], body.clone())).await;
        assert_eq!(fake.open(alice()).authenticate().await.is_ok(), good);
    }
}

#[tokio::test]
async fn a_challenge_without_a_usable_token_server_gives_way_to_the_password() {
    for realm in ["", " ", "https://10.0.0.1/token", "/token"] {
        let fake = Fake::start(move |seen| match seen.header("authorization") {
            "" => {
                let bearer = format!("Bearer realm=\"{realm}\",service=\"s\"");
                answer(401, &[("www-authenticate", &bearer), ("www-authenticate", "Basic realm=x")], "")
            }
            _ => answer(200, &[], ""),
        })
        .await;
        assert!(fake.open(alice()).authenticate().await.is_ok(), "{realm}");
        assert!(fake.open(Credential::Anonymous).authenticate().await.is_err(), "{realm}");
    }
}
