//! Profiles of AWS's configuration files.

mod plan;
mod settings;

use crhost_flavor::{Connector, Failure, Secret, SecretOrText};

use crate::keys::Keys;
use crate::names::{CONFIG_FILE, CREDENTIALS_FILE};

pub(crate) use plan::{Environment, Plan, nothing_in, plan};
use settings::ACCESS_KEY_ID;
pub(crate) use settings::{PUBLIC, SECRET_ACCESS_KEY, SESSION_TOKEN, Settings};

/// The two files, as far as they exist.
pub(crate) struct Files<'a> {
    credentials: Option<&'a Secret>,
    config: Option<&'a Secret>,
}

impl Settings for Files<'_> {
    fn get(&self, profile: &str, name: &str) -> Option<String> {
        self.setting(profile, name)
    }

    fn of_session(&self, session: &str, name: &str) -> Option<String> {
        let section = self.config?.member(&format!("sso-session {session}"))?;
        section.public_member(name).map(|value| value.trim().to_owned())
    }

    fn exists(&self, profile: &str) -> bool {
        self.sections(profile).next().is_some()
    }

    fn is_in_credentials(&self, profile: &str) -> bool {
        let section = self.credentials.and_then(|file| file.member(profile));
        section.is_some_and(|section| section.public_member(ACCESS_KEY_ID).is_some())
    }
}

impl<'a> Files<'a> {
    /// The files of a connector.
    pub(crate) fn of(connector: &'a Connector) -> Self {
        Self { credentials: connector.secret(CREDENTIALS_FILE), config: connector.secret(CONFIG_FILE) }
    }

    /// A setting of a profile; empty if it is secret. The file of credentials has precedence.
    pub(crate) fn setting(&self, profile: &str, name: &str) -> Option<String> {
        let read = |section: Secret| match section.member(name) {
            Some(_) => Some(String::new()),
            None => section.public_member(name),
        };
        self.sections(profile).find_map(read).map(|value| value.trim().to_owned())
    }

    /// The keys in a profile.
    pub(crate) fn keys(&self, profile: &str) -> Result<Keys<'static>, Failure> {
        let id = self.setting(profile, ACCESS_KEY_ID).unwrap_or_default();
        let member = |name| self.sections(profile).find_map(|section| section.member(name));
        let secret = member(SECRET_ACCESS_KEY).ok_or_else(|| {
            Failure::invalid_input(format!("profile `{profile}` has an access key id and no secret access key"))
                .hint(format!("`aws configure --profile {profile}` writes both"))
        })?;
        Keys::new(&id, secret, member(SESSION_TOKEN).map(SecretOrText::from))
    }

    /// A section of services, of the file of settings.
    pub(crate) fn services(&self, name: &str) -> Option<Secret> {
        self.config?.member(&format!("services {name}"))
    }

    /// The sections of a profile: that in the file of credentials, then those that the other file may have.
    fn sections(&self, profile: &str) -> impl Iterator<Item = Secret> {
        let in_config = match profile {
            "default" => [profile.to_owned(), "profile default".to_owned()],
            _ => [format!("profile {profile}"), format!("profile \"{profile}\"")],
        };
        let credentials = self.credentials.and_then(|file| file.member(profile));
        let config = in_config.into_iter().filter_map(|section| self.config?.member(&section));
        credentials.into_iter().chain(config)
    }
}

#[cfg(test)]
mod tests;
