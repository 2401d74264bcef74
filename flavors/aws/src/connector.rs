//! A connector of type `aws`, and its keys.

use crhost_flavor::id_tokens::quoted;
use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure, FailureKind, Options, SecretOrText, clock};

use crate::endpoint::Api;
use crate::keys::Keys;
use crate::machine::{self, NoKeys};
use crate::names::{
    self, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, PROCESS_CREDENTIALS, PROFILE_TOKEN, WEB_IDENTITY_TOKEN,
};
use crate::profile::{self, Environment, Files, Plan, Settings as _};
use crate::sts::{self, Role};
use crate::{process, region, sso};

/// The region that a connector names, in a field or in its profile.
pub(crate) fn region(connector: &Connector) -> Result<Option<String>, Failure> {
    let (profile, _) = profile_of(connector);
    let (region, whose) = match connector.text("region") {
        Some(region) => (Some(region.to_owned()), "the connector's `region`".to_owned()),
        None => (Files::of(connector).setting(profile, "region"), format!("the `region` of profile `{profile}`")),
    };
    region.filter(|region| !region.is_empty()).map(|region| region::accept(region, &whose)).transpose()
}

/// The keys of a connector, by its method.
pub(crate) fn keys<'a>(connector: &'a Connector, options: &Options, sts: &Api) -> Result<Keys<'a>, Failure> {
    let text = |field: &str| connector.text(field).map(str::to_owned);
    match connector.method.as_str() {
        names::SECRET_KEY | names::STS_TOKEN => stored(connector),
        names::IAM_ROLE => sts::assume_role(sts, &stored(connector)?, &role(connector)),
        names::SESSION_TOKEN => sts::session_token(sts, &stored(connector)?, text("duration-seconds").as_deref()),
        names::WEB_IDENTITY => match connector.secret(WEB_IDENTITY_TOKEN) {
            Some(token) => sts::web_identity(sts, &role(connector), token),
            None => Err(missing(WEB_IDENTITY_TOKEN)),
        },
        names::IMPLICIT => {
            let keys = implicit(connector, options, sts)?;
            match connector.text("role-arn") {
                Some(_) => sts::assume_role(sts, &keys, &role(connector)),
                None => Ok(keys),
            }
        }
        other => Err(Failure::unsupported(format!("flavor `aws` has no auth method `{other}`"))
            .hint("`crhost flavor describe aws` shows those that it has")),
    }
}

/// The keys in its fields.
fn stored(connector: &Connector) -> Result<Keys<'_>, Failure> {
    let id = connector.text("aws-access-key-id").ok_or_else(|| missing("aws-access-key-id"))?;
    let secret = connector.secret(AWS_SECRET_ACCESS_KEY).ok_or_else(|| missing(AWS_SECRET_ACCESS_KEY))?;
    Keys::new(id, secret, connector.secret(AWS_SESSION_TOKEN).map(SecretOrText::from))
}

fn role(connector: &Connector) -> Role {
    let text = |field: &str| connector.text(field).map(str::to_owned);
    Role {
        arn: text("role-arn").unwrap_or_default(),
        external_id: text("external-id"),
        session_name: text("role-session-name"),
        seconds: text("duration-seconds"),
    }
}

/// The keys of this machine, from the sources of AWS's own tools in their order.
fn implicit<'a>(connector: &'a Connector, options: &Options, sts: &Api) -> Result<Keys<'a>, Failure> {
    // A program that the user allowed follows the same sources, and more.
    if let Some(printed) = connector.secret(PROCESS_CREDENTIALS) {
        return process::keys(printed, clock::now());
    }
    let files = Files::of(connector);
    let (profile, named_by) = profile_of(connector);
    let environment = Environment {
        keys: connector.text("aws-access-key-id").is_some() || connector.secret(AWS_SECRET_ACCESS_KEY).is_some(),
        token: connector.secret(WEB_IDENTITY_TOKEN).is_some(),
        role: connector.text("web-identity-role-arn").map(str::to_owned),
        session_name: connector.text("role-session-name").map(str::to_owned),
    };
    let plan = profile::plan(&files, (named_by != NamedBy::User).then_some(&environment), profile)?;
    if let Some(plan) = plan {
        return follow(plan, &files, connector, options, sts);
    }
    if named_by != NamedBy::Default && !files.exists(profile) {
        return Err(profile::nothing_in(profile));
    }
    if let Some(keys) = machine::container(connector, options)? {
        return Ok(keys);
    }
    machine::instance(connector, options).map_err(nowhere)
}

