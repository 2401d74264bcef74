//! The argument `KEY=VARIABLE`: an annotation, and the variable that has its value.

use crate::kubernetes::VariableName;

/// An annotation's key and the variable for its value.
pub(super) fn annotation(text: &str) -> Result<(String, VariableName), String> {
    let (key, variable) = text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or("expected `KEY=VARIABLE`")?;
    Ok((key.to_owned(), variable.parse().map_err(|error| format!("{error}"))?))
}
