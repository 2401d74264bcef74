//! The file: its form, the files that it includes, and what stands in it for variables.

mod malformed;
mod model;
mod reference;
mod variables;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

pub(crate) use model::ConfigurationFile;
pub(super) use model::{Asked, ConnectorEntry, FlavorEntry, Host, PolicyEntry, RegistryEntry, Value};
pub(super) use reference::{FieldText, read as read_field};
pub(super) use variables::{escaped, filled_in};

use super::error::ConfigurationError;
use crate::bounded;
use crate::files::regular;
use crate::store::{Name, NameError};
use crate::text::Foreign;

/// Most bytes of a file: ten thousand entries of 100 bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// Most files that one includes, and those include: more is a circle, or a mistake.
const MAX_FILES: usize = 100;

/// A file with all that it includes. Without `Debug`: a secret may stand in it by mistake.
pub(crate) struct Evaluated {
    /// The file that was named.
    pub(crate) path: PathBuf,
    /// Everything that is in it.
    pub(super) file: ConfigurationFile,
    /// The file that each entry stands in, by what it is.
    origins: BTreeMap<String, PathBuf>,
    /// It, and those that it includes.
    files: Vec<PathBuf>,
}

impl Evaluated {
    /// Reads a file that registers something.
    ///
    /// # Errors
    /// As for [`read_any`](Self::read_any), and when it names a key.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigurationError> {
        let whole = Self::read_any(path)?;
        match whole.file.keys.keys().next() {
            Some(name) => {
                let problem = "a key is named in a file of its own, by CRHOST_KEY_FILE".to_owned();
                Err(ConfigurationError::malformed(&whole.at("key", name), problem))
            }
            None => Ok(whole),
        }
    }

    /// Reads a file that registers something or names a key, and those that it includes.
    ///
    /// # Errors
    /// When one can't be read or is malformed, or a name is in two of them.
    pub(crate) fn read_any(path: &Path) -> Result<Self, ConfigurationError> {
        let mut whole = Self {
            path: path.to_owned(),
            file: parsed(path, &read_text(path)?)?,
            origins: BTreeMap::new(),
            files: Vec::new(),
        };
        whole.files.push(path.to_owned());
        let included = whole.file.include.clone();
        let names: Vec<String> = whole.names().collect();
        names.into_iter().for_each(|name| drop(whole.origins.insert(name, path.to_owned())));
        let mut waiting: Vec<PathBuf> = included.iter().rev().map(|one| beside(path, one)).collect();
        let mut count = 1;
        while let Some(next) = waiting.pop() {
            count += 1;
            if count > MAX_FILES {
                let problem = format!("it includes more than {MAX_FILES} files, or itself");
                return Err(ConfigurationError::malformed(&path.display().to_string(), problem));
            }
            // A pipe would be waited for; the file that the user names may be one.
            let bytes = regular::read(&next, MAX_BYTES);
            let bytes = bytes.map_err(|reason| unreadable(&next, &Foreign(reason).to_string()))?;
            let file = parsed(&next, &text_of(&next, bytes)?)?;
            whole.files.push(next.clone());
            waiting.extend(file.include.iter().rev().map(|one| beside(&next, one)));
            whole.add(&next, file)?;
        }
        Ok(whole)
    }

    /// Reads a file that names the key of a service, and gives the key's name.
    ///
    /// # Errors
    /// As for [`read`](Self::read), and when it has another number of keys than one, or anything that no key needs.
    pub(crate) fn read_key(path: &Path) -> Result<(Self, Name), ConfigurationError> {
        let whole = Self::read_any(path)?;
        let ConfigurationFile { keys, registries, policies, default_registry, .. } = &whole.file;
        let wrong = |problem: String| ConfigurationError::malformed(&path.display().to_string(), problem);
        if !registries.is_empty() || !policies.is_empty() || default_registry.is_some() {
            return Err(wrong("it names a key, and has registries or policies besides".to_owned()));
        }
        let mut names = keys.keys();
        let (Some(name), None) = (names.next(), names.next()) else {
            return Err(wrong(format!("it has {} keys, expected one, `[keys.NAME]`", keys.len())));
        };
        let name = name.parse().map_err(|error: NameError| wrong(error.to_string()))?;
        Ok((whole, name))
    }

    /// The file, and all that it includes.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// What the entries are, such as ``registry `prod` ``.
    fn names(&self) -> impl Iterator<Item = String> {
        let ConfigurationFile { default_registry, flavors, connectors, registries, keys, policies, .. } = &self.file;
        let named = |what: &'static str| move |name: &String| named(what, name);
        let default = default_registry.iter().map(|_| DEFAULT.to_owned());
        default
            .chain(flavors.keys().map(named("flavor")))
            .chain(connectors.keys().map(named("connector")))
            .chain(registries.keys().map(named("registry")))
            .chain(keys.keys().map(named("key")))
            .chain(policies.keys().map(named("policy")))
    }

    fn add(&mut self, path: &Path, file: ConfigurationFile) -> Result<(), ConfigurationError> {
        let more = Self { path: path.to_owned(), file, origins: BTreeMap::new(), files: Vec::new() };
        for name in more.names() {
            if let Some(other) = self.origins.insert(name.clone(), path.to_owned()) {
                let is_same = canonical(&other).is_some_and(|other| canonical(path) == Some(other));
                let problem = match is_same {
                    true => "it is included twice".to_owned(),
                    false => format!("{name} is in `{}`, too", other.display()),
                };
                return Err(ConfigurationError::malformed(&path.display().to_string(), problem));
            }
        }
        let ConfigurationFile { default_registry, flavors, connectors, registries, keys, policies, .. } = more.file;
        self.file.default_registry = self.file.default_registry.take().or(default_registry);
        self.file.flavors.extend(flavors);
        self.file.connectors.extend(connectors);
        self.file.registries.extend(registries);
        self.file.keys.extend(keys);
        self.file.policies.extend(policies);
        Ok(())
    }

    /// The place of an entry, as errors name it.
    pub(super) fn at(&self, what: &str, name: &str) -> String {
        let entry = if name.is_empty() { what.to_owned() } else { named(what, name) };
        let path = self.origins.get(&entry).unwrap_or(&self.path);
        format!("{}: {entry}", path.display())
    }

    /// A path that an entry names, which is relative to the entry's own file.
    pub(super) fn path_of(&self, what: &str, name: &str, path: &str) -> PathBuf {
        beside(self.origins.get(&named(what, name)).unwrap_or(&self.path), path)
    }
}

