//! The client of one call.

use std::sync::Arc;
use std::time::Instant;

use tracing::Instrument as _;

use super::denial::Denial;
use super::error::EgressError;
use super::exchange::{Answers, Exchange, ShownRequest, Witness};
use super::policy::EgressPolicy;
use super::received::{Received, WantedSecret};
use super::redaction::Redaction;
use super::request::Request;
use super::response::Response;
use super::secret::{EgressSecret, Origin};
use super::transport::Transport;
use crate::grant::{Guest, Target};
use crate::spans::RequestSpan;
use crate::text::Escaped;

/// What stands around the requests of a call that an author makes to try a component.
#[derive(Clone, Default)]
pub(crate) struct Surroundings {
    /// What answers in place of the network.
    pub(crate) answers: Option<Arc<dyn Answers>>,
    /// What is shown each request.
    pub(crate) witness: Option<Arc<dyn Witness>>,
}

/// The client of one call: counts its requests, and knows the call's secrets and the first denial.
pub(crate) struct EgressClient {
    transport: Arc<Transport>,
    guest: Guest,
    policy: EgressPolicy,
    requests: usize,
    denial: Option<Denial>,
    redaction: Redaction,
    surroundings: Surroundings,
}

impl EgressClient {
    /// A client for the requests that `policy` allows; `guest` is named in logs and hints, and `redaction` knows the
    /// secrets that are lent to the call.
    #[must_use]
    pub(crate) fn new(transport: &Arc<Transport>, guest: &Guest, policy: EgressPolicy, redaction: Redaction) -> Self {
        let (transport, guest) = (Arc::clone(transport), guest.clone());
        Self { transport, guest, policy, requests: 0, denial: None, redaction, surroundings: Surroundings::default() }
    }

    /// The client in these surroundings.
    #[must_use]
    pub(crate) fn within(self, surroundings: Surroundings) -> Self {
        Self { surroundings, ..self }
    }

    /// The number of requests so far, the refused ones included.
    #[must_use]
    pub(crate) fn requests(&self) -> usize {
        self.requests
    }

    /// The next step after the first denied request, if there is one.
    #[must_use]
    pub(crate) fn grant_hint(&self) -> Option<&Escaped> {
        self.denial.as_ref().and_then(Denial::hint)
    }

    /// Allows a secret as the registry's password.
    ///
    /// # Errors
    /// When its auth method does not declare it as that; the error remains as the call's denial.
    pub(crate) fn allow_password(&mut self, secret: &EgressSecret) -> Result<(), Denial> {
        self.policy.allow_password(&self.guest, secret).inspect_err(|denial| {
            self.denial.get_or_insert_with(|| denial.clone());
        })
    }

    /// Sends one request and gives its whole answer, with all secrets of the call redacted.
    ///
    /// # Errors
    /// When the policy denies it, it can't be sent, or no complete answer comes within the limits.
    pub(crate) async fn send(&mut self, request: Request) -> Result<Response, EgressError> {
        self.send_for(request, None).await.map(|received| received.response)
    }

    /// The same, and takes a secret out of the answer, which is redacted from then on.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub(crate) async fn receive(&mut self, request: Request, wanted: &WantedSecret) -> Result<Received, EgressError> {
        self.send_for(request, Some(wanted)).await
    }

    async fn send_for(&mut self, request: Request, wanted: Option<&WantedSecret>) -> Result<Received, EgressError> {
        if self.requests >= self.transport.limits().requests {
            return Err(EgressError::Exhausted);
        }
        self.requests += 1;
        let Surroundings { answers, witness } = self.surroundings.clone();
        let shown = (answers.is_some() || witness.is_some()).then(|| request.shown());
        let start = Instant::now();
        let replay = answers.as_deref().zip(shown.as_ref());
        let received = self.send_authorized(request, replay, wanted).await;
        if let (Some(witness), Some(request)) = (witness, shown) {
            let answer = received.as_ref().map(|received| received.response.clone()).map_err(Clone::clone);
            witness.exchanged(Exchange { request, answer, time: start.elapsed() });
        }
        if let Err(EgressError::Denied(denial)) = &received {
            tracing::info!("{}: {denial}", self.guest);
            self.denial.get_or_insert_with(|| denial.clone());
        }
        received
    }

    /// Sends a request if the policy allows it, or has it answered by `replay`, which is shown it without its secrets.
    async fn send_authorized(
        &mut self,
        request: Request,
        replay: Option<(&dyn Answers, &ShownRequest)>,
        wanted: Option<&WantedSecret>,
    ) -> Result<Received, EgressError> {
        if matches!(self.policy, EgressPolicy::DenyAll) {
            return Err(EgressError::Denied(Denial::closed()));
        }
        let target = Target::parse(&request.url).map_err(EgressError::invalid)?;
        let permission = self.policy.authorize(&self.guest, &target, &request).map_err(EgressError::Denied)?;
        // Its own secrets are lent; what was derived from them is known only now.
        let derived = request.secrets().filter(|secret| matches!(secret.origin(), Origin::Derived { .. }));
        derived.for_each(|secret| self.redaction.also(secret.shared()));
        let method = request.method;
        let request = request.assemble(&target)?;
        let limit = self.transport.limits().request_time;
        let span = RequestSpan::new(&method, &target.scheme(), target.host(), Some(target.port()));
        let exchange = async {
            match replay {
                Some((answers, shown)) => answers.answer(shown),
                None => self.transport.exchange(&self.guest, &target, permission.private_addresses, request).await,
            }
        };
        let answer = tokio::time::timeout(limit, exchange.instrument(span.span()))
            .await
            .unwrap_or(Err(EgressError::Timeout(limit)));
        // Neither path nor query nor body: any of them may hold a token.
        match &answer {
            Ok(response) => {
                span.answered(response.status);
                tracing::info!("{}: {method} {} answered {}", self.guest, target.origin(), response.status);
            }
            Err(error) => {
                span.failed(if matches!(error, EgressError::Timeout(_)) { "timeout" } else { "connection" });
                tracing::info!("{}: {method} {} failed: {error}", self.guest, target.origin());
            }
        }
        let mut response = answer?;
        let secret = wanted.and_then(|wanted| match replay {
            Some(_) => wanted.take_recorded(&mut response),
            None => wanted.take(&mut response),
        });
        secret.iter().for_each(|secret| self.redaction.also(Arc::new(secret.clone())));
        // It was redacted when it was recorded; what stands for a secret now may be a word of it.
        let response = if replay.is_some() { response } else { self.redaction.redact(response) };
        Ok(Received { response, secret })
    }
}
