//! Parts of a workload, as the command line names them, by the rules of Kubernetes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::Explain;
use crate::kubernetes::names::ObjectName;
use crate::text::{Escaped, Printable};

/// Most bytes of a ConfigMap's data (`MaxSecretSize` in `k8s.io/api/core/v1`, which holds for both).
const MAX_FILES: usize = 1 << 20;
/// Characters of an invalid text that an error shows.
const MAX_SHOWN: usize = 80;

/// Small text files, by their relative paths.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<String, String>);

/// Files that can't be in a ConfigMap.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum FilesError {
    /// A path that leads elsewhere, or has characters that no key has.
    #[error(
        "`{0}` can't be a file of a ConfigMap: expected a path below this directory, of letters, digits, `-`, `_` and `.`"
    )]
    #[explain(hint = "run crhost in the directory of the files; an absolute path is one in the pod")]
    Path(Escaped),
    /// More than a ConfigMap holds.
    #[error("the files are larger than the {} KiB of a ConfigMap", MAX_FILES >> 10)]
    #[explain(hint = "put them into an image or a volume, and name them by absolute paths")]
    Size,
}

impl Files {
    /// Adds a file.
    ///
    /// # Errors
    /// When a ConfigMap can't hold it under this path.
    pub(crate) fn insert(&mut self, path: &str, content: String) -> Result<(), FilesError> {
        let is_part = |part: &str| !part.is_empty() && part != "." && part != ".." && is_key(part);
        if !path.split('/').all(is_part) {
            return Err(FilesError::Path(Escaped::new(path, MAX_SHOWN)));
        }
        self.0.insert(path.to_owned(), content);
        let size: usize = self.0.iter().map(|(path, content)| path.len() + content.len()).sum();
        if size > MAX_FILES { Err(FilesError::Size) } else { Ok(()) }
    }

    /// The data of a ConfigMap with them; `None` if there are none.
    pub(super) fn data(&self) -> Option<BTreeMap<String, &str>> {
        let data: BTreeMap<_, _> = self.0.iter().map(|(path, content)| (key(path), content.as_str())).collect();
        (!data.is_empty()).then_some(data)
    }

    /// Where each is put in a volume.
    pub(super) fn items(&self) -> Value {
        self.0.keys().map(|path| json!({"key": key(path), "path": path})).collect()
    }
}

/// The key of a path, which has no `/`.
fn key(path: &str) -> String {
    path.replace('/', "..")
}

/// Letters, digits, `-`, `_` and `.` (`IsConfigMapKey` in `k8s.io/apimachinery/pkg/util/validation`).
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() <= 253 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// A variable of a container.
#[derive(Debug, Clone)]
pub(crate) enum Variable {
    /// With this value.
    Plain(String, String),
    /// With the value of a Secret's key.
    OfSecret(String, SecretKey),
}

impl Variable {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Plain(name, _) | Self::OfSecret(name, _) => name,
        }
    }

    /// Its entry in a container.
    pub(super) fn entry(&self) -> Value {
        match self {
            Self::Plain(name, value) => json!({"name": name, "value": value}),
            Self::OfSecret(name, SecretKey { secret, key }) => {
                json!({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}})
            }
        }
    }
}

/// A key of a Secret: `SECRET/KEY`.
#[derive(Debug, Clone)]
pub(crate) struct SecretKey {
    secret: ObjectName,
    key: String,
}

impl FromStr for SecretKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (secret, key) = text.split_once('/').filter(|(_, key)| is_key(key)).ok_or("expected `SECRET/KEY`")?;
        let secret = secret.parse::<ObjectName>().map_err(|error| error.to_string())?;
        Ok(Self { secret, key: key.to_owned() })
    }
}

/// A volume that exists, in a directory of the pod.
#[derive(Debug, Clone)]
pub(crate) struct Mount {
    /// The volume.
    pub(crate) of: Mounted,
    /// The directory.
    pub(crate) at: Directory,
}

/// What is mounted.
#[derive(Debug, Clone)]
pub(crate) enum Mounted {
    /// A Secret, a file for each of its keys.
    Secret(ObjectName),
    /// The volume of a claim, to read from.
    Claim(ObjectName),
}

/// An absolute path in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Directory(String);

impl Directory {
    /// The path.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Directory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Kubernetes refuses a colon there, and a path that leads upwards.
        let is_path = text.starts_with('/') && text.len() > 1 && !text.contains(':');
        if is_path && !text.split('/').any(|part| part == "..") {
            return Ok(Self(text.trim_end_matches('/').to_owned()));
        }
        Err("expected an absolute path of the pod".to_owned())
    }
}

/// An amount of processor time or memory: `250m`, `2`, `512Mi`, `1Gi`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Quantity(String);

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let is_unit = ["", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"].contains(&unit);
        if is_unit && number.bytes().any(|digit| digit != b'0') {
            return Ok(Self(text.to_owned()));
        }
        Err("expected a number with a unit of Kubernetes, such as `250m` or `512Mi`".to_owned())
    }
}

/// Times in cron's form.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Schedule(String);

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const NAMED: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
        let is_field = |field: &str| field.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*/,-?".contains(&byte));
        let fields: Vec<&str> = text.split_whitespace().collect();
        if NAMED.contains(&text) || fields.len() == 5 && fields.iter().copied().all(is_field) {
            return Ok(Self(text.to_owned()));
        }
        Err("expected five fields of cron, such as `0 3 * * *`, or `@daily`".to_owned())
    }
}

/// A text that Kubernetes takes.
impl Printable for Quantity {}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_those_below_this_directory_and_small() {
        let mut files = Files::default();
        for good in ["crhost.toml", "team/prod.toml", "..data"] {
            files.insert(good, "x".to_owned()).unwrap();
        }
        let keys: Vec<String> = files.data().unwrap().into_keys().collect();
        assert_eq!(keys, ["..data", "crhost.toml", "team..prod.toml"]);
        for bad in ["", "/etc/crhost.toml", "../x", "./x", "a//b", "a b", "ä", "a/"] {
            assert!(matches!(files.insert(bad, String::new()), Err(FilesError::Path(_))), "{bad}");
        }
        assert!(matches!(files.insert("big", "x".repeat(MAX_FILES)), Err(FilesError::Size)));
    }

    #[test]
    fn parts_are_what_kubernetes_takes() {
        for (good, bad) in [("0 3 * * *", "0 3 * *"), ("*/5 0-6,12 ? JAN MON", "0 3 * * *; x"), ("@daily", "@never")] {
            assert!(good.parse::<Schedule>().is_ok(), "{good}");
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
        for (good, bad) in [("250m", "m"), ("2", "0"), ("512Mi", "512MB"), ("1Gi", "-1"), ("1500k", "1.5Gi")] {
            assert!(good.parse::<Quantity>().is_ok(), "{good}");
            assert!(bad.parse::<Quantity>().is_err(), "{bad}");
        }
        for (good, bad) in [("crhost/database", "crhost"), ("a.b/tls.crt", "A/b"), ("a/.c", "a/b c"), ("a/b", "a/")] {
            assert!(good.parse::<SecretKey>().is_ok(), "{good}");
            assert!(bad.parse::<SecretKey>().is_err(), "{bad}");
        }
        for (good, bad) in [("/tls", "tls"), ("/a/b/", "/a/../b"), ("/a.b", "/"), ("/x", "/a:b")] {
            assert!(good.parse::<Directory>().is_ok(), "{good}");
            assert!(bad.parse::<Directory>().is_err(), "{bad}");
        }
    }
}
