//! Whether a flavor declares a request: its method, host and path, and the places of its secrets.

use crate::bindings::crhost::flavor::http::{Body, Request, Value};
use crate::flavor::Flavor;
use crate::types::{Operation, Place};

/// All operations of a flavor.
pub(super) struct Declared(Vec<Operation>);

impl Declared {
    /// Those of `describe`, of its auth methods, and of clean-ups.
    pub(super) fn of<F: Flavor>() -> Self {
        let description = F::describe();
        let of_methods = description.auth_methods.into_iter().flat_map(|method| method.operations);
        let of_cleanup = F::describe_cleanup().into_iter().flat_map(|cleanup| cleanup.operations);
        Self(of_methods.chain(description.operations).chain(of_cleanup).collect())
    }

    /// Why a request is denied; `None` if an operation has it.
    pub(super) fn refusal(&self, request: &Request<'_>) -> Option<String> {
        let is_declared = self.0.iter().any(|operation| allows(operation, request));
        (!is_declared)
            .then(|| format!("no operation of `describe` has the request {:?} {}", request.method, request.url))
    }
}

fn allows(operation: &Operation, request: &Request<'_>) -> bool {
    let url = request.url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let origin = format!("{scheme}://{authority}");
    // What an option or the registry stands for is not known here, so any host will do, and a path before the path.
    let is_free = !operation.endpoints.is_empty();
    let host =
        is_free || operation.hosts.iter().any(|pattern| pattern.contains("{registry}") || fits(pattern, &origin, '.'));
    let components = |path: &str| path.matches('/').count();
    let path_fits = |pattern: &String| match is_free {
        false => fits(pattern, path, '/'),
        true => {
            let starts: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
            let start = starts.len().checked_sub(components(pattern)).and_then(|skipped| starts.get(skipped));
            start.is_some_and(|&start| fits(pattern, path.split_at(start).1, '/'))
        }
    };
    operation.methods.contains(&request.method)
        && host
        && operation.paths.iter().any(path_fits)
        && places(request).iter().all(|place| operation.secrets.iter().any(|declared| same(&declared.place, place)))
}

/// Whether a text has the parts of a pattern, of which `*` is any that is not empty.
fn fits(pattern: &str, text: &str, separator: char) -> bool {
    let (pattern, text): (Vec<&str>, Vec<&str>) = (pattern.split(separator).collect(), text.split(separator).collect());
    let part = |(pattern, part): (&&str, &&str)| match pattern.split_once('*') {
        Some((before, after)) => {
            part.len() > before.len() + after.len() && part.starts_with(before) && part.ends_with(after)
        }
        None => pattern == part,
    };
    pattern.len() == text.len() && pattern.iter().zip(&text).all(part)
}

/// The places of a request's secrets.
fn places(request: &Request<'_>) -> Vec<Place> {
    let of_value = |name: &str, value: &Value<'_>| match value {
        Value::Text(_) => None,
        Value::Secret(secret) => Some(Place::Header((name.to_owned(), secret.before.clone()))),
        Value::Basic(_) => Some(Place::BasicPassword),
    };
    let headers = request.headers.iter().filter_map(|(name, value)| of_value(&name.to_ascii_lowercase(), value));
    let body: Vec<Place> = match &request.body {
        Body::Empty | Body::Bytes(_) => Vec::new(),
        Body::Form(fields) => fields
            .iter()
            .filter(|(_, value)| !matches!(value, Value::Text(_)))
            .map(|(name, _)| Place::FormField(name.clone()))
            .collect(),
        Body::Json(json) => json.secrets.iter().map(|(name, _)| Place::JsonMember(name.clone())).collect(),
    };
    headers.chain(body).collect()
}

/// Whether a place is one that was declared. A header may go on after what was declared of it.
fn same(declared: &Place, place: &Place) -> bool {
    match (declared, place) {
        (Place::Header((name, prefix)), Place::Header((sent, before))) => name == sent && before.starts_with(prefix),
        _ => declared == place,
    }
}