/// The entry of the default registry.
pub(super) const DEFAULT: &str = "`default-registry`";

fn named(what: &str, name: &str) -> String {
    format!("{what} `{name}`")
}

/// A path as it is stored and shown: right in any working directory, and without `..`, behind which a reader would not
/// see where it leads. A part of it that is no directory stays as it is.
pub(super) fn absolute_text(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<Component<'_>> = absolute.components().collect();
    let Some(last) = parts.iter().rposition(|part| *part == Component::ParentDir) else {
        return absolute.display().to_string();
    };
    let (climbs, rest) = parts.split_at(last.saturating_add(1));
    // Not by the names alone: a link may lead elsewhere.
    let plain = canonical(&climbs.iter().collect::<PathBuf>());
    plain.map_or(absolute.clone(), |plain| rest.iter().fold(plain, |path, part| path.join(part))).display().to_string()
}

/// A path that is relative to a file.
fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

/// The one path of a file that has several.
fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

fn parsed(path: &Path, text: &str) -> Result<ConfigurationFile, ConfigurationError> {
    parse(text, &path.display().to_string())
}

/// The text of a file.
pub(super) fn read_text(path: &Path) -> Result<String, ConfigurationError> {
    let file = File::open(path).map_err(|reason| unreadable(path, &Foreign(reason).to_string()))?;
    let bytes = bounded::read(file, MAX_BYTES).map_err(|reason| unreadable(path, &reason.to_string()))?;
    text_of(path, bytes)
}

/// The bytes of a file as text.
fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, ConfigurationError> {
    String::from_utf8(bytes).map_err(|_| unreadable(path, "it is no text in UTF-8"))
}

fn unreadable(path: &Path, reason: &str) -> ConfigurationError {
    let hint = "give the configuration file, or run the command where `crhost.toml` is";
    ConfigurationError::File { path: path.into(), action: "read", reason: reason.into(), hint }
}

/// Parses the text of a file that errors call `name`.
pub(super) fn parse<T: serde::de::DeserializeOwned>(text: &str, name: &str) -> Result<T, ConfigurationError> {
    toml::from_str(text).map_err(|error| malformed::explained(name, text, &error))
}

#[cfg(test)]
mod tests;
