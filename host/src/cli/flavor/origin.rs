//! Where updates of a flavor come from: told where it changes, since `crhost flavor update` goes by it from then on.

use super::super::output;
use crate::catalog::{remote_name, remote_origin};
use crate::image::{Digest, Reference};
use crate::store::FlavorRecord;

/// Characters of an origin in a table.
const CHARS: usize = 60;

/// What there is to say of a new origin.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    word: &'static str,
    message: String,
    hint: Option<String>,
}

/// Tells that a flavor, which has taken the place of another or is the same one, is from elsewhere.
pub(super) fn tell_change(old: &FlavorRecord, new: &FlavorRecord) {
    if let Some(Change { word, message, hint }) = change(old, new) {
        output::say(word, &message);
        hint.into_iter().for_each(|hint| output::say("hint", &hint));
    }
}

fn change(old: &FlavorRecord, new: &FlavorRecord) -> Option<Change> {
    let (name, from, to) = (&new.name, &old.origin, &new.origin);
    let note = |message| Some(Change { word: "note", message, hint: None });
    match (repository(from), repository(to)) {
        (Some(before), None) => {
            let message = format!(
                "flavor `{name}` is from `{to}` now: `crhost flavor update` no longer looks in `{before}` for it"
            );
            let hint = match old.digest == new.digest {
                true => format!("`crhost flavor register {before}` has its updates come from there again"),
                false => format!("`crhost flavor rollback {name}` brings back the one from there"),
            };
            Some(Change { word: "warning", message, hint: Some(hint) })
        }
        (before, Some(now)) if before.as_ref() != Some(&now) => note(format!(
            "`crhost flavor update` looks in `{now}` for flavor `{name}` from now on, and not in `{}`",
            before.as_ref().unwrap_or(from)
        )),
        (None, None) if from != to && old.digest == new.digest => {
            note(format!("the origin of flavor `{name}` is `{to}` now, and not `{from}`"))
        }
        _ => None,
    }
}

/// The repository of an origin, behind `oci://`; `None` for a file.
fn repository(origin: &str) -> Option<String> {
    let reference: Reference = remote_name(origin)?.parse().ok()?;
    Some(remote_origin(&reference.name()))
}

/// Says that a tag names something else than what is registered by it: the registered bytes stay.
pub(super) fn warn_of_move(origin: &Reference, pinned: &Digest, now: Option<&Digest>) {
    let Some(now) = now.filter(|now| *now != pinned) else { return };
    let tag = origin.tag().map_or_else(String::new, |tag| format!(":{tag}"));
    let name = format!("{}{tag}", origin.name());
    output::say("warning", &format!("`{name}` names {now} now, and not {pinned} any more, which stays registered"));
    let command = format!("crhost flavor register {} --force", remote_origin(&name));
    output::say("hint", &format!("`{command}` takes what it names now"));
}

/// An origin as a table has room for it: of an artifact without its digest, of a long path the end.
pub(super) fn short(origin: &str) -> String {
    if remote_name(origin).is_some() {
        return origin.split('@').next().unwrap_or_default().to_owned();
    }
    let count = origin.chars().count();
    match count > CHARS {
        true => format!("…{}", origin.chars().skip(count + 1 - CHARS).collect::<String>()),
        false => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOTE: &str =
        "oci://ghcr.io/acme/myreg:1.0.0@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn record(bytes: &[u8], origin: &str) -> FlavorRecord {
        FlavorRecord {
            name: "myreg".to_owned(),
            version: "1.0.0".to_owned(),
            contract: "0.1.1".to_owned(),
            summary: String::new(),
            digest: Digest::of(bytes),
            size: 1,
            origin: origin.to_owned(),
            description: None,
            accepted_operations: Vec::new(),
        }
    }

    fn told(old: &FlavorRecord, new: &FlavorRecord) -> String {
        change(old, new).map_or_else(String::new, |Change { word, message, hint }| {
            format!("{word}: {message}; {}", hint.unwrap_or_default())
        })
    }

    #[test]
    fn the_end_and_the_beginning_of_updates_are_told() {
        let (file, other) = (record(b"1", "/x/myreg.wasm"), record(b"2", "/x/myreg.wasm"));
        let remote = record(b"1", REMOTE);
        let ended = told(&remote, &other);
        assert!(
            ended.starts_with("warning: ") && ended.contains("no longer looks in `oci://ghcr.io/acme/myreg`"),
            "{ended}"
        );
        assert!(ended.ends_with("`crhost flavor rollback myreg` brings back the one from there"), "{ended}");
        let same = told(&remote, &file);
        assert!(same.contains("`crhost flavor register oci://ghcr.io/acme/myreg`"), "{same}");
        assert!(told(&file, &remote).starts_with("note: `crhost flavor update` looks in `oci://ghcr.io/acme/myreg`"));
        let elsewhere = record(b"1", &REMOTE.replace("acme", "fork"));
        assert!(told(&remote, &elsewhere).contains("and not in `oci://ghcr.io/acme/myreg`"));
        assert!(told(&file, &record(b"1", "/y/myreg.wasm")).contains("`/y/myreg.wasm` now"));
        // Builds of one author in turn, and releases of one repository.
        for (old, new) in [(&file, &other), (&remote, &record(b"2", &REMOTE.replace("1.0.0", "1.1.0"))), (&file, &file)]
        {
            assert_eq!(told(old, new), "");
        }
    }

    #[test]
    fn a_table_has_room_for_an_origin() {
        assert_eq!(short(REMOTE), "oci://ghcr.io/acme/myreg:1.0.0");
        assert_eq!(short("built-in"), "built-in");
        let long = short(&format!("/home/{}/myreg.wasm", "x".repeat(100)));
        assert!(long.starts_with('…') && long.ends_with("/myreg.wasm") && long.chars().count() == CHARS, "{long}");
    }
}
