//! `crhost server explain`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::certificates;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::files::regular;
use crate::image::Repository;
use crate::server::certificate;
use crate::server::rules::{Decision, Mismatch, Operation, Rule, Rules, Wanted};
use crate::server::token::Caller;
use crate::store::Name;
use crate::text::{Escaped, Foreign, quoted_few};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The rules
    #[arg(long, value_name = "FILE", env = EnvVars::CRHOST_RULES, hide_env_values = true)]
    rules: Option<PathBuf>,

    /// The name of the caller's issuer in the rules
    #[arg(long, value_name = "NAME")]
    issuer: Name,

    /// File with the claims of the caller's token, as JSON
    #[arg(long, value_name = "FILE", required_unless_present = "certificate")]
    claims: Option<PathBuf>,

    /// The caller's certificate in PEM, which is verified where the issuer's `ca-file` is here
    #[arg(long, value_name = "FILE", conflicts_with = "claims")]
    certificate: Option<PathBuf>,

    /// What it wants to do: `pull`, `push` or `delete`
    #[arg(long, value_name = "OPERATION")]
    operation: Operation,

    /// The registry's name
    #[arg(long, value_name = "NAME")]
    registry: Name,

    /// The repository, as in names of images after the host; without it, the whole registry
    #[arg(long, value_name = "REPOSITORY")]
    repository: Option<Repository>,
}

/// What the rules say.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Explanation {
    /// The registry.
    registry: String,
    /// Whether a rule allows it.
    allowed: bool,
    /// Whether credentials without a known end, such as a stored password, are allowed as well.
    long_lived: bool,
    /// Why the certificate is not accepted, whatever the rules say; absent where it is, or that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_accepted: Option<String>,
    /// What each rule says.
    rules: Vec<RuleWord>,
}

/// What a rule says.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct RuleWord {
    /// Its name.
    rule: String,
    /// Whether it allows it.
    allows: bool,
    /// Whether it allows credentials without a known end as well.
    long_lived: bool,
    /// What is against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
}

/// Largest file of claims, in bytes.
const MAX_CLAIMS: usize = 1 << 20;

/// The failure where nothing names the rules.
pub(super) fn no_rules() -> Failure {
    let hint = "`--rules FILE` names them; `docs/guide/server.md` has an example";
    Failure::new(Kind::Usage, "the server has no rules, so that it would allow nothing", hint)
}

/// Says what the rules say of a caller.
///
/// # Errors
/// When nothing allows it, the certificate is not accepted, or something can't be read.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { rules, issuer, claims, certificate, operation, registry, repository } = arguments;
    let rules = Rules::read(rules.as_deref().ok_or_else(no_rules)?)?;
    if !rules.issuer_names().any(|known| known == issuer) {
        let known = quoted_few(&rules.issuer_names().collect::<Vec<_>>());
        let hint = format!("the issuers of the rules: {known}");
        return Err(Failure::new(Kind::Usage, format!("the rules have no issuer named `{issuer}`"), hint));
    }
    let (claims, not_accepted) = match (claims, certificate) {
        (Some(claims), _) => (read_claims(claims)?, None),
        (None, Some(certificate)) => read_certificate(certificate, &rules, issuer)?,
        (None, None) => (Value::Null, None),
    };
    let caller = Caller { issuer: issuer.clone(), subject: "".into(), claims };
    let wanted = Wanted { operation: *operation, registry, repository: repository.as_ref() };
    let word = |rule: &Rule, against: Option<&Mismatch>| RuleWord {
        rule: rule.name.to_string(),
        allows: against.is_none(),
        long_lived: against.is_none() && rule.long_lived,
        against: against.map(Mismatch::words),
    };
    let (allowed, words) = match rules.decide(&caller, wanted) {
        Decision::Allowed(rules) => (true, rules.into_iter().map(|rule| word(rule, None)).collect::<Vec<_>>()),
        Decision::Denied(rules) => (false, rules.iter().map(|(rule, against)| word(rule, Some(against))).collect()),
    };
    let long_lived = words.iter().any(|word| word.long_lived);
    let explanation = Explanation { registry: registry.to_string(), allowed, long_lived, not_accepted, rules: words };
    if context.is_json() {
        output::print_json(&explanation);
    } else {
        output::say_line(match (allowed, long_lived) {
            (true, _) if explanation.not_accepted.is_some() => {
                "the rules allow it, and the certificate is not accepted"
            }
            (true, true) => "allowed",
            (true, false) => {
                "allowed for credentials that end; without `long-lived`, such as have no known end are refused (403)"
            }
            (false, _) => "denied: no rule allows it",
        });
        let rows = explanation.rules.into_iter().map(|word| {
            let allows = if word.long_lived { "allows it" } else { "allows it for credentials that end" };
            let says = word.against.unwrap_or_else(|| allows.to_owned());
            vec![word.rule, says]
        });
        output::print_table(&["RULE", "SAYS"], rows);
    }
    // As the caller's own command would end.
    match explanation.not_accepted {
        _ if !allowed => Err(Failure::found("no rule allows it").with_kind(Kind::Auth)),
        Some(reason) => {
            let hint = "expected one for clients, that holds, of an authority in the `ca-file` of its issuer";
            Err(Failure::new(Kind::Auth, reason, hint))
        }
        None => Ok(()),
    }
}

/// What a certificate says, and why the server would not accept it.
fn read_certificate(path: &Path, rules: &Rules, issuer: &Name) -> Result<(Value, Option<String>), Failure> {
    let Some(authority) = rules.authorities.iter().find(|authority| authority.name == *issuer) else {
        let message = format!("the callers of the issuer `{issuer}` have id tokens, and not certificates");
        return Err(Failure::new(Kind::Usage, message, "`--claims FILE` has the claims of a token"));
    };
    let wrong = |reason: String| {
        let message = format!("the certificate in `{}` can't be read: {reason}", Escaped::from(path));
        Failure::new(Kind::Usage, message, "expected PEM, the caller's own certificate first")
    };
    let bytes = regular::read(path, MAX_CLAIMS).map_err(|error| wrong(Foreign(error).to_string()))?;
    let shown = certificates::in_pem(&bytes).map_err(|reason| wrong(reason.to_owned()))?;
    let claims = certificate::claims_of(&shown).map_err(|error| wrong(error.to_string()))?;
    let of_issuer = Rules { authorities: vec![authority.clone()], ..rules.clone() };
    let not_accepted = match certificate::check(&authority.ca_file) {
        Ok(()) => certificate::Authorities::default().caller(&of_issuer, &shown).err().map(|error| error.to_string()),
        Err(reason) => {
            let file = Escaped::from(authority.ca_file.as_path());
            output::say("warning", &format!("whether the certificate is accepted is not known: `{file}`: {reason}"));
            None
        }
    };
    Ok((claims, not_accepted))
}

fn read_claims(path: &Path) -> Result<Value, Failure> {
    let wrong = |reason: String| {
        let message = format!("the claims in `{}` can't be read: {reason}", Escaped::from(path));
        Failure::new(Kind::Usage, message, "expected a JSON object, such as the middle part of a token, decoded")
    };
    let bytes = regular::read(path, MAX_CLAIMS).map_err(|error| wrong(Foreign(error).to_string()))?;
    let claims: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if claims.is_object() { Ok(claims) } else { Err(wrong("they are no object".to_owned())) }
}
