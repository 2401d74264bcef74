//! Pods of manifests as containers of the Docker daemon: with the same words, variables, files and rights.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::programs::crhost::Home;
use crate::support::programs::dist::OwnImage;

/// The user of the image, and the group of volumes.
const USER: u32 = 65_532;

/// The pod of a workload, and what a cluster has for it.
pub(crate) struct Pod {
    pod: Value,
    /// Volumes by their names.
    volumes: BTreeMap<String, PathBuf>,
    /// Values of Secrets, by `SECRET/KEY`.
    secrets: BTreeMap<String, String>,
    place: TempDir,
}

impl Pod {
    /// The pod of the manifests that a command of `crhost kubernetes render` prints, for an image.
    #[track_caller]
    pub(crate) fn rendered(home: &Home, image: &OwnImage, words: &[&str]) -> Self {
        let list =
            home.ok(&[&["-o", "json", "kubernetes", "render", "--image", &image.name][..], words].concat()).json();
        let items = list["items"].as_array().unwrap();
        let spec = items.iter().find_map(|item| item.pointer("/spec/template/spec")).unwrap();
        let place = TempDir::new().unwrap();
        let mut pod = Self { pod: spec.clone(), volumes: BTreeMap::new(), secrets: BTreeMap::new(), place };
        if let Some(map) = items.iter().find(|item| item["kind"] == "ConfigMap") {
            pod.config_map(&map["data"]);
        }
        pod
    }

    /// The files of a ConfigMap, at the paths that the volume says.
    fn config_map(&mut self, data: &Value) {
        let volumes = self.pod["volumes"].as_array().unwrap();
        let volume = volumes.iter().find(|volume| volume["name"] == "files").unwrap();
        let files: Vec<(String, String)> = volume["configMap"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let text = data[item["key"].as_str().unwrap()].as_str().unwrap();
                (item["path"].as_str().unwrap().to_owned(), text.to_owned())
            })
            .collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        self.volume("files", &files);
    }

    /// Gives it a volume with files, as the kubelet makes those of Secrets: links to files of root's that the group of
    /// the volume can read.
    #[track_caller]
    pub(crate) fn volume(&mut self, name: &str, files: &[(&str, &[u8])]) {
        let directory = self.place.path().join(name);
        for (path, content) in files {
            let (real, link) = (directory.join("..data").join(path), directory.join(path));
            for file in [&real, &link] {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
            }
            fs::write(&real, content).unwrap();
            fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
            chown(&real, Some(0), Some(USER)).unwrap();
            symlink(Path::new("/").join(self.mounted_at(name)).join("..data").join(path), link).unwrap();
        }
        self.directory(name, directory);
    }

    /// Gives it a directory as a volume.
    pub(crate) fn directory(&mut self, name: &str, directory: PathBuf) {
        for above in [self.place.path(), &directory] {
            fs::set_permissions(above, fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.volumes.insert(name.to_owned(), directory);
    }

    /// Gives it the value of a Secret's key.
    pub(crate) fn secret(&mut self, name: &str, value: String) {
        self.secrets.insert(name.to_owned(), value);
    }

    fn mounted_at(&self, volume: &str) -> String {
        let mounts = self.pod["containers"][0]["volumeMounts"].as_array().unwrap();
        mounts.iter().find(|mount| mount["name"] == volume).unwrap()["mountPath"].as_str().unwrap().to_owned()
    }

    /// Its container, of which the daemon knows the name.
    #[track_caller]
    pub(crate) fn container(&self, image: &OwnImage, name: &str, variables: &[(&str, &str)]) -> Command {
        let container = &self.pod["containers"][0];
        let rights = json!({
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
        });
        // As the container of the daemon has them.
        assert_eq!((&container["securityContext"], &container["command"]), (&rights, &json!(["crhost"])));
        let mut options = vec![format!("--name={name}"), "--entrypoint=crhost".to_owned()];
        for entry in container["env"].as_array().into_iter().flatten() {
            let reference = &entry["valueFrom"]["secretKeyRef"];
            let of_secret = || {
                let key = format!("{}/{}", reference["name"].as_str().unwrap(), reference["key"].as_str().unwrap());
                self.secrets[&key].clone()
            };
            let value = entry["value"].as_str().map_or_else(of_secret, str::to_owned);
            options.push(format!("--env={}={value}", entry["name"].as_str().unwrap()));
        }
        options.extend(variables.iter().map(|(name, value)| format!("--env={name}={value}")));
        options.extend(container["workingDir"].as_str().map(|directory| format!("--workdir={directory}")));
        for mount in container["volumeMounts"].as_array().unwrap() {
            let (volume, at) = (mount["name"].as_str().unwrap(), mount["mountPath"].as_str().unwrap());
            options.push(match self.volumes.get(volume) {
                Some(directory) => format!("--volume={}:{at}:ro", directory.display()),
                None => format!("--tmpfs={at}:mode=1777"),
            });
        }
        let words: Vec<&str> =
            container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        image.command(&options, &words)
    }
}
