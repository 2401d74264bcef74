//! The list of an image's referrers under its tag, at fakes that keep manifests and know no referrers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};

use super::fake::{Fake, Seen, answer};
use crate::credential::Credential;
use crate::distribution::RepositoryClient;
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, media_type};

/// What a fake does that keeps manifests.
#[derive(Default)]
struct Habits {
    /// It says in its answers that it lists referrers itself.
    lists: bool,
    /// It refuses an index that names what it has not.
    looks: bool,
    /// Another client writes the list after this many writes of ours, as it was before.
    overwrites: usize,
}

type Manifests = Arc<Mutex<HashMap<String, (String, Bytes)>>>;

async fn keeper(habits: Habits) -> (Fake, Manifests) {
    let manifests = Manifests::default();
    let kept = Arc::clone(&manifests);
    let overwrites = Mutex::new(habits.overwrites);
    let fake = Fake::start(move |seen: &Seen| {
        let Some(name) = seen.line.split_once("/manifests/").map(|(_, name)| name.to_owned()) else {
            return answer(200, &[], "");
        };
        let mut kept = kept.lock().unwrap();
        if !seen.is("PUT") {
            let Some((media_type, bytes)) = kept.get(&name).cloned() else { return answer(404, &[], "") };
            return answer(200, &[("content-type", &media_type)], bytes);
        }
        let document: Value = serde_json::from_slice(&seen.body).unwrap();
        let named = document["manifests"].as_array().cloned().unwrap_or_default();
        if habits.looks && named.iter().any(|entry| !kept.contains_key(entry["digest"].as_str().unwrap())) {
            return answer(400, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#);
        }
        let mut left = overwrites.lock().unwrap();
        if name.starts_with("sha256-") && *left > 0 {
            *left -= 1;
            return answer(201, &[], "");
        }
        let media_type = seen.header("content-type").to_owned();
        kept.insert(Digest::of(&seen.body).to_string(), (media_type.clone(), seen.body.clone()));
        kept.insert(name, (media_type, seen.body.clone()));
        match document["subject"]["digest"].as_str().filter(|_| habits.lists) {
            Some(subject) => answer(201, &[("oci-subject", subject)], ""),
            None => answer(201, &[], ""),
        }
    })
    .await;
    (fake, manifests)
}

fn subject() -> Digest {
    Digest::of(b"the image")
}

fn tag() -> String {
    subject().as_str().replace(':', "-")
}

fn referrer(number: usize) -> Bytes {
    let subject = json!({ "mediaType": media_type::OCI_MANIFEST, "digest": subject(), "size": 9 });
    json!({ "schemaVersion": 2, "artifactType": "a/b", "subject": subject, "annotations": { "n": number.to_string() } })
        .to_string()
        .into()
}

async fn put(client: &RepositoryClient, bytes: &Bytes) -> Result<(), crate::distribution::Error> {
    client.put_manifest(&Digest::of(bytes), media_type::OCI_MANIFEST, bytes.clone()).await
}

fn listed(manifests: &Manifests) -> Vec<String> {
    let kept = manifests.lock().unwrap();
    let Some((media_type, bytes)) = kept.get(&tag()) else { return Vec::new() };
    assert_eq!(media_type, media_type::OCI_INDEX);
    let document: Value = serde_json::from_slice(bytes).unwrap();
    document["manifests"].as_array().unwrap().iter().map(|entry| entry["digest"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_registry_that_does_not_say_that_it_lists_a_referrer_gets_the_list_as_a_tag() {
    let (fake, manifests) = keeper(Habits::default()).await;
    let client = fake.open(Credential::Anonymous);
    let (first, second) = (referrer(1), referrer(2));
    put(&client, &first).await.unwrap();
    put(&client, &second).await.unwrap();
    let writes = fake.seen("PUT").len();
    put(&client, &second).await.unwrap();
    assert_eq!(listed(&manifests), [Digest::of(&first).to_string(), Digest::of(&second).to_string()]);
    assert_eq!(fake.seen("PUT").len(), writes + 1, "a referrer that is listed is not listed again");
    client.remove_referrer(&subject(), &Digest::of(&first)).await.unwrap();
    assert_eq!(listed(&manifests), [Digest::of(&second).to_string()]);
}

#[tokio::test]
async fn a_registry_that_says_that_it_lists_a_referrer_gets_no_tag() {
    let (fake, manifests) = keeper(Habits { lists: true, ..Habits::default() }).await;
    put(&fake.open(Credential::Anonymous), &referrer(1)).await.unwrap();
    assert!(listed(&manifests).is_empty());
    assert!(fake.seen("GET").iter().all(|seen| !seen.line.contains("sha256-")));
}

#[tokio::test]
async fn an_entry_that_another_writer_overwrote_is_written_again() {
    let (fake, manifests) = keeper(Habits { overwrites: 2, ..Habits::default() }).await;
    let only = referrer(1);
    put(&fake.open(Credential::Anonymous), &only).await.unwrap();
    assert_eq!(listed(&manifests), [Digest::of(&only).to_string()]);
}

#[tokio::test]
async fn referrers_that_one_process_sends_at_once_are_all_listed() {
    let (fake, manifests) = keeper(Habits::default()).await;
    let client = fake.open(Credential::Anonymous);
    let all: Vec<Bytes> = (0..8).map(referrer).collect();
    let sent = all.iter().map(|bytes| put(&client, bytes));
    assert!(futures_util::future::join_all(sent).await.into_iter().all(|sent| sent.is_ok()));
    assert_eq!(listed(&manifests).len(), all.len());
}

#[tokio::test]
async fn members_and_entries_of_others_stay_and_empty_and_repeated_ones_go() {
    let (fake, manifests) = keeper(Habits::default()).await;
    let other = json!({ "mediaType": "x/y", "digest": format!("sha512:{}", "a".repeat(128)), "size": 1, "own": [1] });
    let list = json!({ "schemaVersion": 2, "own": true, "manifests": [other, {}, other, null] });
    let stored = (media_type::OCI_INDEX.to_owned(), list.to_string().into());
    manifests.lock().unwrap().insert(tag(), stored);
    put(&fake.open(Credential::Anonymous), &referrer(1)).await.unwrap();
    let kept = manifests.lock().unwrap();
    let document: Value = serde_json::from_slice(&kept[&tag()].1).unwrap();
    assert_eq!((&document["own"], &document["manifests"][0]), (&true.into(), &other));
    assert_eq!(document["manifests"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn entries_of_deleted_manifests_do_not_keep_a_new_one_out() {
    let (fake, manifests) = keeper(Habits { looks: true, ..Habits::default() }).await;
    let gone = json!({ "mediaType": media_type::OCI_MANIFEST, "digest": Digest::of(b"deleted"), "size": 7 });
    let list = json!({ "schemaVersion": 2, "manifests": [gone] }).to_string();
    manifests.lock().unwrap().insert(tag(), (media_type::OCI_INDEX.to_owned(), list.into()));
    let new = referrer(1);
    put(&fake.open(Credential::Anonymous), &new).await.unwrap();
    assert_eq!(listed(&manifests), [Digest::of(&new).to_string()]);
}

/// As GitLab's does, where the tag `sha256-<hex>` is the digest `sha256:<hex>`.
#[tokio::test]
async fn an_image_that_answers_for_the_tag_is_no_list_and_another_content_is_not_overwritten() {
    let (fake, manifests) = keeper(Habits::default()).await;
    let image = (media_type::OCI_INDEX.to_owned(), Bytes::from_static(b"the image"));
    let new = referrer(1);
    let itself = (media_type::OCI_MANIFEST.to_owned(), new.clone());
    let of_new = Digest::of(&new).as_str().replace(':', "-");
    manifests.lock().unwrap().extend([(tag(), image.clone()), (of_new, itself)]);
    put(&fake.open(Credential::Anonymous), &new).await.unwrap();
    assert_eq!(listed(&manifests), [Digest::of(&new).to_string()]);

    // The same image, which a user gave that tag, is another content as well.
    for image in [(media_type::OCI_MANIFEST.to_owned(), Bytes::from_static(b"{}")), image] {
        let (fake, manifests) = keeper(Habits::default()).await;
        manifests.lock().unwrap().insert(tag(), image.clone());
        let client = fake.open(Credential::Anonymous);
        let error = put(&client, &new).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict, "{error}");
        client.remove_referrer(&subject(), &Digest::of(&new)).await.unwrap();
        assert_eq!(manifests.lock().unwrap()[&tag()], image);
    }
}

#[tokio::test]
async fn a_list_that_is_full_is_told() {
    let (fake, manifests) = keeper(Habits::default()).await;
    let entry = |n: u32| json!({ "digest": Digest::of(&n.to_be_bytes()), "annotations": { "a": "x".repeat(4_000) } });
    let list = json!({ "schemaVersion": 2, "manifests": (0..1_000).map(entry).collect::<Vec<_>>() });
    let room = (4 << 20) - list.to_string().len();
    let list = json!({ "schemaVersion": 2, "room": "x".repeat(room - 30), "manifests": list["manifests"] });
    manifests.lock().unwrap().insert(tag(), (media_type::OCI_INDEX.to_owned(), list.to_string().into()));
    let error = put(&fake.open(Credential::Anonymous), &referrer(1)).await.unwrap_err();
    assert!(error.to_string().contains("4 MiB"), "{error}");
}
