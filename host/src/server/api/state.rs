//! What all requests share.

use std::sync::Arc;

use crate::server::audit::Audit;
use crate::server::certificate::Authorities;
use crate::server::clock::Clock;
use crate::server::issuers::Issuers;
use crate::server::limits::Limits;
use crate::server::logins::Logins;
use crate::server::metrics::Metrics;
use crate::server::rules::RulesFile;
use crate::server::stores::Stores;

/// What all requests share.
pub(crate) struct State {
    /// The rules.
    pub(crate) rules: RulesFile,
    /// The issuers' keys.
    pub(crate) issuers: Issuers,
    /// The authorities of certificates.
    pub(crate) authorities: Arc<Authorities>,
    /// How often each caller may ask.
    pub(crate) limits: Limits,
    /// Logins.
    pub(crate) logins: Logins,
    /// The server's clock.
    pub(crate) clock: Arc<Clock>,
    /// Open stores.
    pub(crate) stores: Arc<Stores>,
    /// The audit.
    pub(crate) audit: Audit,
    /// Numbers.
    pub(crate) metrics: Arc<Metrics>,
}
