//! Files of this machine that a command in a cluster reads.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::called::Called;
use crate::bounded;
use crate::cli::failure::Failure;
use crate::configuration::{Evaluated, lock_of};
use crate::error::Kind;
use crate::kubernetes::Files;
use crate::server::rules::Rules;
use crate::sync::MirrorFile;
use crate::text::{Escaped, Foreign};

/// Largest file in bytes: what a ConfigMap holds.
const MAX_FILE: usize = 1 << 20;

/// Reads those that are named by relative paths, and those that they name: what is wrong with one is said now, and not
/// by a pod.
pub(super) fn read(called: &Called) -> Result<Files, Failure> {
    let mut paths = Vec::new();
    if let Some(config) = called.config.as_deref().map(Path::new).filter(|config| config.is_relative()) {
        paths.extend(Evaluated::read(config)?.files().iter().cloned());
        let lock = lock_of(config);
        paths.extend(lock.exists().then_some(lock));
    }
    if let Some(mirrors) = called.mirrors.as_deref().filter(|path| path.is_relative() && *path != Path::new("-")) {
        MirrorFile::read(mirrors)?;
        paths.push(mirrors.to_owned());
    }
    if let Some(rules) = called.rules.as_deref().filter(|path| path.is_relative()) {
        let issuers = Rules::read(rules)?.issuers;
        paths.extend(issuers.into_iter().flat_map(|issuer| [issuer.keys_file, issuer.authority_file]).flatten());
        paths.push(rules.to_owned());
    }
    if let Some(key) = called.key.as_deref().filter(|path| path.is_relative()) {
        paths.extend(of_key(key)?);
    }
    let mut files = Files::default();
    for path in paths.iter().filter(|path| path.is_relative()) {
        files.insert(&path.to_string_lossy(), content(path)?)?;
    }
    Ok(files)
}

/// The files that name the key of a service. A key itself stays out of manifests.
fn of_key(key: &Path) -> Result<Vec<PathBuf>, Failure> {
    if key.extension().is_none_or(|end| end != "toml") {
        let message = format!("`{}` is a key, and would stand in a ConfigMap", Escaped::from(key));
        let hint = "name where it is in the pod, such as `--secret-dir crhost=/key` and `--key-file /key/key`";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let (read, _) = Evaluated::read_key(key)?;
    let lock = lock_of(key);
    Ok(read.files().iter().cloned().chain(lock.exists().then_some(lock)).collect())
}

fn content(path: &Path) -> Result<String, Failure> {
    let unusable = |reason: String| {
        let message = format!("`{}` can't be read: {reason}", Escaped::from(path));
        Failure::new(Kind::Usage, message, "a relative path is a file of this machine, an absolute one of the pod")
    };
    let file = File::open(path).map_err(|error| unusable(Foreign(error).to_string()))?;
    let bytes = bounded::read(file, MAX_FILE).map_err(|_| unusable("it is larger than 1 MiB".to_owned()))?;
    String::from_utf8(bytes).map_err(|_| unusable("it is no text".to_owned()))
}
