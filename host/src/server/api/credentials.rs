//! `POST /v1/credentials`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{Response, StatusCode};
use tokio::time::timeout;

use super::caller;
use super::json::json;
use super::problem::Answer;
use super::refused::refused;
use super::state::State;
use crate::credential::Credential;
use crate::docker::protocol::TOKEN_USER;
use crate::image::{Repository, Tag};
use crate::json::object;
use crate::server::audit::{self, Asked, NoAudit};
use crate::server::logins::{Granted, LoginError, LoginKey};
use crate::server::rules::{Decision, Mismatch, Operation, Rule, Wanted};
use crate::server_client::{CredentialAnswer, CredentialRequest};
use crate::store::{AuditOutcome, Name};
use crate::text::{Escaped, Moment};

/// Largest body, in bytes: names are short.
const MAX_BODY: usize = 16 << 10;

/// Longest time for it to come.
const BODY: Duration = Duration::from_secs(10);

/// Answers a request for credentials.
pub(super) async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Response<Body> {
    let start = Instant::now();
    let mut asked = Asked::default();
    match credentials(&state, request, &mut asked).await {
        Ok(answer) => {
            state.metrics.login(start.elapsed());
            state.metrics.request(asked.key.as_ref().map(|key| &key.registry), AuditOutcome::Done);
            json(StatusCode::OK, "application/json", &answer)
        }
        Err(answer) => {
            refused(&state, &answer, &asked);
            answer.into_response()
        }
    }
}

async fn credentials(state: &State, request: Request, asked: &mut Asked) -> Result<CredentialAnswer, Answer> {
    let (head, body) = request.into_parts();
    let rules = caller::rules(state)?;
    let caller = caller::of(state, &rules, &head).await?;
    let caller = &*asked.caller.insert(caller);
    caller::limit(state, caller)?;
    let invalid = |reason: String| Answer::Body(reason.into());
    let body = timeout(BODY, to_bytes(body, MAX_BODY)).await;
    let body = body.map_err(|_| invalid("its body did not come in time".to_owned()))?;
    let body = body.map_err(|_| invalid("its body is larger than 16 KiB".to_owned()))?;
    let request: CredentialRequest = object(&body).map_err(|error| invalid(error.to_string()))?;
    let key = &*asked.key.insert(key(&request).map_err(Answer::Body)?);
    let wanted = Wanted { operation: key.operation, registry: &key.registry, repository: key.repository.as_ref() };
    let who = caller.shown();
    let what = format!("{} {}", key.operation, place(key));
    let allowing: Vec<&Rule> = match rules.decide(caller, wanted) {
        Decision::Allowed(rules) => rules,
        Decision::Denied(against) => {
            tracing::info!("denied: {who}, {what}");
            // What other rules say is no caller's business: only those that are about its tokens are told.
            let near = against.iter().rfind(|(_, against)| !matches!(against, Mismatch::Issuer | Mismatch::Claim(_)));
            let near = near.map(|(rule, against)| format!("; rule `{}` {}", rule.name, against.words()));
            return Err(Answer::Denied(format!("{who} may not {what}{}", near.unwrap_or_default()).into()));
        }
    };
    let may_last = allowing.iter().any(|rule| rule.long_lived);
    let granted = state.logins.login(key, request.fresh, may_last).await.map_err(|error| match error {
        LoginError::Clock(difference) => Answer::Clock(difference),
        LoginError::None(error) => {
            tracing::warn!("no login: {who}, {what}: {}", error.log);
            Answer::NoLogin(error)
        }
    })?;
    // At least one allows it.
    let long_lived = || Answer::LongLived(allowing.first().map_or_else(Name::unregistered, |rule| rule.name.clone()));
    let granted = granted.ok_or_else(long_lived)?;
    let rule = allowing.iter().find(|rule| !granted.is_lasting() || rule.long_lived).ok_or_else(long_lived)?;
    state.audit.record(audit::login(caller, key, rule, &granted)).await.map_err(|NoAudit| Answer::NoAudit)?;
    tracing::info!("login: {who}, {what}, by rule `{}`, {}", rule.name, ends(&granted));
    Ok(answer_of(&granted, rule))
}

fn key(request: &CredentialRequest) -> Result<LoginKey, Escaped> {
    let registry = request.registry.parse::<Name>().map_err(Escaped::of)?;
    let operation = request.operation.parse::<Operation>().map_err(|expected| {
        Escaped::from(format!("`operation` is `{}`: {expected}", Escaped::new(&request.operation, 40)))
    })?;
    let repository = request.repository.as_deref().map(str::parse::<Repository>).transpose().map_err(Escaped::of)?;
    let tag = match operation {
        Operation::Push => request.tag.as_deref().map(str::parse::<Tag>).transpose().map_err(Escaped::of)?,
        // It makes no difference.
        Operation::Pull | Operation::Delete => None,
    };
    Ok(LoginKey { registry, operation, repository, tag })
}

fn place(key: &LoginKey) -> String {
    match &key.repository {
        Some(repository) => format!("`{repository}` in `{}`", key.registry),
        None => format!("all of `{}`", key.registry),
    }
}

fn ends(granted: &Granted) -> String {
    granted.expires_at.map_or_else(|| "without an end".to_owned(), |end| format!("until {}", Moment(end)))
}

fn answer_of(granted: &Granted, rule: &Rule) -> CredentialAnswer {
    let (username, password) = match &granted.credential {
        Credential::Anonymous => (None, None),
        Credential::Basic { username, password } => (Some(username.clone()), Some(password.clone())),
        Credential::IdentityToken(token) => (Some(TOKEN_USER.to_owned()), Some(token.clone())),
    };
    CredentialAnswer {
        registry: granted.registry.name.to_string(),
        host: granted.registry.uri.host().to_string(),
        rule: rule.name.to_string(),
        anonymous: granted.credential.is_anonymous(),
        username,
        password,
        expires_at: granted.expires_at.map(|end| Moment(end).to_string()),
        upload: granted.upload.clone(),
        notes: granted.notes.clone(),
    }
}
