//! The source of a machine's keys, in the order of AWS's own tools (botocore 1.44.8, `credentials.py`,
//! `create_credential_resolver`): the environment, a role of the profile, the token of an identity provider, IAM
//! Identity Center, the file of credentials, a login, a program, the file of settings; then the container and the
//! instance, which are no matter of profiles.

use crhost_flavor::Failure;

use crate::sso::Login;
use crate::sts::Role;

use super::settings::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Settings, WEB_IDENTITY_FILE};

/// Most roles in a chain, each assumed with the keys of the one before.
const CHAIN: usize = 5;

/// The hint where AWS's own program has to be run.
const BY_AWS: &str = "`crhost connector update NAME --allow-command aws` has `aws configure export-credentials` run for \
                      them, which asks at the terminal where it has to";

/// The source of keys.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Plan {
    /// The environment has them.
    Environment,
    /// The profile of this name has them.
    Keys(String),
    /// A role has them, which is assumed with other keys.
    Role(Role, Box<Plan>),
    /// A role has them, which is assumed with the token of an identity provider: in the file that the profile names, or
    /// without one in that of the environment.
    WebIdentity(Role, Option<String>),
    /// The role of a login to IAM Identity Center has them.
    Sso(Login),
    /// The environment, the container or the instance has them; AWS's name of the source.
    Source(String),
}

/// What the environment says.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// Whether it has a key, or half of one.
    pub(crate) keys: bool,
    /// Whether it names a file with the token of an identity provider.
    pub(crate) token: bool,
    /// The role that the token is for.
    pub(crate) role: Option<String>,
    /// The session's name in AWS's logs.
    pub(crate) session_name: Option<String>,
}

/// The source of a machine's keys; `None` if neither the environment nor the profile has one. Without an `environment`
/// the user named the profile, which has precedence over it, as with a flag of AWS's tools.
pub(crate) fn plan(
    settings: &impl Settings,
    environment: Option<&Environment>,
    profile: &str,
) -> Result<Option<Plan>, Failure> {
    if environment.is_some_and(|environment| environment.keys) {
        return Ok(Some(Plan::Environment));
    }
    Plans { settings }.of(environment, profile)
}

struct Plans<'a, S> {
    settings: &'a S,
}

