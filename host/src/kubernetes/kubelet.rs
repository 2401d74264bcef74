//! Whether the kubelet of this machine asks crhost: its flags, its configuration, its directory of providers.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::provider::PROGRAM;
use super::provider_config::{OWN_NAME, OWN_WORDS, unmatched};
use crate::bounded;
use crate::error::Explain;
use crate::store::{Name, RegistryRecord};
use crate::text::{Escaped, Foreign, quoted};

/// The longest configuration that is read, in bytes: a thousand registries with room.
const MAX_CONFIG: usize = 1 << 20;

/// The kubelet's flags about credential providers (`kubelet --help`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kubelet {
    /// `--image-credential-provider-config`: a file, or a directory of files.
    pub(crate) config: Option<PathBuf>,
    /// `--image-credential-provider-bin-dir`.
    pub(crate) programs: Option<PathBuf>,
}

/// Why the kubelet does not ask crhost, or not about all registries.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum Fault {
    /// A flag is missing: the kubelet asks no provider.
    #[error("the kubelet runs without `{0}`, and asks no credential provider")]
    #[explain(
        hint = "write `crhost kubernetes credential-provider config` into a file, and start the kubelet with both flags"
    )]
    NoFlag(&'static str),
    /// Its configuration can't be read.
    #[error("the kubelet's configuration `{path}` can't be read: {reason}")]
    #[explain(hint = "`crhost kubernetes credential-provider config` prints one")]
    NoConfig {
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Foreign<bounded::ReadError<std::io::Error>>,
    },
    /// Its configuration is not YAML of this kind.
    #[error("the kubelet's configuration `{path}` is no CredentialProviderConfig: {reason}")]
    #[explain(hint = "`crhost kubernetes credential-provider config` prints one")]
    Malformed {
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// No provider in it is crhost.
    #[error("no provider in the kubelet's configuration `{0}` is crhost")]
    #[explain(hint = "add the provider that `crhost kubernetes credential-provider config` prints")]
    NoProvider(Escaped),
    /// Its program is not there.
    #[error("the kubelet has no program `{0}`, and does not start")]
    #[explain(hint = "link or copy crhost there")]
    NoProgram(Escaped),
    /// Registries that it would not ask about.
    #[error("the kubelet does not ask crhost about the images of {}", quoted(_0))]
    #[explain(hint = "print its configuration again: `crhost kubernetes credential-provider config`")]
    Unmatched(Vec<Name>),
}

/// The configuration, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    kind: String,
    providers: Vec<Provider>,
}

/// A provider in it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Provider {
    name: String,
    match_images: Vec<String>,
    args: Vec<String>,
}

impl Provider {
    /// Whether it is crhost, by either of its names.
    fn is_own(&self) -> bool {
        let is_called = self.args.iter().map(String::as_str).take(OWN_WORDS.len()).eq(OWN_WORDS);
        self.name == PROGRAM || self.name == OWN_NAME || is_called
    }
}

/// The kubelet that runs on this machine; `None` where none does, or the system does not show it.
#[must_use]
pub(crate) fn find() -> Option<Kubelet> {
    let processes = fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .find_map(|line| of_command_line(&line))
}

/// The flags in a command line, whose words end with a zero byte (`proc_pid_cmdline(5)`).
fn of_command_line(line: &[u8]) -> Option<Kubelet> {
    let words: Vec<String> =
        line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let (program, words) = words.split_first()?;
    let is_kubelet = Path::new(program).file_name().is_some_and(|name| name == "kubelet");
    // Distributions that are one program name it as the first argument.
    let is_kubelet = is_kubelet || words.first().is_some_and(|word| word == "kubelet");
    let flag = |name: &str| {
        let mut words = words.iter();
        words
            .find_map(|word| match word.trim_start_matches('-').strip_prefix(name) {
                Some("") if word.starts_with('-') => Some(None),
                Some(value) if word.starts_with('-') => value.strip_prefix('=').map(|value| Some(value.to_owned())),
                _ => None,
            })?
            .or_else(|| words.next().cloned())
            .map(PathBuf::from)
    };
    is_kubelet.then(|| Kubelet {
        config: flag("image-credential-provider-config"),
        programs: flag("image-credential-provider-bin-dir"),
    })
}

/// What keeps a kubelet from asking crhost about the images of these registries; nothing where all is well.
#[must_use]
pub(crate) fn check(kubelet: &Kubelet, registries: &[RegistryRecord]) -> Vec<Fault> {
    let Some(path) = &kubelet.config else { return vec![Fault::NoFlag("--image-credential-provider-config")] };
    let Some(programs) = &kubelet.programs else { return vec![Fault::NoFlag("--image-credential-provider-bin-dir")] };
    let providers = match providers(path) {
        Ok(providers) => providers,
        Err(fault) => return vec![fault],
    };
    let own: Vec<&Provider> = providers.iter().filter(|provider| provider.is_own()).collect();
    if own.is_empty() {
        return vec![Fault::NoProvider(path.into())];
    }
    let mut faults = Vec::new();
    let missing = own.iter().map(|provider| programs.join(&provider.name)).find(|program| !program.is_file());
    faults.extend(missing.map(|program| Fault::NoProgram(program.into())));
    let patterns: Vec<String> = own.iter().flat_map(|provider| provider.match_images.iter().cloned()).collect();
    let unmatched: Vec<Name> =
        unmatched(registries, &patterns).into_iter().map(|registry| registry.name.clone()).collect();
    faults.extend((!unmatched.is_empty()).then_some(Fault::Unmatched(unmatched)));
    faults
}

