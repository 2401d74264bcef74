//! `GET /v1/registries`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};

use super::caller;
use super::json::json;
use super::problem::Answer;
use super::refused::refused;
use super::state::State;
use crate::server::audit::Asked;
use crate::server::logins::NoLogin;
use crate::server_client::{ListedRegistry, Registries};
use crate::store::{RegistryRecord, Store};

/// Lists the registries with which the caller may do something.
pub(super) async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Response<Body> {
    let mut asked = Asked::default();
    match registries(&state, &request.into_parts().0, &mut asked).await {
        Ok(registries) => json(StatusCode::OK, "application/json", &registries),
        Err(answer) => {
            refused(&state, &answer, &asked);
            answer.into_response()
        }
    }
}

async fn registries(state: &State, head: &Parts, asked: &mut Asked) -> Result<Registries, Answer> {
    let rules = caller::rules(state)?;
    let caller = caller::of(state, &rules, head).await?;
    let caller = &*asked.caller.insert(caller);
    caller::limit(state, caller)?;
    let all = state.stores.with(Store::registries).await.map_err(|error| Answer::NoLogin(NoLogin::from(error)))?;
    let listed = |registry: RegistryRecord| {
        let allowed = rules.of_registry(caller, &registry.name).flat_map(|rule| rule.allow.iter());
        let operations: BTreeSet<&str> = allowed.map(|operation| operation.as_str()).collect();
        (!operations.is_empty()).then(|| ListedRegistry {
            name: registry.name.to_string(),
            flavor: registry.flavor.clone(),
            uri: registry.uri.to_string(),
            insecure: registry.insecure,
            operations: operations.into_iter().map(str::to_owned).collect(),
        })
    };
    Ok(Registries { registries: all.into_iter().filter_map(listed).collect() })
}