impl<S: Settings> Plans<'_, S> {
    fn of(&self, environment: Option<&Environment>, profile: &str) -> Result<Option<Plan>, Failure> {
        match self.has_role(profile) {
            true => self.role(profile, &mut vec![profile.to_owned()]).map(Some),
            false => self.without_role(environment, profile),
        }
    }

    fn get(&self, profile: &str, name: &str) -> Option<String> {
        self.settings.get(profile, name).filter(|value| !value.is_empty())
    }

    fn has(&self, profile: &str, name: &str) -> bool {
        self.settings.get(profile, name).is_some()
    }

    /// Whether other keys take on a role. A profile with the token of an identity provider has a role for that.
    fn has_role(&self, profile: &str) -> bool {
        self.get(profile, "role_arn").is_some() && !self.has(profile, WEB_IDENTITY_FILE)
    }

    fn has_keys(&self, profile: &str) -> bool {
        self.has(profile, ACCESS_KEY_ID) || self.has(profile, SECRET_ACCESS_KEY)
    }

    /// The role of a profile, and the source of the keys that take it on. `seen` are the profiles that led here.
    fn role(&self, profile: &str, seen: &mut Vec<String>) -> Result<Plan, Failure> {
        let role = self.parameters(profile)?;
        let base = match (self.get(profile, "source_profile"), self.get(profile, "credential_source")) {
            (Some(_), Some(_)) => {
                return Err(Failure::invalid_input(format!(
                    "profile `{profile}` has both `source_profile` and `credential_source`, expected one of them"
                ))
                .hint("remove the one that is not meant"));
            }
            (Some(source), None) => self.source(profile, &source, seen)?,
            (None, Some(source)) => Plan::Source(source),
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
        Ok(Plan::Role(role, Box::new(base)))
    }

    /// The keys of a `source_profile`. Keys that it has come before a role that it has; it may be the profile itself.
    fn source(&self, profile: &str, source: &str, seen: &mut Vec<String>) -> Result<Plan, Failure> {
        if !self.settings.exists(source) {
            return Err(nothing_in(source));
        }
        let again = seen.iter().any(|seen| seen == source);
        if again && !(source == profile && self.has_keys(source)) {
            return Err(Failure::invalid_input(format!("profile `{source}` is its own source by way of others"))
                .hint("give one of them keys in place of a `source_profile`"));
        }
        if self.has_keys(source) || !self.has_role(source) {
            return self.without_role(None, source)?.ok_or_else(|| nothing_in(source));
        }
        if seen.len() >= CHAIN {
            return Err(Failure::invalid_input(format!(
                "profile `{source}` is behind {CHAIN} others that each take on a role, expected {CHAIN} roles at most"
            ))
            .hint("give one of them keys in place of a `source_profile`"));
        }
        seen.push(source.to_owned());
        self.role(source, seen)
    }

    /// The sources of a profile that takes on no role with other keys.
    fn without_role(&self, environment: Option<&Environment>, profile: &str) -> Result<Option<Plan>, Failure> {
        if let Some(plan) = self.web_identity(environment, profile)? {
            return Ok(Some(plan));
        }
        let elsewhere = |names: &[&str]| match names.iter().find(|name| self.has(profile, name)) {
            Some(name) => Err(elsewhere(profile, name)),
            None => Ok(()),
        };
        if self.has(profile, "sso_role_name") || self.has(profile, "sso_account_id") {
            return self.sso(profile).map(|login| Some(Plan::Sso(login)));
        }
        let keys = || Plan::Keys(profile.to_owned());
        if self.settings.is_in_credentials(profile) {
            return Ok(Some(keys()));
        }
        elsewhere(&["login_session", "credential_process"])?;
        Ok(self.get(profile, ACCESS_KEY_ID).map(|_| keys()))
    }

    /// The role for the token of an identity provider. What the environment lacks of it the profile may have.
    fn web_identity(&self, environment: Option<&Environment>, profile: &str) -> Result<Option<Plan>, Failure> {
        let of_environment = environment.is_some_and(|environment| environment.token);
        let file = self.get(profile, WEB_IDENTITY_FILE).filter(|_| !of_environment);
        if file.is_none() && !of_environment {
            return Ok(None);
        }
        let of = |value: fn(&Environment) -> &Option<String>| environment.and_then(|found| value(found).clone());
        let session_name = of(|found| &found.session_name).or_else(|| self.get(profile, "role_session_name"));
        let Some(arn) = of(|found| &found.role).or_else(|| self.get(profile, "role_arn")) else {
            return Err(Failure::invalid_input(
                "there is a token of an identity provider, and neither the environment nor the profile names a role for it",
            )
            .hint(format!("set `AWS_ROLE_ARN`, or `role_arn` in profile `{profile}`")));
        };
        Ok(Some(Plan::WebIdentity(Role { arn, session_name, ..Role::default() }, file)))
    }

    /// The role of a login to IAM Identity Center. What a session says has precedence.
    fn sso(&self, profile: &str) -> Result<Login, Failure> {
        let session = self.get(profile, "sso_session");
        let needed = |name: &str| {
            let of_session = session.as_deref().and_then(|session| self.settings.of_session(session, name));
            of_session.or_else(|| self.get(profile, name)).filter(|value| !value.is_empty()).ok_or_else(|| {
                Failure::invalid_input(match &session {
                    Some(session) => {
                        format!("neither profile `{profile}` nor its `sso_session` `{session}` has `{name}`")
                    }
                    None => format!("profile `{profile}` is one of IAM Identity Center, and has no `{name}`"),
                })
                .hint(format!("`aws configure sso --profile {profile}` writes all of it"))
            })
        };
        let (start_url, region) = (needed("sso_start_url")?, needed("sso_region")?);
        let (account, role) = (needed("sso_account_id")?, needed("sso_role_name")?);
        let session = session.clone().unwrap_or(start_url);
        Ok(Login { profile: profile.to_owned(), session, region, account, role })
    }

    fn parameters(&self, profile: &str) -> Result<Role, Failure> {
        if let Some(serial) = self.get(profile, "mfa_serial") {
            return Err(Failure::unsupported(format!(
                "the role of profile `{profile}` is taken on with a code of the MFA device `{serial}`, which AWS's own \
                 program asks for and crhost does not"
            ))
            .hint(BY_AWS));
        }
        Ok(Role {
            arn: self.get(profile, "role_arn").unwrap_or_default(),
            external_id: self.get(profile, "external_id"),
            session_name: self.get(profile, "role_session_name"),
            // As in AWS's own tools, what is no number is left out.
            seconds: self.get(profile, "duration_seconds").filter(|seconds| seconds.parse::<u32>().is_ok()),
        })
    }
}

fn elsewhere(profile: &str, name: &str) -> Failure {
    Failure::unsupported(format!(
        "profile `{profile}` gets its keys by way of `{name}`, and no program is allowed to be run for it"
    ))
    .hint(match name {
        "credential_process" => {
            format!("{BY_AWS}; or `--process-credentials=@command:'…'` the profile's program itself")
        }
        _ => BY_AWS.to_owned(),
    })
}

/// The failure for a profile that was named and has no keys.
pub(crate) fn nothing_in(profile: &str) -> Failure {
    Failure::unauthenticated(format!("there is no profile `{profile}` with keys in AWS's configuration files")).hint(
        format!(
            "`aws configure --profile {profile}` makes one; `aws configure list-profiles` shows those that there are"
        ),
    )
}
