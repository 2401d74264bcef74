//! Everything that is wrong in the configuration, whether it is needed now or not, and the helpers that it names.

use std::path::PathBuf;

use super::file::File;
use super::{Configuration, CredentialError};
use crate::docker::helper::HelperFailure;
use crate::text::Escaped;

/// A credential helper that the configuration names.
pub(crate) struct NamedHelper {
    /// The file or variable that names it, in quotes.
    pub(crate) origin: Escaped,
    /// The registry's key in `credHelpers`; absent for `credsStore`.
    pub(crate) key: Option<Escaped>,
    /// The end of its program's name.
    pub(crate) name: Escaped,
    /// Its program, or why there is none.
    pub(crate) program: Result<PathBuf, HelperFailure>,
}

impl Configuration {
    /// The files that were read, as messages name them, in the order in which they are looked at.
    pub(crate) fn origins(&self) -> impl Iterator<Item = &Escaped> {
        self.files.iter().map(|(origin, _)| origin)
    }

    /// The variable and the files, each with its name in messages.
    fn parts(&self) -> impl Iterator<Item = (Escaped, &File)> {
        let variable = ("`DOCKER_AUTH_CONFIG`".into(), &self.overlay);
        std::iter::once(variable).chain(self.files.iter().map(|(origin, file)| (origin.clone(), file)))
    }

    /// The files, the variable and the entries that can't be used.
    pub(crate) fn faults(&self) -> Vec<CredentialError> {
        let files = self.broken.iter().cloned().map(CredentialError::from);
        let entries = self.parts().flat_map(|(origin, file)| {
            file.auths.faults().map(move |(key, reason)| CredentialError::Entry {
                origin: origin.clone(),
                key: key.into(),
                reason,
            })
        });
        files.chain(entries).collect()
    }

    /// The helpers that are named, those of single hosts first.
    pub(crate) fn named_helpers(&self) -> Vec<NamedHelper> {
        let named = self.parts().flat_map(|(origin, file)| {
            file.helpers().map(move |(key, name)| NamedHelper {
                origin: origin.clone(),
                key: key.map(Escaped::from),
                name: name.into(),
                program: self.helpers.find(name),
            })
        });
        named.collect()
    }
}