/// The providers of a configuration: of a file, or of all files with the ending of JSON or YAML in a directory.
fn providers(path: &Path) -> Result<Vec<Provider>, Fault> {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let endings = ["json", "yaml", "yml"];
        files = entries
            .filter(|path| endings.iter().any(|ending| path.extension().is_some_and(|found| found == *ending)))
            .collect();
        files.sort();
    }
    let mut providers = Vec::new();
    for file in files {
        providers.extend(read(&file)?.providers);
    }
    Ok(providers)
}

fn read(file: &Path) -> Result<Config, Fault> {
    let no_config = |reason| Fault::NoConfig { path: file.into(), reason: Foreign(reason) };
    let opened = fs::File::open(file).map_err(|error| no_config(bounded::ReadError::Failed(error)))?;
    let bytes = bounded::read(opened, MAX_CONFIG).map_err(no_config)?;
    let malformed = |reason: Escaped| Fault::Malformed { path: file.into(), reason };
    // JSON is YAML. Only the first line of the reader's complaint: the rest shows the file.
    let config: Config = serde_saphyr::from_str(&String::from_utf8_lossy(&bytes))
        .map_err(|error| malformed(error.to_string().lines().next().unwrap_or_default().into()))?;
    match config.kind.as_str() {
        "CredentialProviderConfig" => Ok(config),
        kind => Err(malformed(format!("its kind is `{}`", Escaped::from(kind)).into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kubelet(directory: &Path, config: &str) -> Kubelet {
        fs::write(directory.join("config.yaml"), config).unwrap();
        Kubelet { config: Some(directory.join("config.yaml")), programs: Some(directory.to_owned()) }
    }

    fn told(kubelet: &Kubelet) -> Vec<String> {
        let registries = ["ghcr.io/acme", "quay.io"].map(|uri| RegistryRecord::example("of", uri));
        let faults = check(kubelet, &registries);
        assert!(faults.iter().all(|fault| fault.hint().is_some()));
        faults.iter().map(ToString::to_string).collect()
    }

    const CONFIG: &str =
        "kind: CredentialProviderConfig\nproviders:\n- name: crhost\n  matchImages: [ghcr.io, quay.io]\n";

    #[test]
    fn the_flags_are_read_from_the_command_line_of_a_kubelet_alone() {
        let (config, programs) = (Some("/c.yaml".into()), Some("/bin".into()));
        let both = Some(Kubelet { config, programs });
        for line in [
            "/usr/bin/kubelet\0--image-credential-provider-config=/c.yaml\0--image-credential-provider-bin-dir=/bin\0",
            "kubelet\0--v=2\0--image-credential-provider-config\0/c.yaml\0-image-credential-provider-bin-dir\0/bin\0",
            "/snap/x\0kubelet\0--image-credential-provider-bin-dir=/bin\0--image-credential-provider-config=/c.yaml\0",
        ] {
            assert_eq!(of_command_line(line.as_bytes()), both, "{line}");
        }
        assert_eq!(of_command_line(b"kubelet\0"), Some(Kubelet { config: None, programs: None }));
        assert_eq!(of_command_line(b"vi\0--image-credential-provider-config=/c\0"), None);
        assert_eq!(of_command_line(b""), None);
    }

    #[test]
    fn a_kubelet_that_asks_crhost_about_all_registries_has_no_fault_and_each_fault_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let well = kubelet(directory.path(), CONFIG);
        assert!(told(&well)[0].contains("has no program"));
        fs::write(directory.path().join("crhost"), "").unwrap();
        assert!(told(&well).is_empty());
        // A directory of configurations.
        fs::create_dir(directory.path().join("d")).unwrap();
        fs::write(directory.path().join("d/a.json"), r#"{"kind": "CredentialProviderConfig"}"#).unwrap();
        fs::write(directory.path().join("d/b.yml"), CONFIG).unwrap();
        assert!(told(&Kubelet { config: Some(directory.path().join("d")), ..well.clone() }).is_empty());
        for (config, words) in [
            ("kind: CredentialProviderConfig\nproviders:\n- name: ecr-credential-provider\n", "is crhost"),
            ("kind: KubeletConfiguration\n", "its kind is `KubeletConfiguration`"),
            ("kind: [\n", "no CredentialProviderConfig"),
            (&CONFIG.replace("quay.io", "quay.io/team"), "the images of `of`"),
        ] {
            let told = told(&kubelet(directory.path(), config));
            assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
        }
        let absent = Kubelet { config: Some(directory.path().join("absent.yaml")), ..well.clone() };
        assert!(told(&absent)[0].contains("can't be read"));
        assert!(told(&Kubelet { programs: None, ..well.clone() })[0].contains("bin-dir"));
        assert!(told(&Kubelet { config: None, ..well })[0].contains("provider-config"));
    }
}
