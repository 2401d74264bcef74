//! A fake registry of OCI 1.1, as zot is one: it lists referrers itself, in pages, and in ways that real ones have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::support::fakes::web::Web;
use crate::support::images::digest;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The habits of a registry.
#[derive(Clone, Copy, Default)]
pub(crate) struct Habits {
    /// It has the referrers API, and says so where a manifest has a subject.
    pub(crate) lists: bool,
    /// Entries of a page of referrers; all where it is 0.
    pub(crate) page: usize,
    /// It refuses manifests with `artifactType`.
    pub(crate) refuses_artifact_type: bool,
    /// Its API lists this many referrers more, which no client has sent.
    pub(crate) further: usize,
    /// Its API lists each manifest among its own referrers.
    pub(crate) lists_itself: bool,
    /// It answers the tag `sha256-<hex>` with the manifest of that digest, as GitLab's does.
    pub(crate) takes_tags_for_digests: bool,
    /// It gives other bytes than a blob's digest says.
    pub(crate) lies_about_blobs: bool,
}

/// A running fake.
pub(crate) struct ReferrersRegistry {
    web: Web,
    state: Shared,
}

type Shared = Arc<Mutex<Stored>>;

#[derive(Default)]
struct Stored {
    habits: Habits,
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, (String, Vec<u8>)>,
    is_read_only: bool,
}

impl ReferrersRegistry {
    /// Serves on a free port.
    pub(crate) fn start(habits: Habits) -> Self {
        let state = Shared::new(Mutex::new(Stored { habits, ..Stored::default() }));
        let web = Web::serve(Router::new().fallback(answer).with_state(Arc::clone(&state)));
        Self { web, state }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        self.web.host()
    }

    /// The names of all manifests: tags and digests.
    pub(crate) fn names(&self) -> Vec<String> {
        self.state.lock().unwrap().manifests.keys().cloned().collect()
    }

    /// A manifest by its tag or digest.
    pub(crate) fn manifest(&self, name: &str) -> Value {
        serde_json::from_slice(&self.state.lock().unwrap().manifests[name].1).unwrap()
    }

    /// Has a manifest and its blobs, and gives the manifest's digest.
    pub(crate) fn put(&self, name: &str, manifest: &Value, blobs: &[&[u8]]) -> String {
        let (bytes, mut state) = (manifest.to_string().into_bytes(), self.state.lock().unwrap());
        let digest = digest::of(&bytes);
        let media_type = manifest["mediaType"].as_str().unwrap().to_owned();
        state.manifests.insert(digest.clone(), (media_type.clone(), bytes.clone()));
        state.manifests.insert(name.to_owned(), (media_type, bytes));
        state.blobs.extend(blobs.iter().map(|blob| (digest::of(blob), blob.to_vec())));
        digest
    }

    /// Refuses all that would change something from now on.
    pub(crate) fn make_read_only(&self) {
        self.state.lock().unwrap().is_read_only = true;
    }
}

