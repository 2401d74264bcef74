//! Profiles of AWS's configuration files, and the source of a profile's keys.

use crhost_flavor::{Connector, Failure, Secret, SecretOrText};

use crate::keys::Keys;
use crate::names::{CONFIG_FILE, CREDENTIALS_FILE};
use crate::sts::Role;

/// The settings that are not secret.
pub(crate) const PUBLIC: [&str; 8] = [
    "aws_access_key_id",
    "credential_source",
    "duration_seconds",
    "external_id",
    "region",
    "role_arn",
    "role_session_name",
    "source_profile",
];

// The settings that are secret.
pub(crate) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
pub(crate) const SESSION_TOKEN: &str = "aws_session_token";

/// Settings of profiles whose keys only AWS's own tools can get; this flavor only recognises them.
const ELSEWHERE: [&str; 5] = ["sso_session", "sso_start_url", "credential_process", WEB_IDENTITY, "login_session"];
const WEB_IDENTITY: &str = "web_identity_token_file";

/// Most roles in a chain, each assumed with the keys of the one before.
const CHAIN: usize = 5;

/// The source of a profile's keys.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Plan {
    /// The profile of this name has them.
    Keys(String),
    /// A role has them, which is assumed with other keys.
    Role(Role, Box<Plan>),
    /// The environment, the container or the instance has them; AWS's name of the source.
    Source(String),
}

/// The two files, as far as they exist.
pub(crate) struct Files<'a> {
    credentials: Option<&'a Secret>,
    config: Option<&'a Secret>,
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
        let id = self.setting(profile, "aws_access_key_id").unwrap_or_default();
        let member = |name| self.sections(profile).find_map(|section| section.member(name));
        let secret = member(SECRET_ACCESS_KEY).ok_or_else(|| {
            Failure::invalid_input(format!("profile `{profile}` has an access key id and no secret access key"))
                .hint(format!("`aws configure --profile {profile}` writes both"))
        })?;
        Keys::new(&id, secret, member(SESSION_TOKEN).map(SecretOrText::from))
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

/// The source of a profile's keys; `None` if the profile has none, or does not exist.
pub(crate) fn plan(setting: &dyn Fn(&str, &str) -> Option<String>, profile: &str) -> Result<Option<Plan>, Failure> {
    follow(setting, profile, &mut Vec::new())
}

fn follow(
    setting: &dyn Fn(&str, &str) -> Option<String>,
    profile: &str,
    seen: &mut Vec<String>,
) -> Result<Option<Plan>, Failure> {
    let get = |name: &str| setting(profile, name).filter(|value| !value.is_empty());
    // A profile may be its own source: then it has keys of its own.
    let is_own_source = seen.last().is_some_and(|last| last == profile);
    if let Some(arn) = get("role_arn").filter(|_| !is_own_source) {
        if seen.iter().any(|seen| seen == profile) {
            return Err(Failure::invalid_input(format!("profile `{profile}` is its own source by way of others"))
                .hint("give one of them keys in place of a `source_profile`"));
        }
        if seen.len() >= CHAIN {
            return Err(Failure::invalid_input(format!(
                "profile `{profile}` is behind {CHAIN} others that each take on a role, expected {CHAIN} roles at most"
            ))
            .hint("give one of them keys in place of a `source_profile`"));
        }
        seen.push(profile.to_owned());
        let base = match (get("source_profile"), get("credential_source")) {
            (Some(source), _) => follow(setting, &source, seen)?.ok_or_else(|| nothing_in(&source))?,
            (None, Some(source)) => Plan::Source(source),
            // As in AWS's own tools, the profile's keys don't count if a token assumes its role.
            (None, None) if setting(profile, WEB_IDENTITY).is_some() => return Err(elsewhere(profile, WEB_IDENTITY)),
            (None, None) => {
                return Err(Failure::invalid_input(format!(
                    "profile `{profile}` has `role_arn`, and does not say whose keys take on the role, expected \
                     `source_profile` or `credential_source`"
                ))
                .hint(format!(
                    "`aws configure set source_profile {profile} --profile {profile}` uses its own keys, if it has any"
                )));
            }
        };
        let role = Role {
            arn,
            external_id: get("external_id"),
            session_name: get("role_session_name"),
            seconds: get("duration_seconds"),
        };
        return Ok(Some(Plan::Role(role, Box::new(base))));
    }
    if get("aws_access_key_id").is_some() {
        return Ok(Some(Plan::Keys(profile.to_owned())));
    }
    match ELSEWHERE.iter().find(|name| setting(profile, name).is_some()) {
        Some(name) => Err(elsewhere(profile, name)),
        None => Ok(None),
    }
}

