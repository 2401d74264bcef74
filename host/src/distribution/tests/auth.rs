//! How a repository is opened.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use secrecy::ExposeSecret as _;

use super::fake::{Fake, PASSWORD, alice, answer, bearer, open, pieces, token};
use crate::credential::{Credential, Login};
use crate::distribution::{Error, renewals};
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, Tag, media_type};

const BASIC_ALICE: &str = "Basic YWxpY2U6Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";

async fn basic_registry() -> Fake {
    Fake::start(|seen| match seen.header("authorization") {
        BASIC_ALICE => answer(200, &[], ""),
        _ => answer(401, &[("www-authenticate", "Basic realm=x")], "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}"),
    })
    .await
}

#[tokio::test]
async fn a_password_is_sent_only_after_the_registry_asked_for_it() {
    let fake = basic_registry().await;
    fake.open(alice()).authenticate().await.unwrap();
    let seen = fake.seen("GET /v2/");
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].header("authorization"), "");
    assert_eq!(seen[1].header("authorization"), BASIC_ALICE);
}

#[tokio::test]
async fn a_wrong_password_and_no_password_are_told_apart() {
    let fake = basic_registry().await;
    let wrong = Credential::Basic { username: "alice".to_owned(), password: "wrong".into() };
    let error = fake.open(wrong).authenticate().await.unwrap_err();
    assert!(matches!(error, Error::WrongCredentials { .. }), "{error}");
    assert_eq!(error.kind(), Kind::Auth);
    assert!(error.to_string().ends_with("refused the credentials of `alice`: UNAUTHORIZED"), "{error}");

    let error = fake.open(Credential::Anonymous).authenticate().await.unwrap_err();
    assert!(error.to_string().ends_with("requires a login, and no credentials were found"), "{error}");
    assert!(error.hint().unwrap().contains("log in"));

    let error = fake.open(Credential::IdentityToken("t".into())).authenticate().await.unwrap_err();
    assert!(error.to_string().ends_with("asks for `basic`, which can't be answered with an identity token"), "{error}");
}

#[tokio::test]
async fn a_name_with_a_colon_is_never_sent() {
    let fake = basic_registry().await;
    let credential = Credential::Basic { username: "a:b".to_owned(), password: PASSWORD.into() };
    assert!(matches!(fake.open(credential).authenticate().await, Err(Error::Unanswerable { .. })));
    assert_eq!(fake.seen("GET").len(), 1);
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_question_and_one_token() {
    let fake = Fake::start(|seen| match seen.line.as_str() {
        "GET /v2/" => bearer(seen),
        line if line.starts_with("GET /token") => token("good"),
        _ => answer(
            if seen.header("authorization") == "Bearer good" { 200 } else { 401 },
            &[("content-length", "7")],
            "",
        ),
    })
    .await;
    let client = fake.open(alice());
    let blobs: Vec<_> = (0..8_u8).map(|n| Digest::of(&[n])).collect();
    let heads = blobs.iter().map(|digest| client.has_blob(digest));
    assert!(futures_util::future::join_all(heads).await.iter().all(|head| head.as_ref().unwrap().is_some()));
    assert_eq!(fake.seen("GET /v2/").len(), 1);
    let tokens = fake.seen("GET /token");
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].header("authorization"), BASIC_ALICE);
    assert!(tokens[0].is("GET /token?service=fake&scope=repository%3Aacme%2Ftrain%3Apull%2Cpush&client_id=crhost"));
}

