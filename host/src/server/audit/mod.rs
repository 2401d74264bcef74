//! What a server records: each login before it is handed out, and refusals, of which a flood makes a few rows.

mod entry;
mod refusals;
mod writer;

pub(crate) use entry::{Asked, login, refusal};
pub(crate) use writer::{Audit, NoAudit};
