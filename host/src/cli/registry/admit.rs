//! What `register`, `update` and `connect` have in common: the user hears what the flavor made of the URI and agrees to
//! it where credentials would follow; then the registry is proved and stored.

use dialoguer::Confirm;

use super::super::failure::Failure;
use super::super::{if_taken, output, terminal};
use super::arguments::RegistryAccess;
use super::remarks::Remarks;
use crate::catalog::Catalog;
use crate::error::{Explain as _, Kind};
use crate::registry::{Candidate, Question, Stored, Ungranted};
use crate::store::{Put, RegistryRecord, Store};

/// A registry that is stored.
pub(super) struct Admitted {
    /// The stored record.
    pub(super) registry: RegistryRecord,
    /// What became of the one that was given.
    pub(super) put: Put,
    /// What there was to say, which is shown already unless the result is JSON.
    pub(super) remarks: Remarks,
}

/// Proves and stores a registry.
pub(super) async fn admit(
    store: &Store,
    catalog: &Catalog<'_>,
    mut candidate: Candidate,
    access: Option<RegistryAccess<'_>>,
) -> Result<Admitted, Failure> {
    let mut remarks =
        Remarks { warnings: Vec::from_iter(candidate.remark()), flavor_warnings: candidate.warnings().to_vec() };
    if !output::is_json() {
        remarks.show(candidate.flavor());
    }
    if let Some(question) = candidate.question()
        && terminal::is_interactive()
    {
        ask(question).await?;
        candidate.agree();
    }
    let authenticator = access.as_ref().map(RegistryAccess::authenticator);
    let ungranted: Vec<String> = candidate.ungranted().iter().map(told).collect();
    let Stored { registry, put, unproved } = candidate.store(store, catalog, authenticator.as_ref()).await?;
    let taken = if_taken::warning(&put, &format!("registry `{}`", registry.name));
    for warning in unproved.into_iter().chain(taken).chain(ungranted) {
        if !output::is_json() {
            Remarks { warnings: vec![warning.clone()], ..Remarks::default() }.show(&registry.flavor);
        }
        remarks.warnings.push(warning);
    }
    Ok(Admitted { registry, put, remarks })
}

/// Says of an option that its host is not granted, with the command that grants it. The registry is stored all the
/// same: the command needs it.
fn told(ungranted: &Ungranted) -> String {
    let hint = ungranted.hint().map_or_else(String::new, |hint| format!("; {hint}"));
    format!("{ungranted}{hint}")
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
