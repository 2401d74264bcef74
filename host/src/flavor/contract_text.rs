//! The contract as text, for the tools of other languages: each release of the package `crhost:flavor`.

/// A release of the contract.
pub(crate) struct ContractText {
    /// Its version.
    pub(crate) version: &'static str,
    /// The names and texts of its files; the first has the line `package`, which others may leave out.
    pub(crate) files: &'static [(&'static str, &'static str)],
}

/// A file of the contract by its name, from a directory below the repository's root.
macro_rules! files {
    ($directory:literal: $($name:literal),+) => {
        &[$(($name, include_str!(concat!("../../../", $directory, "/", $name)))),+]
    };
}

/// The releases, the newest first. The others are frozen: what was built for one of them runs for ever.
pub(crate) static CONTRACTS: &[ContractText] = &[
    ContractText {
        version: "0.1.1",
        files: files!("wit": "types.wit", "secrets.wit", "http.wit", "clock.wit", "log.wit", "flavor.wit", "identity.wit",
            "resources.wit", "cleanup.wit", "id-tokens.wit", "commands.wit", "received-secrets.wit", "key-wrapping.wit", "policy.wit", "worlds.wit"),
    },
    ContractText {
        version: "0.1.0",
        files: files!("wit/since-v0.1": "types.wit", "secrets.wit", "http.wit", "clock.wit", "log.wit", "flavor.wit",
            "identity.wit", "resources.wit", "worlds.wit"),
    },
];

impl ContractText {
    /// The whole release as one file.
    #[must_use]
    pub(crate) fn as_one_file(&self) -> String {
        self.files.iter().map(|(_, text)| text.trim_end()).collect::<Vec<_>>().join("\n\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_each_release_is_there() {
        for (contract, directory) in CONTRACTS.iter().zip(["wit", "wit/since-v0.1"]) {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(directory);
            let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut there: Vec<String> = names.filter(|name| name.ends_with(".wit")).collect();
            let mut embedded: Vec<&str> = contract.files.iter().map(|(name, _)| *name).collect();
            there.sort_unstable();
            embedded.sort_unstable();
            assert_eq!(there, embedded);
            let (_, first) = contract.files[0];
            assert!(first.contains(&format!("package crhost:flavor@{};", contract.version)));
            assert_eq!(contract.as_one_file().matches("\npackage ").count(), 1);
        }
    }
}
