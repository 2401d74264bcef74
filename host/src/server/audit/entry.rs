//! The records of what callers asked. Nothing in them is a secret, or the words of a provider.

use crate::server::logins::{Granted, LoginKey};
use crate::server::rules::Rule;
use crate::server::token::Caller;
use crate::store::{AuditAction, AuditActor, AuditOutcome, AuditRecord, AuditTime};
use crate::text::{Escaped, Moment};

/// What is known of a request so far.
#[derive(Default)]
pub(crate) struct Asked {
    /// Who asks, once the token was verified.
    pub(crate) caller: Option<Caller>,
    /// What for, once that was read.
    pub(crate) key: Option<LoginKey>,
}

/// Longest value of a claim, in characters.
const MAX_CLAIM: usize = 300;

/// A login that is about to be handed out.
pub(crate) fn login(caller: &Caller, key: &LoginKey, rule: &Rule, granted: &Granted) -> AuditRecord {
    let claims = rule.matched(caller).into_iter();
    let claims = claims.map(|(name, value)| (Escaped::new(name, MAX_CLAIM), Escaped::new(&value, MAX_CLAIM))).collect();
    AuditRecord {
        actor: AuditActor { claims, ..actor(caller) },
        host: Some(granted.registry.uri.host().to_string().into()),
        flavor: Some(granted.registry.flavor.as_str().into()),
        component: granted.component.clone(),
        rule: Some(rule.name.to_string().into()),
        until: granted.expires_at.map(|end| Moment(end).to_string().into()),
        ..about(key)
    }
}

/// A request that got no login.
pub(crate) fn refusal(asked: &Asked, outcome: AuditOutcome, error: &str) -> AuditRecord {
    let about = asked.key.as_ref().map_or_else(of_now, about);
    let actor = asked.caller.as_ref().map(actor).unwrap_or_default();
    AuditRecord { actor, outcome, error: Some(error.into()), ..about }
}

fn actor(caller: &Caller) -> AuditActor {
    AuditActor { issuer: Some(caller.issuer.to_string().into()), ..AuditActor::default() }.with_subject(&caller.subject)
}

fn about(key: &LoginKey) -> AuditRecord {
    AuditRecord {
        registry: Some(key.registry.to_string().into()),
        repository: key.repository.as_ref().map(|repository| repository.as_str().into()),
        operation: Some(key.operation.as_str().into()),
        ..of_now()
    }
}

fn of_now() -> AuditRecord {
    AuditRecord { time: AuditTime::now(), action: AuditAction::Login.as_str().into(), ..AuditRecord::default() }
}