fn elsewhere(profile: &str, name: &str) -> Failure {
    Failure::unsupported(format!(
        "profile `{profile}` gets its keys by way of `{name}`, which only AWS's own tools can follow"
    ))
    .hint(format!("run `aws configure export-credentials --profile {profile} --format env`, and use what it prints"))
}

/// The failure for a profile that was named and has no keys.
pub(crate) fn nothing_in(profile: &str) -> Failure {
    Failure::unauthenticated(format!("there is no profile `{profile}` with keys in AWS's configuration files")).hint(
        format!(
            "`aws configure --profile {profile}` makes one; `aws configure list-profiles` shows those that there are"
        ),
    )
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;

    use super::*;

    const FILE: &[(&str, &str, &str)] = &[
        ("default", "aws_access_key_id", "AKIA"),
        ("dev", "role_arn", "arn:dev"),
        ("dev", "source_profile", "default"),
        ("dev", "external_id", "x"),
        ("self", "role_arn", "arn:self"),
        ("self", "source_profile", "self"),
        ("self", "aws_access_key_id", "AKIA"),
        ("twice", "role_arn", "arn:twice"),
        ("twice", "source_profile", "dev"),
        ("a", "role_arn", "arn:a"),
        ("a", "source_profile", "b"),
        ("b", "role_arn", "arn:b"),
        ("b", "source_profile", "a"),
        ("ec2", "role_arn", "arn:ec2"),
        ("ec2", "credential_source", "Ec2InstanceMetadata"),
        ("lost", "role_arn", "arn:lost"),
        ("lost", "source_profile", "nobody"),
        ("sso", "sso_session", ""),
        ("half", "role_arn", "arn:half"),
        ("half", "aws_access_key_id", "AKIA"),
        ("token", "role_arn", "arn:token"),
        ("token", "web_identity_token_file", ""),
        ("token", "aws_access_key_id", "AKIA"),
        ("six", "role_arn", "arn:6"),
        ("six", "source_profile", "five"),
        ("five", "role_arn", "arn:5"),
        ("five", "source_profile", "four"),
        ("four", "role_arn", "arn:4"),
        ("four", "source_profile", "three"),
        ("three", "role_arn", "arn:3"),
        ("three", "source_profile", "twice"),
        ("region", "region", "eu-west-1"),
    ];

    fn of(profile: &str) -> Result<Option<Plan>, Failure> {
        let setting = |profile: &str, name: &str| {
            let found = FILE.iter().find(|(of, setting, _)| *of == profile && *setting == name);
            found.map(|(_, _, value)| (*value).to_owned())
        };
        plan(&setting, profile)
    }

    fn role(arn: &str, base: Plan) -> Option<Plan> {
        Some(Plan::Role(Role { arn: arn.into(), ..Role::default() }, Box::new(base)))
    }

    #[test]
    fn a_profile_leads_to_keys_directly_or_by_way_of_roles() {
        let keys = |profile: &str| Plan::Keys(profile.into());
        assert_eq!(of("default").unwrap(), Some(keys("default")));
        let dev = Role { arn: "arn:dev".into(), external_id: Some("x".into()), ..Role::default() };
        assert_eq!(of("dev").unwrap(), Some(Plan::Role(dev.clone(), Box::new(keys("default")))));
        assert_eq!(of("twice").unwrap(), role("arn:twice", Plan::Role(dev, Box::new(keys("default")))));
        assert_eq!(of("self").unwrap(), role("arn:self", keys("self")));
        assert_eq!(of("ec2").unwrap(), role("arn:ec2", Plan::Source("Ec2InstanceMetadata".into())));
        assert_eq!(of("region").unwrap(), None);
        assert_eq!(of("nobody").unwrap(), None);
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        assert!(of("a").unwrap_err().message.contains("its own source"));
        assert!(of("lost").unwrap_err().message.contains("`nobody`"));
        assert!(of("five").is_ok());
        let too_long = of("six").unwrap_err().message;
        assert!(too_long.contains("5 roles at most") && !too_long.contains("its own source"), "{too_long}");
        assert!(of("token").unwrap_err().message.contains("`web_identity_token_file`"));
        let half = of("half").unwrap_err();
        assert_eq!(half.kind, FailureKind::InvalidInput);
        assert!(half.message.contains("`source_profile`") && half.message.contains("`half`"), "{}", half.message);
        assert!(of("sso").unwrap_err().hint.unwrap().contains("export-credentials --profile sso"));
    }
}
