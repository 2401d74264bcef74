//! `containers-storage:[[DRIVER@ROOT+RUN:OPTIONS]]NAME` (containers-transports(5)).

use std::fmt;
use std::path::PathBuf;

/// An image in the storage of Podman and buildah.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StorageLocation {
    /// The storage driver, where the user names one.
    pub(super) driver: Option<String>,
    /// The storage's root directory, where the user names one.
    pub(super) root: Option<PathBuf>,
    /// The image's name, with a tag, a digest or an id behind it, or its id.
    pub(in crate::source) name: String,
}

impl StorageLocation {
    /// An image in the usual storage.
    pub(in crate::source) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Another image of the same storage.
    pub(in crate::source) fn with_name(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// Reads what stands behind `containers-storage:`. The directory of temporary files and the driver's options are
    /// taken and mean nothing: nothing is mounted or written.
    pub(in crate::source) fn parse(text: &str) -> Option<Self> {
        let Some(bracketed) = text.strip_prefix('[') else {
            return Some(Self::named(text));
        };
        let (place, name) = bracketed.split_once(']')?;
        let (driver, place) = match place.split_once('@') {
            Some((driver, place)) => (driver, place),
            None if place.starts_with('/') => ("", place),
            None => (place, ""),
        };
        let driver = Some(driver.to_owned()).filter(|driver| !driver.is_empty());
        let root = place.split(['+', ':']).next().unwrap_or_default();
        let is_driver = |driver: &String| driver.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_valid = (root.is_empty() || root.starts_with('/')) && driver.as_ref().is_none_or(is_driver);
        let root = Some(PathBuf::from(root)).filter(|root| !root.as_os_str().is_empty());
        (is_valid && (driver.is_some() || root.is_some())).then(|| Self { driver, root, name: name.to_owned() })
    }
}

impl fmt::Display for StorageLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("containers-storage:")?;
        let driver = self.driver.as_deref().unwrap_or_default();
        match &self.root {
            Some(root) if driver.is_empty() => write!(f, "[{}]", root.display())?,
            Some(root) => write!(f, "[{driver}@{}]", root.display())?,
            None if driver.is_empty() => {}
            None => write!(f, "[{driver}]")?,
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_names_a_storage_and_an_image() {
        for (text, driver, root, name) in [
            ("train:v3", None, None, "train:v3"),
            ("localhost/train@sha256:00", None, None, "localhost/train@sha256:00"),
            ("@3fd135", None, None, "@3fd135"),
            ("[overlay@/var/lib/s+/run/s]a/b:1", Some("overlay"), Some("/var/lib/s"), "a/b:1"),
            ("[vfs@/s]a", Some("vfs"), Some("/s"), "a"),
            ("[/s+/run/s]a", None, Some("/s"), "a"),
            ("[overlay@/s+/run:overlay.mountopt=x,y]a", Some("overlay"), Some("/s"), "a"),
            ("[vfs]a", Some("vfs"), None, "a"),
        ] {
            let root = root.map(PathBuf::from);
            let expected = StorageLocation { driver: driver.map(str::to_owned), root, name: name.to_owned() };
            assert_eq!(StorageLocation::parse(text).unwrap(), expected, "{text}");
        }
        for text in ["[x", "[]a", "[overlay@relative]a", "[a b@/x]y"] {
            assert_eq!(StorageLocation::parse(text), None, "{text}");
        }
    }
}
