//! A component that a file has registered: what it is and changes, as at `crhost flavor register`.

use super::super::{output, terminal};
use super::consent::warn_of_denied;
use super::plan;
use crate::catalog::{Candidate, Consent};
use crate::grant::Grant;

/// Shows a component whose grants are decided, and what it asks for and does not get.
pub(in crate::cli) fn show_granted(candidate: &Candidate, grants: &[Grant], accepted_operations: &[String]) {
    if !output::is_json() || terminal::is_interactive() {
        plan::show(candidate, &[], true);
    }
    let (grants, accepted_operations) = (grants.to_vec(), accepted_operations.to_vec());
    let consent = Consent { grants, accepted_operations, keep_registry_grants: true };
    warn_of_denied(candidate.flavor.description(), &consent);
}
