//! Lists: the repositories, the tags of one, and the manifests that belong to another (distribution specification,
//! "Content Discovery").

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::document::Referrer;
use super::metadata::Contents;
use crate::image::{Repository, media_type};
use crate::serve::any_digest::AnyDigest;
use crate::serve::api_error::{ApiError, Code, json_response};
use crate::serve::query::Query;

/// The header that names the filters which a list of referrers went through.
const FILTERS: &str = "oci-filters-applied";

/// The names of the repositories. The specification has no such list; that of the distribution project's registry is
/// known to clients.
pub(in crate::serve) fn catalog(contents: &Contents, query: &Query) -> Response<Body> {
    let (names, next) = page(contents.repositories(), query);
    linked(&json!({ "repositories": names }), "/v2/_catalog", next)
}

/// The tags of a repository ("Listing Tags").
pub(in crate::serve) fn tags(
    contents: &Contents,
    repository: &Repository,
    query: &Query,
) -> Result<Response<Body>, ApiError> {
    if contents.manifests(repository).is_none() {
        return Err(ApiError::new(Code::NameUnknown, format!("there is no repository `{repository}`")));
    }
    let (tags, next) = page(contents.tags(repository), query);
    Ok(linked(&json!({ "name": repository.as_str(), "tags": tags }), &format!("/v2/{repository}/tags/list"), next))
}

/// The manifests that belong to one, which need not be here itself ("Listing Referrers"). A repository that is not here
/// has none: a 404 would say that the registry has no such list.
pub(in crate::serve) fn referrers(
    contents: &Contents,
    repository: &Repository,
    subject: &AnyDigest,
    query: &Query,
) -> Response<Body> {
    let wanted = query.first("artifactType").filter(|kind| !kind.is_empty());
    let all = contents.manifests(repository).into_iter().flatten();
    let found: Vec<Value> = all
        .filter_map(|(digest, manifest)| Some((digest, manifest, Referrer::of(manifest, subject)?)))
        .filter(|(_, _, referrer)| wanted.is_none() || referrer.artifact_type.as_deref() == wanted)
        .map(|(digest, manifest, Referrer { artifact_type, annotations })| {
            let mut entry = json!({ "mediaType": manifest.media_type, "digest": digest, "size": manifest.body.len() });
            if let Some(members) = entry.as_object_mut() {
                members.extend(artifact_type.map(|kind| ("artifactType".to_owned(), json!(kind))));
                let annotations = (!annotations.is_empty()).then_some(annotations);
                members.extend(annotations.map(|annotations| ("annotations".to_owned(), json!(annotations))));
            }
            entry
        })
        .collect();
    let index = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": found });
    let mut response = json_response(StatusCode::OK, &index);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type::OCI_INDEX));
    if wanted.is_some() {
        response.headers_mut().insert(FILTERS, HeaderValue::from_static("artifactType"));
    }
    response
}

/// The part of a list that `n` and `last` ask for, and the query of the next part if there is one. A number that is
/// none is ignored.
fn page<'a>(all: impl Iterator<Item = &'a str>, query: &Query) -> (Vec<&'a str>, Option<String>) {
    let last = query.first("last").unwrap_or_default();
    let mut rest = all.filter(|name| *name > last).peekable();
    let Some(most) = query.first("n").and_then(|text| text.parse::<usize>().ok()) else {
        return (rest.collect(), None);
    };
    let part: Vec<&str> = rest.by_ref().take(most).collect();
    let next = part.last().filter(|_| rest.peek().is_some());
    let next = next.map(|last| format!("n={most}&last={last}"));
    (part, next)
}

/// A list with a link to its next part (RFC 5988). Names of repositories and tags need no escapes in a query.
fn linked(list: &Value, path: &str, next: Option<String>) -> Response<Body> {
    let mut response = json_response(StatusCode::OK, list);
    if let Some(value) = next.and_then(|query| HeaderValue::try_from(format!("<{path}?{query}>; rel=\"next\"")).ok()) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}