/// The keys that a plan leads to.
fn follow<'a>(
    plan: Plan,
    files: &Files<'_>,
    connector: &'a Connector,
    options: &Options,
    sts: &Api,
) -> Result<Keys<'a>, Failure> {
    match plan {
        Plan::Environment => stored(connector),
        Plan::Keys(profile) => files.keys(&profile),
        Plan::Role(role, base) => sts::assume_role(sts, &follow(*base, files, connector, options, sts)?, &role),
        Plan::WebIdentity(role, file) => {
            let (field, nowhere) = match file {
                None => (WEB_IDENTITY_TOKEN, missing(WEB_IDENTITY_TOKEN)),
                Some(file) => (PROFILE_TOKEN, no_token(&file)),
            };
            sts::web_identity(sts, &role, connector.secret(field).ok_or(nowhere)?)
        }
        Plan::Sso(login) => sso::keys(&login, connector, options, clock::now()),
        Plan::Source(source) => match source.as_str() {
            "Environment" => stored(connector),
            "EcsContainer" => machine::container(connector, options)?.ok_or_else(|| {
                Failure::unauthenticated("the profile takes the keys of a container, and this is in none")
                    .hint("`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is set where there are any")
            }),
            "Ec2InstanceMetadata" => machine::instance(connector, options).map_err(Failure::from),
            other => Err(Failure::invalid_input(format!(
                "`credential_source` is `{other}`, expected `Environment`, `EcsContainer` or `Ec2InstanceMetadata`"
            ))),
        },
    }
}

/// The failure for a profile whose file with a token is not there, or none that this may read: a profile may name any,
/// and the user allows one.
fn no_token(file: &str) -> Failure {
    let shown = excerpt(file, 200);
    let failure = Failure::unauthenticated(format!(
        "the profile's `web_identity_token_file` is `{shown}`, and it was not allowed to be read, or is not there"
    ));
    failure.hint(match file.starts_with('/') {
        true => {
            let read = quoted(&format!("--{PROFILE_TOKEN}=@read:{file}"));
            format!("`crhost connector update NAME {read}` allows it, and has it read at each use")
        }
        false => "write the whole path of the file into the profile".to_owned(),
    })
}

/// The origin of a profile's name.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum NamedBy {
    /// The user stored it.
    User,
    /// The environment has it.
    Environment,
    /// It is the default profile.
    Default,
}

/// The profile to use. One that the user stored has precedence over keys in the environment, as with a flag of AWS's
/// tools.
pub(crate) fn profile_of(connector: &Connector) -> (&str, NamedBy) {
    match (connector.text("profile-name"), connector.text("aws-profile")) {
        (Some(profile), _) => (profile, NamedBy::User),
        (None, Some(profile)) => (profile, NamedBy::Environment),
        (None, None) => ("default", NamedBy::Default),
    }
}

/// The failure for a connector without a field that its method needs: it has no credentials then.
fn missing(field: &str) -> Failure {
    Failure { kind: FailureKind::Unauthenticated, ..Failure::missing_field(field) }
}

/// The failure of the instance's metadata, the last source: without an answer there are no keys. A busy one may have
/// them later.
fn nowhere(none: NoKeys) -> Failure {
    let (kind, last) = match none {
        NoKeys::Answered(last) if matches!(last.kind, FailureKind::Unavailable | FailureKind::RateLimited) => {
            return last;
        }
        NoKeys::Answered(last) => (last.kind, last),
        NoKeys::NoAnswer(last) => (FailureKind::Unauthenticated, last),
    };
    let hint = last
        .hint
        .unwrap_or_else(|| "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or run `aws configure`".to_owned());
    Failure::new(
        kind,
        format!(
            "this machine has no keys of AWS: none in the environment, in the profile, or of a container, and of the \
             instance: {}",
            last.message
        ),
    )
    .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_metadata_has_no_keys_and_one_that_is_busy_may_have_them_later() {
        let kind = |none: NoKeys| nowhere(none).kind;
        for last in [Failure::denied("not open"), Failure::unavailable("unreachable")] {
            assert_eq!(kind(NoKeys::NoAnswer(last)), FailureKind::Unauthenticated);
        }
        let busy = nowhere(NoKeys::Answered(Failure::rate_limited("answered 429").retry_after(7)));
        assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(7)));
        assert_eq!(kind(NoKeys::Answered(Failure::unavailable("answered 500"))), FailureKind::Unavailable);
        let no_role = nowhere(NoKeys::Answered(Failure::unauthenticated("names no role").hint("attach one")));
        assert_eq!((no_role.kind, no_role.hint.as_deref()), (FailureKind::Unauthenticated, Some("attach one")));
        assert!(no_role.message.contains("names no role"));
    }
}
