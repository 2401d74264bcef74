//! Has clients ask crhost for the credentials of some hosts, and no more.

use super::edits::{self, Undone};
use super::error::ClientError;
use super::find::registry_of;
use super::server::ServerUrl;
use crate::docker::ClientFile;
use crate::docker::protocol::OWN_HELPER;
use crate::image::Host;
use crate::store::{Name, RegistryRecord, Store};

/// The member of the file that names a helper for each host.
pub(super) const MEMBER: &str = "credHelpers";

/// A host in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edited {
    /// Its key in the file.
    pub(crate) key: String,
    /// The helper that was there before, in quotes and as JSON; absent where there was none.
    pub(crate) before: Option<String>,
    /// Whether the file was changed for it, or would be.
    pub(crate) changed: bool,
    /// Whether it was left, because another program changed it since.
    pub(crate) kept_foreign: bool,
}

/// What [`install`] would change.
///
/// # Errors
/// When the file can't be read.
pub(crate) fn preview(file: &ClientFile, registries: &[RegistryRecord]) -> Result<Vec<Edited>, ClientError> {
    let document = file.read()?;
    // Without an entry of its own, a host's credentials are asked for there.
    let for_all = document.member("credsStore").map(str::to_owned);
    let edited = |key: String| {
        let before = document.get(MEMBER, &key).map(str::to_owned);
        let changed = before.as_ref().or(for_all.as_ref()) != Some(&own());
        Edited { key, before, changed, kept_foreign: false }
    };
    Ok(keys(registries).into_iter().map(edited).collect())
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
    let edited = preview(file, registries)?;
    let values: Vec<_> =
        edited.iter().filter(|host| host.changed).map(|host| (host.key.clone(), own().into())).collect();
    edits::set(store, file, MEMBER, &values)?;
    Ok(edited)
}

/// Whether a file names crhost as a helper, for a host or for all.
///
/// # Errors
/// When the file can't be read.
pub(crate) fn asks_crhost(file: &ClientFile) -> Result<bool, ClientError> {
    let document = file.read()?;
    let is_own = |helper: Option<&str>| helper == Some(own().as_str());
    Ok(is_own(document.member("credsStore"))
        || document.keys(MEMBER).iter().any(|key| is_own(document.get(MEMBER, key))))
}

/// The hosts of registries with several accounts, of which none is guessed for a client that sends a host alone.
#[must_use]
pub(crate) fn ambiguous(registries: &[RegistryRecord], all: &[RegistryRecord], current: Option<&Name>) -> Vec<String> {
    let mut hosts: Vec<&Host> = registries.iter().map(|registry| registry.uri.host()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let server = |host: &Host| ServerUrl { host: host.clone(), path: None };
    hosts.retain(|host| registry_of(all, &server(host), current).is_err());
    hosts.into_iter().map(ToString::to_string).collect()
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
                    edited.push(Edited { key, before: None, changed: !kept_foreign, kept_foreign });
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
    fn a_helper_for_all_hosts_that_is_crhost_needs_no_entry() {
        let scene = Scene::new(r#"{"credsStore":"crhost","credHelpers":{"quay.io":"pass"}}"#);
        assert_eq!(scene.install(&["ghcr.io/acme", "quay.io/acme"]), [false, true]);
        assert_eq!(scene.text(), r#"{"credsStore":"crhost","credHelpers":{"quay.io":"crhost"}}"#);
        uninstall(&scene.store, &scene.file, None).unwrap();
        assert_eq!(scene.text(), r#"{"credsStore":"crhost","credHelpers":{"quay.io":"pass"}}"#);
    }

    #[test]
    fn a_preview_says_what_was_there_and_writes_nothing() {
        let scene = Scene::new(BEFORE[1]);
        let edited = preview(&scene.file, &registries(&["ghcr.io/acme", "localhost:5000"])).unwrap();
        let seen: Vec<_> =
            edited.iter().map(|host| (host.key.as_str(), host.before.as_deref(), host.changed)).collect();
        assert_eq!(seen, [("ghcr.io", Some("\"ecr-login\""), true), ("localhost:5000", None, true)]);
        assert_eq!(scene.text(), BEFORE[1]);
    }

    #[test]
    fn a_host_with_several_accounts_is_told_apart_from_one_with_several_paths() {
        let all = [
            RegistryRecord { connector: Some("a".parse().unwrap()), ..RegistryRecord::example("one", "ghcr.io/one") },
            RegistryRecord { connector: Some("b".parse().unwrap()), ..RegistryRecord::example("two", "ghcr.io/two") },
            RegistryRecord::example("three", "quay.io/three"),
            RegistryRecord::example("four", "quay.io/four"),
        ];
        assert_eq!(ambiguous(&all, &all, None), ["ghcr.io"]);
        assert_eq!(ambiguous(&all[2..], &all, None), [""; 0]);
        assert_eq!(ambiguous(&all, &all, Some(&all[1].name)), [""; 0]);
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
