//! Credentials that are asked for only when the registry wants some, and tokens that have to be asked for again.

use std::cell::Cell;

use axum::response::Response;

use super::fake::{Fake, Seen, alice, answer, bearer, token};
use crate::credential::{Credential, Login};
use crate::distribution::{Error, renewals};
use crate::error::{Explain as _, Kind};

/// What opening an upload comes to with a credential that is renewed before its first use, and how often it was.
async fn upload(fake: &Fake, renewed: Credential) -> (Result<(), Error>, u32) {
    let client = fake.open(Credential::Anonymous);
    let (renewer, mut renewals) = renewals();
    client.renew_with(Some(std::time::Instant::now()), renewer).await;
    let asked = Cell::new(0);
    let fresh = async || {
        asked.set(asked.get() + 1);
        Some(Login::lasting(renewed.clone()))
    };
    let work = async {
        client.authenticate().await?;
        client.start_upload().await.map(drop)
    };
    let done = tokio::select! {
        done = work => done,
        never = renewals.serve(&fresh) => match never {},
    };
    (done, asked.get())
}

fn opened() -> Response {
    answer(202, &[("location", "/up")], "")
}

#[tokio::test]
async fn a_registry_that_wants_no_credentials_has_none_asked_for() {
    let fake = Fake::start(|seen| if seen.is("POST") { opened() } else { answer(200, &[], "") }).await;
    let (done, asked) = upload(&fake, alice()).await;
    assert!(done.is_ok());
    assert_eq!(asked, 0);
}

#[tokio::test]
async fn credentials_are_asked_for_as_soon_as_the_registry_wants_some() {
    let basic = |seen: &Seen| match seen.header("authorization") {
        "" => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
        _ if seen.is("POST") => opened(),
        _ => answer(200, &[], ""),
    };
    // At its first answer, and at the first upload.
    let late = move |seen: &Seen| if seen.is("GET /v2/") { answer(200, &[], "") } else { basic(seen) };
    for fake in [Fake::start(basic).await, Fake::start(late).await] {
        let (done, asked) = upload(&fake, alice()).await;
        assert!(done.is_ok());
        assert_eq!(asked, 1);
    }
    // No token is asked for without them.
    let fake = Fake::start(|seen| match (seen.is("GET /token"), seen.header("authorization")) {
        (true, "") => token("weak"),
        (true, _) => token("strong"),
        (false, "Bearer strong") => opened(),
        (false, _) => bearer(seen),
    })
    .await;
    assert!(upload(&fake, alice()).await.0.is_ok());
    assert_eq!(fake.seen("GET /token").len(), 1);
}

#[tokio::test]
async fn where_there_turn_out_to_be_none_that_is_said() {
    let fake = Fake::start(|_| answer(401, &[("www-authenticate", "Basic realm=x")], "")).await;
    let (done, asked) = upload(&fake, Credential::Anonymous).await;
    assert!(matches!(done, Err(Error::NoCredentials { .. })));
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_denial_for_the_tokens_scope_has_another_token_asked_for_once() {
    for (good, opens) in [("t2", true), ("t9", false)] {
        let counter = std::sync::atomic::AtomicUsize::new(0);
        let fake = Fake::start(move |seen| match seen.is("GET /token") {
            true => token(&format!("t{}", 1 + counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed))),
            false if seen.is("GET /v2/") => bearer(seen),
            false if seen.header("authorization") == format!("Bearer {good}") => opened(),
            false => {
                let scope = "scope=\"repository:acme/train:pull,push\",error=\"insufficient_scope\"";
                let challenge = format!("Bearer realm=\"http://{}/token\",{scope}", seen.me);
                answer(403, &[("www-authenticate", &challenge)], "")
            }
        })
        .await;
        let started = fake.open(alice()).start_upload().await;
        assert_eq!(started.is_ok(), opens);
        assert_eq!(fake.seen("POST").len(), 2);
        assert!(started.err().is_none_or(|error| error.kind() == Kind::Auth && !error.retry().is_possible()));
    }
}
