//! The files of a directory whose names have one form, as one value: caches of other programs name each file after
//! what it is for.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use secrecy::SecretString;
use zeroize::Zeroizing;

/// Files of a directory that are looked at.
const MAX_FILES: usize = 1_000;

/// Whether a path means such files: its last component has a `*`.
pub(super) fn is_pattern(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('*'))
}

/// A JSON object of the JSON objects in the files that a path means, by their names; none if there are no such files.
/// A `*` in the path's last component stands for any characters. Those that changed last come first, and those that
/// have no room in `limit` bytes are left out.
///
/// # Errors
/// When the directory or one of these files can't be read.
pub(super) fn read(path: &Path, limit: usize) -> io::Result<Option<SecretString>> {
    let (Some(directory), Some(pattern)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(None);
    };
    // Allocated at once: a text that grows is copied, and the old bytes stay in memory.
    let mut object = Zeroizing::new(String::with_capacity(limit.saturating_add(1)));
    for (name, path) in files(directory, pattern)? {
        let Some(text) = object_in(&path, limit)? else { continue };
        let name = serde_json::to_string(&name)?;
        // With a brace or a comma before it, a colon in it, and a brace at the end.
        if object.len() + name.len() + text.len() + 3 > limit {
            continue;
        }
        let before = if object.is_empty() { '{' } else { ',' };
        object.push(before);
        object.push_str(&name);
        object.push(':');
        object.push_str(&text);
    }
    if object.is_empty() {
        return Ok(None);
    }
    object.push('}');
    Ok(Some(SecretString::from(object.as_str())))
}

/// The regular files of a directory with names of a pattern, the latest first.
fn files(directory: &Path, pattern: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    let mut found: Vec<(SystemTime, String, PathBuf)> = Vec::new();
    for entry in entries.take(MAX_FILES) {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_meant = name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after));
        // One that went away in between is none.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        if is_meant && metadata.is_file() {
            found.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), name, entry.path()));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    Ok(found.into_iter().map(|(_, name, path)| (name, path)).collect())
}

/// The text of a file, if it is a JSON object of at most `limit` bytes.
fn object_in(path: &Path, limit: usize) -> io::Result<Option<Zeroizing<String>>> {
    let mut text = Zeroizing::new(String::with_capacity(limit.saturating_add(1)));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)) {
        Ok(_) => {}
        // No text, and so no JSON; or gone in between.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    }
    let is_object = text.len() <= limit && text.trim_start().starts_with('{');
    let is_json = is_object && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    Ok(is_json.then_some(text))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn files_of_one_form_are_one_object_and_the_latest_have_room_first() {
        let home = tempfile::tempdir().unwrap();
        let read = |pattern: &str, limit| {
            read(&home.path().join(pattern), limit).unwrap().map(|value| value.expose_secret().to_owned())
        };
        assert_eq!(read("lost/*.json", 100), None);
        assert_eq!(read("*.json", 100), None);
        for (age, name, text) in [
            (3, "a.json", "{\"x\": 1}\n"),
            (2, "b.json", "[1]"),
            (1, "c.json", "{\"y\": "),
            (0, "d.json", " {}"),
            (0, "e.txt", "{}"),
        ] {
            let path = home.path().join(name);
            fs::write(&path, text).unwrap();
            let time = SystemTime::now() - Duration::from_secs(age * 100);
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        }
        fs::write(home.path().join("binary.json"), [0xff, 0xfe]).unwrap();
        fs::create_dir(home.path().join("directory.json")).unwrap();
        let all = read("*.json", 100).unwrap();
        let parsed: serde_json::Value = serde_json::from_str(&all).unwrap();
        assert_eq!(parsed, serde_json::json!({"d.json": {}, "a.json": {"x": 1}}));
        assert!(all.starts_with("{\"d.json\""), "{all}");
        assert_eq!(read("*.json", 20).unwrap(), "{\"d.json\": {}}");
        assert_eq!(read("a*", 100).unwrap(), "{\"a.json\":{\"x\": 1}\n}");
        assert!(is_pattern("~/.aws/*.json") && !is_pattern("~/.a*/x") && !is_pattern("/x"));
    }
}
