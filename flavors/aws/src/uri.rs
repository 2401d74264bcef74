//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

use crate::host::{self, ACCOUNT_DIGITS, Host, Private, Wrong};
use crate::public;
use crate::region::{self, Verdict};

/// The typical host, for hints.
pub(crate) const TYPICAL: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// Accepts private registries in all forms, the public one, and hosts that can't be mistaken for either.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    if let Some(failure) = refuse_arn(text) {
        return Err(failure);
    }
    let uri = RegistryUri::parse(text).map_err(explain)?;
    match host::parse(uri.host()).map_err(|wrong| refuse(&uri, wrong))? {
        Host::Private(private) => accept_private(&uri, &private),
        Host::Public => accept_public(&uri),
        Host::Other => {
            let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
                "`{}` is not a host of ECR: it has to lead there, or to something like it, and the option `region` has to say \
                 in which region",
                uri.host()
            ));
            accepted.warnings.extend(uri.warnings());
            Ok(accepted)
        }
    }
}

fn accept_private(uri: &RegistryUri, private: &Private) -> Result<AcceptedUri, Failure> {
    let mut accepted = without_port(uri)?;
    let Private { account, region, .. } = private;
    if account.len() > ACCOUNT_DIGITS {
        return Err(Failure::invalid_input(format!(
            "`{account}` is not an AWS account, expected a number of {ACCOUNT_DIGITS} digits"
        ))
        .hint("`aws sts get-caller-identity` shows yours"));
    }
    if account.len() < ACCOUNT_DIGITS {
        accepted = accepted.warning(format!(
            "`{account}` has {} digits where the number of an AWS account has {ACCOUNT_DIGITS}: no such registry may exist",
            account.len()
        ));
    }
    Ok(match region::judge(region) {
        Verdict::Possible => accepted.warning(format!("`{region}` is no region that this version knows of")),
        _ => accepted,
    })
}

fn accept_public(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let accepted = without_port(uri)?;
    match uri.path().first() {
        None => Ok(accepted.warning(format!(
            "`{0}` stands for every alias of ECR Public; `{0}/<alias>` stands for yours alone",
            uri.host()
        ))),
        Some(alias) if !public::is_alias(alias) => Err(Failure::invalid_input(format!(
            "`{alias}` is not an alias of ECR Public, expected a letter and up to 49 small letters and digits, with single `.`, \
             `_` or `-` between them"
        ))
        .hint(format!("write the alias as the console shows it, e.g. `{}/a1b2c3d4`", uri.host()))),
        Some(_) => match uri.path().iter().skip(1).find(|part| !public::is_name(part)) {
            Some(part) => Err(Failure::invalid_input(format!(
                "`{part}` can't be in a repository of ECR Public, expected small letters and digits, with single `.`, `_` or `-` \
                 between them"
            ))
            .hint("leave what is below the alias out, and name the image as it is to be called")),
            None => Ok(accepted),
        },
    }
}

/// The URI without port 443, which is what `https` means anyway.
fn without_port(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(uri.host());
    match uri.port() {
        None | Some(443) => Ok(AcceptedUri::new(canonical.to_string())),
        Some(_) => Err(Failure::invalid_input(format!("`{uri}` has a port, expected ECR without one"))
            .hint(format!("write `{canonical}`"))),
    }
}

/// ECR's resources have another kind of name, too.
fn refuse_arn(text: &str) -> Option<Failure> {
    let mut parts = text.strip_prefix("arn:")?.split(':');
    let (_, service, region, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let shown: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    let failure = Failure::invalid_input(format!("`{shown}` is an ARN, expected the host of a registry"));
    let is_account = !account.is_empty() && account.bytes().all(|b| b.is_ascii_digit());
    Some(if service == "ecr" && is_account && region::judge(region) == Verdict::Known {
        let meant = Private { account: account.into(), region: region.into(), fips: false, dual_stack: false };
        failure.hint(format!("write `{}`", meant.host()))
    } else {
        failure.hint(format!("write e.g. `{TYPICAL}`"))
    })
}

/// A bare word may be an account or a region.
fn explain(error: Error) -> Failure {
    let hint = match &error {
        Error::NoHost(text) if text.len() == ACCOUNT_DIGITS && text.bytes().all(|b| b.is_ascii_digit()) => {
            format!("an account has a registry in each region: write e.g. `{text}.dkr.ecr.us-east-1.amazonaws.com`")
        }
        Error::NoHost(text) if region::judge(text) == Verdict::Known => {
            let meant =
                Private { account: "123456789012".into(), region: text.clone(), fips: false, dual_stack: false };
            format!("write the account, too, e.g. `{}`", meant.host())
        }
        Error::NoHost(_) => format!("write e.g. `{TYPICAL}`, or `public.ecr.aws/<alias>`"),
        _ => return error.into(),
    };
    Failure::from(error).hint(hint)
}

fn refuse(uri: &RegistryUri, wrong: Wrong) -> Failure {
    let host = uri.host();
    let meant = host::meant(&uri.to_string());
    let did_you_mean = || match (&meant, behind_gallery(uri)) {
        (Some(meant), _) => format!("did you mean `{}`? ECR has no other form of it", meant.host()),
        (None, Some(public)) => format!("did you mean `{public}`?"),
        (None, None) => format!("write e.g. `{TYPICAL}`, or `public.ecr.aws/<alias>`"),
    };
    match wrong {
        Wrong::Account(account) => Failure::invalid_input(format!(
            "`{account}` is not an AWS account, expected a number of {ACCOUNT_DIGITS} digits"
        ))
        .hint("`aws sts get-caller-identity` shows yours"),
        Wrong::Region(region) => {
            let failure = Failure::invalid_input(format!("`{region}` is not a region of AWS"));
            match &meant {
                Some(meant) => failure.hint(format!("did you mean `{}`?", meant.host())),
                None => failure.hint(format!("write e.g. `{TYPICAL}`")),
            }
        }
        Wrong::Domain(domain) => Failure::invalid_input(format!(
            "domain `{domain}` of host `{host}` does not go with the rest of it, expected the registries' domain of that region"
        ))
        .hint(did_you_mean()),
        Wrong::Form => {
            Failure::invalid_input(format!("host `{host}` looks like one of AWS and is not a registry of ECR"))
                .hint(did_you_mean())
        }
    }
}

/// The public registry that was meant by a page of its gallery, or by a host that its name was mistaken for.
fn behind_gallery(uri: &RegistryUri) -> Option<String> {
    let host = uri.host();
    let public = host.contains("public") || host.contains("gallery");
    let alias = uri.path().first().map_or_else(|| "<alias>".to_owned(), |alias| (*alias).to_owned());
    (public && host.contains("ecr")).then(|| format!("public.ecr.aws/{alias}"))
}
