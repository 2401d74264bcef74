//! What `register`, `update` and `connect` have in common: the user hears what the flavor made of the URI and agrees to
//! it where credentials would follow; then the registry is proved and stored.

use dialoguer::Confirm;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::terminal;
use super::arguments::RegistryAccess;
use super::remarks::Remarks;
use crate::catalog::Catalog;
use crate::error::Kind;
use crate::registry::{Candidate, Question};
use crate::store::{RegistryRecord, Store};

/// Proves and stores a registry. Returns the stored record and what there was to say, which is shown already unless the
/// result is JSON.
pub(super) async fn admit(
    context: &Context,
    store: &Store,
    catalog: &Catalog<'_>,
    mut candidate: Candidate,
    access: Option<RegistryAccess<'_>>,
) -> Result<(RegistryRecord, Remarks), Failure> {
    let mut remarks =
        Remarks { warnings: Vec::from_iter(candidate.remark()), flavor_warnings: candidate.warnings().to_vec() };
    if !context.is_json() {
        remarks.show(candidate.flavor());
    }
    if let Some(question) = candidate.question()
        && terminal::is_interactive()
    {
        ask(question).await?;
        candidate.agree();
    }
    let authenticator = access.as_ref().map(RegistryAccess::authenticator);
    let (registry, unproved) = candidate.store(store, catalog, authenticator.as_ref()).await?;
    if let Some(unproved) = unproved {
        if !context.is_json() {
            Remarks { warnings: vec![unproved.clone()], ..Remarks::default() }.show(&registry.flavor);
        }
        remarks.warnings.push(unproved);
    }
    Ok((registry, remarks))
}

/// Asks whether the credentials may go to a registry that the user did not type. The question says all of it, since the
/// flavor's words may stand before it.
async fn ask(Question { remark, host, connector }: Question) -> Result<(), Failure> {
    terminal::begin_questions();
    let prompt = format!("{remark}; send the credentials of connector `{connector}` to `{host}`?");
    let answer = tokio::task::spawn_blocking(|| Confirm::new().with_prompt(prompt).default(false).interact());
    match answer.await {
        Ok(Ok(true)) => Ok(()),
        _ => Err(Failure::new(
            Kind::General,
            format!("no credentials of connector `{connector}` are sent to `{host}`, and nothing was stored"),
            "give the whole URI of the registry that you mean, `--uri host[:port][/path]`",
        )),
    }
}