/// A registry whose first token runs out while it is being used.
async fn forgetful_registry(refusal: u16, body: &'static str) -> Fake {
    let tokens = AtomicUsize::new(0);
    Fake::start(move |seen| match seen.line.as_str() {
        "GET /v2/" => bearer(seen),
        line if line.starts_with("GET /token") => token(&format!("t{}", tokens.fetch_add(1, Ordering::SeqCst))),
        line if line.starts_with("POST") => answer(202, &[("location", "/up?s=1")], ""),
        _ if seen.header("authorization") == "Bearer t0" => match refusal {
            401 => bearer(seen),
            status => answer(status, &[], body),
        },
        _ => answer(201, &[], ""),
    })
    .await
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_request_sent_again() {
    let expired = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Your authorization token has expired\"}]}";
    for (refusal, body) in [(401, ""), (403, expired), (400, expired)] {
        let fake = forgetful_registry(refusal, body).await;
        let manifest = Bytes::from_static(b"{}");
        fake.open(alice()).put_manifest(&Tag::latest(), media_type::OCI_MANIFEST, manifest.clone()).await.unwrap();
        let puts = fake.seen("PUT /v2/acme/train/manifests/latest");
        assert_eq!(puts.len(), 2);
        assert!(puts.iter().all(|put| put.body == manifest));
        assert_eq!(puts[1].header("authorization"), "Bearer t1");
    }
}

#[tokio::test]
async fn a_stream_that_meets_a_refused_token_is_not_sent_twice_but_can_be_tried_again() {
    let fake = forgetful_registry(401, "").await;
    let client = fake.open(alice());
    let digest = Digest::of(b"abc");
    let error = client.start_upload().await.unwrap().put(&digest, 3, pieces(&["abc"])).await.unwrap_err();
    assert!(matches!(error, Error::TokenExpired { .. }), "{error}");
    assert!(error.retry().is_possible());
    client.start_upload().await.unwrap().put(&digest, 3, pieces(&["abc"])).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_meets_a_refused_password_has_it_renewed_before_the_next_request() {
    let fake = Fake::start(|seen| match (seen.line.as_str(), seen.header("authorization")) {
        (_, BASIC_ALICE) if seen.is("HEAD") => answer(404, &[], ""),
        (_, "") => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
        // The old one runs out after the upload was opened; a refused question has no words.
        (line, _) if line.starts_with("POST") => answer(202, &[("location", "/up")], ""),
        (line, _) if line.starts_with("PUT") => answer(403, &[], "{\"errors\":[{\"message\":\"expired\"}]}"),
        _ => answer(403, &[], ""),
    })
    .await;
    let client = fake.open(Credential::Basic { username: "alice".to_owned(), password: "old".into() });
    let (renewer, mut renewals) = renewals();
    client.renew_with(None, renewer).await;
    let asked = Cell::new(0);
    let fresh = async || {
        asked.set(asked.get() + 1);
        Some(Login::lasting(alice()))
    };
    let digest = Digest::of(b"abc");
    let push = async {
        let error = client.start_upload().await.unwrap().put(&digest, 3, pieces(&["abc"])).await.unwrap_err();
        assert!(matches!(error, Error::TokenExpired { .. }) && error.retry().is_possible(), "{error}");
        assert_eq!(client.has_blob(&digest).await.unwrap(), None);
    };
    tokio::select! {
        () = push => assert_eq!(asked.get(), 1),
        never = renewals.serve(&fresh) => match never {},
    }
}

#[tokio::test]
async fn a_token_that_opens_nothing_ends_in_the_registrys_own_words() {
    let fake = Fake::start(|seen| match seen.line.as_str() {
        line if line.starts_with("GET /token") => token("weak"),
        line if line.starts_with("POST") => {
            let mut response = bearer(seen);
            *response.body_mut() = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"read only\"}]}".into();
            response
        }
        _ => bearer(seen),
    })
    .await;
    let error = fake.open(alice()).start_upload().await.err().unwrap();
    assert!(
        error.to_string().ends_with("doesn't let the credentials of `alice` push to `acme/train`: DENIED: read only"),
        "{error}"
    );
    assert_eq!((error.kind(), error.retry().is_possible()), (Kind::Auth, false));
    assert!(fake.seen("GET /token").len() <= 2 && fake.seen("POST").len() <= 2);

    let error = fake.open(Credential::Anonymous).start_upload().await.err().unwrap();
    assert!(matches!(error, Error::NoCredentials { .. }), "{error}");
}

#[tokio::test]
async fn a_scope_that_the_registry_misses_is_asked_for_after_our_own() {
    let fake = Fake::start(|seen| match seen.line.as_str() {
        "GET /v2/" => bearer(seen),
        line if line.starts_with("GET /token") && line.contains("other") => token("wide"),
        line if line.starts_with("GET /token") => token("narrow"),
        _ if seen.header("authorization") == "Bearer wide" => answer(404, &[], ""),
        _ => {
            let scope = "scope=\"repository:other:pull repository:acme/train:push,pull\",error=\"insufficient_scope\"";
            let challenge = format!("Bearer realm=\"http://{}/token\",{scope}", seen.me);
            answer(401, &[("www-authenticate", &challenge)], "")
        }
    })
    .await;
    assert_eq!(fake.open(alice()).has_blob(&Digest::of(b"")).await.unwrap(), None);
    let wide = fake.seen("GET /token").pop().unwrap().line;
    assert!(wide.contains("scope=repository%3Aacme%2Ftrain%3Apull%2Cpush&scope=repository%3Aother%3Apull&"), "{wide}");
}

#[tokio::test]
async fn a_registry_that_is_open_at_first_may_ask_later() {
    let fake = Fake::start(|seen| match (seen.line.as_str(), seen.header("authorization")) {
        ("GET /v2/", _) => answer(200, &[], ""),
        (_, BASIC_ALICE) => answer(202, &[("location", "/up")], ""),
        _ => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
    })
    .await;
    assert!(fake.open(alice()).start_upload().await.is_ok());
    assert!(matches!(fake.open(Credential::Anonymous).start_upload().await, Err(Error::NoCredentials { .. })));
}

#[tokio::test]
async fn a_credential_that_is_refused_is_renewed_once() {
    let fake = basic_registry().await;
    let old = || Credential::Basic { username: "alice".to_owned(), password: "old".into() };
    for (renewed, renewals_wanted) in [(Some(alice()), 1), (Some(old()), 1), (None, 1)] {
        let client = fake.open(old());
        let (renewer, mut renewals) = renewals();
        client.renew_with(None, renewer).await;
        let asked = Cell::new(0);
        let fresh = async || {
            asked.set(asked.get() + 1);
            renewed.clone().map(Login::lasting)
        };
        let is_good = matches!(&renewed, Some(Credential::Basic { password, .. }) if password.expose_secret() != "old");
        tokio::select! {
            opened = client.authenticate() => assert_eq!(opened.is_ok(), is_good),
            never = renewals.serve(&fresh) => match never {},
        }
        assert_eq!(asked.get(), renewals_wanted);
    }
}

#[tokio::test]
async fn a_credential_that_is_refused_twice_is_wrong_however_that_is_said() {
    let expired = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Your authorization token has expired. \
                   Reauthenticate and try again.\"}]}";
    for (refusal, body) in [(401, ""), (403, expired), (400, expired)] {
        let fake = Fake::start(move |seen| match seen.header("authorization") {
            "" => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
            _ => answer(refusal, &[], body),
        })
        .await;
        let client = fake.open(Credential::Basic { username: "alice".to_owned(), password: "old".into() });
        let (renewer, mut renewals) = renewals();
        client.renew_with(None, renewer).await;
        let asked = Cell::new(0);
        let fresh = async || {
            asked.set(asked.get() + 1);
            Some(Login::lasting(alice()))
        };
        let error = tokio::select! {
            opened = client.authenticate() => opened.unwrap_err(),
            never = renewals.serve(&fresh) => match never {},
        };
        assert!(matches!(error, Error::WrongCredentials { .. }), "{refusal}: {error}");
        assert_eq!((error.kind(), error.retry().is_possible()), (Kind::Auth, false));
        assert_eq!((asked.get(), fake.seen("GET /v2/").len()), (1, 3), "{refusal}");
    }
}

#[tokio::test]
async fn an_upload_that_expired_says_nothing_about_credentials() {
    let words = "{\"errors\":[{\"code\":\"BLOB_UPLOAD_INVALID\",\"message\":\"the upload has expired\"}]}";
    let fake = Fake::start(move |seen| match seen.header("authorization") {
        BASIC_ALICE => answer(400, &[], words),
        _ => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
    })
    .await;
    let error = fake.open(alice()).start_upload().await.err().unwrap();
    assert!(error.retry().is_possible(), "{error}");
    assert_eq!(fake.seen("POST").len(), 1);
}

#[tokio::test]
async fn a_credential_that_comes_to_its_end_is_renewed_before_it_is_used() {
    let fake = basic_registry().await;
    let client = fake.open(Credential::Basic { username: "alice".to_owned(), password: "old".into() });
    let (renewer, mut renewals) = renewals();
    client.renew_with(Some(Instant::now()), renewer).await;
    let fresh = async || Some(Login::lasting(alice()));
    tokio::select! {
        opened = client.authenticate() => opened.unwrap(),
        never = renewals.serve(&fresh) => match never {},
    }
    let refused = fake.seen("GET /v2/").into_iter().filter(|seen| !seen.header("authorization").is_empty()).count();
    assert_eq!(refused, 1, "the old one was sent");
}

#[tokio::test]
async fn a_scheme_that_is_not_understood_is_named() {
    let fake = Fake::start(|_| answer(401, &[("www-authenticate", "Negotiate")], "")).await;
    let error = open(&fake.host, alice()).authenticate().await.unwrap_err();
    assert!(error.to_string().contains("asks for `negotiate`, which can't be answered"), "{error}");
}
