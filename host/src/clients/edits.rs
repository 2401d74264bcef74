//! Keys in the files of other clients that crhost sets, and sets back.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::error::ClientError;
use crate::docker::ClientFile;
use crate::json::Document;
use crate::store::{ClientEdit, ClientEdits, EditPlace, Store};

/// What came of a key that is set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undone {
    /// It is as it was before crhost set it.
    Restored,
    /// Another program, or the user, set it since; it was left.
    Changed,
}

/// Sets keys of a member to JSON texts, and records what was there. Returns for each whether it was changed.
///
/// The records are kept before the file is written: a crhost that is killed between the two leaves a record that
/// undoes nothing, and not an edit that can't be undone.
///
/// # Errors
/// When the file or the store can't be read or written; nothing has changed then.
pub(super) fn set(
    store: &Store,
    file: &ClientFile,
    member: &str,
    values: &[(String, SecretString)],
) -> Result<Vec<bool>, ClientError> {
    let target = file.target().display().to_string();
    let found = store.edit_clients(|edits| {
        let mut document = file.read()?;
        let found: Vec<_> = values.iter().map(|(key, _)| document.get(member, key).map(SecretString::from)).collect();
        set_in(edits, &target, &mut document, member, values, &[]).map(|_| found)
    })?;
    let written =
        store.edit_clients(|edits| file.edit(|document| set_in(edits, &target, document, member, values, &found)));
    if written.is_err() {
        let _ = store.edit_clients(|edits| forget_unwritten(edits, &target, &file.read()?, member, values));
    }
    written
}

/// Sets the keys in a document, and records that, unless what is there is what was `recorded` a moment ago: by then the
/// record has the new value, and would not know an older one of crhost's as its own.
fn set_in(
    edits: &ClientEdits<'_>,
    target: &str,
    document: &mut Document,
    member: &str,
    values: &[(String, SecretString)],
    recorded: &[Option<SecretString>],
) -> Result<Vec<bool>, ClientError> {
    let made_member = document.member(member).is_none() || made_before(edits, target, member)?;
    let mut changed = Vec::with_capacity(values.len());
    for (at, (key, value)) in values.iter().enumerate() {
        let found = document.get(member, key).map(SecretString::from);
        let is_there = found.as_ref().is_some_and(|found| is_same(found, value));
        changed.push(!is_there);
        if is_there {
            continue;
        }
        let is_recorded = recorded.get(at).is_some_and(|recorded| match (recorded, &found) {
            (None, None) => true,
            (Some(recorded), Some(found)) => is_same(recorded, found),
            _ => false,
        });
        if is_recorded {
            document.set(member, key, value.expose_secret());
            continue;
        }
        let place = EditPlace { file: target, member, key };
        // What crhost itself wrote is not what has to come back.
        let own = edits.find(place)?.filter(|own| found.as_ref().is_some_and(|found| is_same(found, &own.after)));
        let before = own.map_or(found, |own| own.before);
        edits.put(place, &ClientEdit { before, after: value.clone(), made_member })?;
        document.set(member, key, value.expose_secret());
    }
    Ok(changed)
}

/// Removes the records of keys that are not in the file as they were to be written.
fn forget_unwritten(
    edits: &ClientEdits<'_>,
    target: &str,
    document: &Document,
    member: &str,
    values: &[(String, SecretString)],
) -> Result<(), ClientError> {
    let is_written = |key: &str, value| document.get(member, key).is_some_and(|found| is_same(&found.into(), value));
    let unwritten = values.iter().filter(|(key, value)| !is_written(key, value)).map(|(key, _)| key);
    forget(edits, target, member, unwritten)
}

/// Sets a key back that crhost set; `None` where it did not. The record of it stays, as the file may have to be edited
/// once more: [`forget`] removes it.
///
/// # Errors
/// When the store can't be read.
pub(super) fn undo(
    edits: &ClientEdits<'_>,
    target: &str,
    document: &mut Document,
    (member, key): (&str, &str),
) -> Result<Option<Undone>, ClientError> {
    let place = EditPlace { file: target, member, key };
    let Some(edit) = edits.find(place)? else { return Ok(None) };
    let is_own = document.get(member, key).is_some_and(|found| is_same(&found.into(), &edit.after));
    if !is_own {
        return Ok(Some(Undone::Changed));
    }
    match &edit.before {
        Some(before) => document.set(member, key, before.expose_secret()),
        None => document.remove(member, key, edit.made_member),
    }
    Ok(Some(Undone::Restored))
}

/// Removes the records of keys that were set back.
///
/// # Errors
/// When the store can't be written.
pub(super) fn forget<'a>(
    edits: &ClientEdits<'_>,
    target: &str,
    member: &str,
    keys: impl IntoIterator<Item = &'a String>,
) -> Result<(), ClientError> {
    keys.into_iter().try_for_each(|key| Ok(edits.remove(EditPlace { file: target, member, key })?))
}

/// Whether a member was made for an edit that still stands.
fn made_before(edits: &ClientEdits<'_>, file: &str, member: &str) -> Result<bool, ClientError> {
    for key in edits.keys(file, member)? {
        if edits.find(EditPlace { file, member, key: &key })?.is_some_and(|edit| edit.made_member) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether two JSON texts say the same: other programs write them with other blanks.
fn is_same(one: &SecretString, other: &SecretString) -> bool {
    let value = |text: &SecretString| serde_json::from_str::<Value>(text.expose_secret()).ok();
    value(one).is_some_and(|one| Some(one) == value(other))
}