async fn answer(State(state): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = state.lock().unwrap();
    if state.is_read_only && !matches!(method, Method::GET | Method::HEAD) {
        return error(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED");
    }
    let path = uri.path();
    let query = |name: &str| {
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value.replace("%3A", ":"))
    };
    if path == "/v2/" {
        return StatusCode::OK.into_response();
    }
    if let Some((_, name)) = path.split_once("/blobs/uploads/") {
        let Some(digest) = query("digest") else {
            return (StatusCode::ACCEPTED, [("location", format!("{path}{name}1"))]).into_response();
        };
        state.blobs.insert(digest.clone(), body.to_vec());
        return (StatusCode::CREATED, [("docker-content-digest", digest)]).into_response();
    }
    if let Some((_, digest)) = path.split_once("/blobs/") {
        let lies = state.habits.lies_about_blobs && method == Method::GET;
        return match state.blobs.get(digest) {
            Some(_) if lies => b"something else".to_vec().into_response(),
            Some(bytes) => bytes.clone().into_response(),
            None => error(StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        };
    }
    if path.ends_with("/tags/list") {
        let tags: Vec<&String> = state.manifests.keys().filter(|name| !name.contains(':')).collect();
        return json!({ "name": "train", "tags": tags }).to_string().into_response();
    }
    if let Some((_, digest)) = path.split_once("/referrers/") {
        return referrers(&state, digest, query("from"));
    }
    let Some((_, name)) = path.split_once("/manifests/") else { return error(StatusCode::NOT_FOUND, "NAME_UNKNOWN") };
    if method == Method::PUT {
        return put_manifest(&mut state, name, &headers, &body);
    }
    let name = match name.strip_prefix("sha256-").filter(|hex| hex.len() == 64) {
        Some(hex) if state.habits.takes_tags_for_digests => format!("sha256:{hex}"),
        _ => name.to_owned(),
    };
    match state.manifests.get(&name) {
        Some((media_type, bytes)) => {
            let headers = [("content-type", media_type.clone()), ("docker-content-digest", digest::of(bytes))];
            (headers, bytes.clone()).into_response()
        }
        None => error(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
    }
}

fn put_manifest(state: &mut Stored, name: &str, headers: &HeaderMap, body: &[u8]) -> Response {
    let document: Value = serde_json::from_slice(body).unwrap();
    if state.habits.refuses_artifact_type && document.get("artifactType").is_some() {
        return error(StatusCode::BAD_REQUEST, "MANIFEST_INVALID");
    }
    let media_type = headers["content-type"].to_str().unwrap().to_owned();
    let digest = digest::of(body);
    state.manifests.insert(digest.clone(), (media_type.clone(), body.to_vec()));
    state.manifests.insert(name.to_owned(), (media_type, body.to_vec()));
    let subject = document["subject"]["digest"].as_str().filter(|_| state.habits.lists).map(str::to_owned);
    let digest = [("docker-content-digest", digest)];
    match subject {
        Some(subject) => (StatusCode::CREATED, digest, [("oci-subject", subject)]).into_response(),
        None => (StatusCode::CREATED, digest).into_response(),
    }
}

fn referrers(state: &Stored, subject: &str, from: Option<String>) -> Response {
    if !state.habits.lists {
        return error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    let mut all = Vec::new();
    for (name, (media_type, bytes)) in &state.manifests {
        let document: Value = serde_json::from_slice(bytes).unwrap();
        if name.starts_with("sha256:") && document["subject"]["digest"] == subject {
            let kind = document.get("artifactType").unwrap_or(&document["config"]["mediaType"]);
            all.push(json!({ "mediaType": media_type, "digest": name, "size": bytes.len(), "artifactType": kind }));
        }
    }
    if state.habits.lists_itself {
        all.push(json!({ "mediaType": MANIFEST, "digest": subject, "size": 2, "artifactType": "a/itself" }));
    }
    // Those of the image alone: theirs have none.
    if state.manifests.contains_key(subject) {
        all.extend((0..state.habits.further).map(|number| {
            let digest = digest::of(format!("{subject} {number}").as_bytes());
            json!({ "mediaType": MANIFEST, "digest": digest, "size": 2, "artifactType": "a/further" })
        }));
    }
    let from: usize = from.and_then(|from| from.parse().ok()).unwrap_or_default();
    let length = if state.habits.page == 0 { all.len() } else { state.habits.page };
    let page: Vec<&Value> = all.iter().skip(from).take(length).collect();
    let body = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": page }).to_string();
    let next = from + page.len();
    let link = format!("<?from={next}>; rel=\"next\"");
    match next < all.len() {
        true => ([("content-type", INDEX)], [("link", link)], body).into_response(),
        false => ([("content-type", INDEX)], body).into_response(),
    }
}

fn error(status: StatusCode, code: &str) -> Response {
    (status, json!({ "errors": [{ "code": code, "message": "the fake says no" }] }).to_string()).into_response()
}
