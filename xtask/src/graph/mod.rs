//! `cargo xtask graph`: which module imports which, read from `use` and from paths, and whether that is as [`rules`]
//! have it.
//!
//! It fails on a circle of files, on an import that the layers do not allow, on a file that is too long, on a comment
//! that is too wide, and on a picture of the layers in `docs/architecture.md` that is not the table's.

mod circles;
mod layers;
mod modules;
mod paths;
mod picture;
mod rules;
mod size;

use std::path::Path;

use crate::failure::{Failure, Result};

/// Checks all of it; every finding is a line on stderr. `renew` writes the picture of the layers anew instead of
/// judging it.
pub(crate) fn run(root: &Path, renew: bool) -> Result<()> {
    let mut findings = size::check(root)?;
    for krate in rules::crates(root)? {
        let graph = modules::read(root, &krate)?;
        findings.extend(circles::check(&graph));
        if krate == Path::new(rules::LAYERED_CRATE) {
            findings.extend(layers::check(&graph));
        }
    }
    if renew {
        picture::renew(root)?;
    } else {
        match picture::check(root) {
            Ok(finding) => findings.extend(finding),
            Err(failure) => findings.push(failure.what().to_owned()),
        }
    }
    if findings.is_empty() {
        eprintln!("graph: no circle, no upward arrow, no file above {} lines", rules::MAX_LINES);
        return Ok(());
    }
    findings.iter().for_each(|finding| eprintln!("graph: {finding}"));
    Err(Failure::new(format!("the module graph breaks {} rules", findings.len()))
        .hint("the rules are in `xtask/src/graph/rules.rs`, and `docs/architecture.md` explains them"))
}
