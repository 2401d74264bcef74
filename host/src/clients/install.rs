//! Has clients ask crhost for the credentials of some hosts, and no more.

use super::edits::{self, Undone};
use super::error::ClientError;
use crate::docker::ClientFile;
use crate::docker::protocol::OWN_HELPER;
use crate::store::{RegistryRecord, Store};

/// The member of the file that names a helper for each host.
pub(super) const MEMBER: &str = "credHelpers";

/// A host in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edited {
    /// Its key in the file.
    pub(crate) key: String,
    /// Whether the file was changed for it.
    pub(crate) changed: bool,
    /// Whether it was left, because another program changed it since.
    pub(crate) kept_foreign: bool,
}

/// Names crhost as the helper of the registries' hosts.
///
/// # Errors
/// When the file or the store can't be read or written; nothing has changed then.
pub(crate) fn install(
    store: &Store,
    file: &ClientFile,
    registries: &[RegistryRecord],
) -> Result<Vec<Edited>, ClientError> {
    let keys = keys(registries);
    let values: Vec<_> = keys.iter().map(|key| (key.clone(), own().into())).collect();
    let changed = store.edit_clients(|edits| edits::set(edits, file, MEMBER, &values))?;
    let edited = |(key, changed)| Edited { key, changed, kept_foreign: false };
    Ok(keys.into_iter().zip(changed).map(edited).collect())
}

/// Sets back what [`install`] set, for the registries' hosts, or for all.
///
/// # Errors
/// As for [`install`].
pub(crate) fn uninstall(
    store: &Store,
    file: &ClientFile,
    registries: Option<&[RegistryRecord]>,
) -> Result<Vec<Edited>, ClientError> {
    let target = file.target().display().to_string();
    store.edit_clients(|recorded| {
        let edited = file.edit(|document| {
            let keys = match registries {
                Some(registries) => keys(registries),
                None => {
                    let mut keys = recorded.keys(&target, MEMBER)?;
                    keys.extend(document.keys(MEMBER));
                    keys.sort();
                    keys.dedup();
                    keys
                }
            };
            let mut edited = Vec::new();
            for key in keys {
                let undone = edits::undo(recorded, &target, document, (MEMBER, &key))?;
                // Written by hand, or by a crhost whose store is gone.
                let is_own = undone.is_none() && document.get(MEMBER, &key) == Some(own().as_str());
                if is_own {
                    document.remove(MEMBER, &key, false);
                }
                if undone.is_some() || is_own {
                    let kept_foreign = undone == Some(Undone::Changed);
                    edited.push(Edited { key, changed: !kept_foreign, kept_foreign });
                }
            }
            Ok::<_, ClientError>(edited)
        })?;
        edits::forget(recorded, &target, MEMBER, edited.iter().map(|host| &host.key))?;
        Ok(edited)
    })
}

/// The value in the file.
fn own() -> String {
    format!("\"{OWN_HELPER}\"")
}

/// The keys of the registries' hosts, each once. Docker Hub has two: Docker and crane look for the one, Podman and
/// skopeo for the other.
fn keys(registries: &[RegistryRecord]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for registry in registries {
        let host = registry.uri.host();
        for key in [host.credential_key(), host.as_str()] {
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::Home;

    struct Scene {
        directory: tempfile::TempDir,
        store: Store,
        file: ClientFile,
    }

    impl Scene {
        fn new(text: &str) -> Self {
            let directory = tempfile::tempdir().unwrap();
            let store = Store::open(&Home::at(&directory.path().join("home"))).unwrap();
            let file = ClientFile::at(directory.path().join("config.json"));
            fs::write(file.path(), text).unwrap();
            Self { directory, store, file }
        }

        fn text(&self) -> String {
            fs::read_to_string(self.directory.path().join("config.json")).unwrap()
        }

        fn install(&self, uris: &[&str]) -> Vec<bool> {
            install(&self.store, &self.file, &registries(uris)).unwrap().into_iter().map(|host| host.changed).collect()
        }
    }

    fn registries(uris: &[&str]) -> Vec<RegistryRecord> {
        uris.iter().map(|uri| RegistryRecord::example("x", uri)).collect()
    }

    const BEFORE: [&str; 4] = [
        "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {}\n\t},\n\t\"psFormat\": \"x\"\n}",
        "{\n  \"credHelpers\": {\n    \"ghcr.io\": \"ecr-login\",\n    \"quay.io\": \"pass\"\n  }\n}\n",
        "{\"credHelpers\":{},\"credsStore\":\"desktop\"}",
        "{ \"credHelpers\": null }",
    ];

    #[test]
    fn what_was_there_comes_back_to_the_byte() {
        for before in &BEFORE[..3] {
            let scene = Scene::new(before);
            assert_eq!(scene.install(&["ghcr.io/acme", "docker.io/acme", "ghcr.io/team"]), [true; 3]);
            assert_eq!(scene.text().matches("\"crhost\"").count(), 3, "{}", scene.text());
            assert_eq!(scene.install(&["ghcr.io/acme"]), [false]);
            assert_eq!(uninstall(&scene.store, &scene.file, None).unwrap().len(), 3);
            assert_eq!(&scene.text(), before);
            assert!(uninstall(&scene.store, &scene.file, None).unwrap().is_empty());
        }
    }

    #[test]
    fn one_host_is_undone_and_the_others_stay() {
        for before in BEFORE {
            let scene = Scene::new(before);
            scene.install(&["ghcr.io/acme", "localhost:5000"]);
            uninstall(&scene.store, &scene.file, Some(&registries(&["ghcr.io"]))).unwrap();
            assert_eq!(scene.text().matches("\"crhost\"").count(), 1, "{}", scene.text());
            uninstall(&scene.store, &scene.file, Some(&registries(&["localhost:5000"]))).unwrap();
            assert!(!scene.text().contains("crhost"), "{}", scene.text());
        }
    }

    #[test]
    fn what_another_program_set_since_is_left() {
        let scene = Scene::new("{}");
        scene.install(&["ghcr.io"]);
        fs::write(scene.file.path(), r#"{"credHelpers":{"ghcr.io":"pass"}}"#).unwrap();
        let edited = uninstall(&scene.store, &scene.file, None).unwrap();
        assert!(edited.len() == 1 && edited[0].kept_foreign && !edited[0].changed);
        assert_eq!(scene.text(), r#"{"credHelpers":{"ghcr.io":"pass"}}"#);
    }

    #[test]
    fn an_entry_that_is_not_recorded_is_removed() {
        let scene = Scene::new(r#"{"credHelpers":{"a.io":"pass","ghcr.io":"crhost"}}"#);
        assert_eq!(uninstall(&scene.store, &scene.file, None).unwrap().len(), 1);
        assert_eq!(scene.text(), r#"{"credHelpers":{"a.io":"pass"}}"#);
    }

    #[test]
    fn a_broken_file_stays_as_it_is_and_nothing_is_recorded() {
        let scene = Scene::new("{\"credHelpers\": [");
        assert!(install(&scene.store, &scene.file, &registries(&["ghcr.io"])).is_err());
        assert_eq!(scene.text(), "{\"credHelpers\": [");
        fs::write(scene.file.path(), "{}").unwrap();
        assert!(uninstall(&scene.store, &scene.file, None).unwrap().is_empty());
    }
}
