//! The layers as `docs/architecture.md` shows them, made from the table.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::rules::LAYERS;
use crate::failure::{Failure, Result};

const BEGIN: &str = "<!-- layers -->";
const END: &str = "<!-- /layers -->";

/// A line where the page does not show the table.
///
/// # Errors
/// When there is no such page, or no place for the layers in it.
pub(crate) fn check(root: &Path) -> Result<Option<String>> {
    let (path, before, shown, _) = parts(root)?;
    let stale = shown.trim() != picture().trim();
    let line = before.lines().count();
    Ok(stale.then(|| {
        format!("{}:{line} does not show the layers as they are: run `cargo xtask graph --renew`", path.display())
    }))
}

/// Writes the table into the page.
///
/// # Errors
/// When there is no such page, or no place for the layers in it.
pub(crate) fn renew(root: &Path) -> Result<()> {
    let (path, before, _, after) = parts(root)?;
    let file = root.join(&path);
    fs::write(&file, format!("{before}{BEGIN}\n{}{END}{after}", picture())).map_err(Failure::io("write", &file))
}

/// The page's path, and its text before, between and after the marks.
fn parts(root: &Path) -> Result<(PathBuf, String, String, String)> {
    let path = PathBuf::from("docs/architecture.md");
    let file = root.join(&path);
    let text = fs::read_to_string(&file).map_err(Failure::io("read", &file))?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let Some((before, (shown, after))) = parts else {
        return Err(Failure::new(format!("`{}` has no place for the layers", path.display()))
            .hint(format!("the place is between `{BEGIN}` and `{END}`")));
    };
    Ok((path, before.to_owned(), shown.to_owned(), after.to_owned()))
}

fn picture() -> String {
    let mut table = String::from("| | layer | module | for |\n|---|---|---|---|\n");
    for (number, layer) in LAYERS.iter().enumerate() {
        for (module, purpose) in layer.modules {
            // Writing to a string can't fail.
            let _ = writeln!(table, "| {} | {} | `{module}` | {purpose} |", number + 1, layer.name);
        }
    }
    table
}
