//! URIs of AWS's registries.

use crhost_flavor::text::excerpt;
use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

use crate::host::{self, ACCOUNT_DIGITS, Host, HostError, Private};
use crate::names::{ECR_ENDPOINT, STS_ENDPOINT};
use crate::public;
use crate::region::{self, RegionCheck};

/// The typical host, for hints.
pub(crate) const TYPICAL: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// AWS has a private registry for each account and region, and a public one; a host that can't be mistaken for either
/// may lead there.
const RULES: Rules = Rules {
    flavor: "aws",
    example: TYPICAL,
    no_host,
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not a registry of AWS", uri.host()))),
    grammar,
};

/// Accepts private registries in all forms, the public one, and hosts that can't be mistaken for either.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    match refuse_arn(text) {
        Some(failure) => Err(failure),
        None => RULES.accept(text),
    }
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    match host::parse(uri.host()).map_err(|error| refuse(uri, error))? {
        Host::Private(private) => accept_private(uri, &private),
        Host::Public => accept_public(uri),
        Host::LocalStack(private) => Ok(AcceptedUri::new(uri.to_string()).warning(format!(
            "`{}` is a registry of LocalStack: the options `{ECR_ENDPOINT}` and `{STS_ENDPOINT}` have to say where its \
             APIs are",
            private.host()
        ))),
        Host::Other => Ok(AcceptedUri::new(uri.to_string()).warning(format!(
            "`{}` is not a host of ECR: it has to lead there, or to something like it, and the option `region` has to say \
             in which region",
            uri.host()
        ))),
    }
}

fn accept_private(uri: &RegistryUri, private: &Private) -> Result<AcceptedUri, Failure> {
    let accepted = AcceptedUri::new(uri.without_port("ECR")?.to_string());
    let Private { account, region, .. } = private;
    if account.len() > ACCOUNT_DIGITS {
        return Err(Failure::invalid_input(format!(
            "`{account}` is not an AWS account, expected a number of {ACCOUNT_DIGITS} digits"
        ))
        .hint("`aws sts get-caller-identity` shows yours"));
    }
    let short = (account.len() < ACCOUNT_DIGITS).then(|| {
        format!(
            "`{account}` has {} digits where the number of an AWS account has {ACCOUNT_DIGITS}: no such registry may exist",
            account.len()
        )
    });
    let new = match region::check(region) {
        RegionCheck::Plausible(meant) => {
            let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            Some(format!("`{region}` is no region that this version knows of{meant}"))
        }
        RegionCheck::Known | RegionCheck::Invalid(_) => None,
    };
    Ok(accepted.warnings(short).warnings(new))
}

fn accept_public(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let accepted = AcceptedUri::new(uri.without_port("ECR")?.to_string());
    match uri.path().first() {
        None => Ok(accepted.warning(format!(
            "`{0}` stands for every alias of ECR Public; `{0}/<alias>` stands for yours alone",
            uri.host()
        ))),
        Some(alias) if !public::is_alias(alias) => Err(Failure::invalid_input(format!(
            "`{alias}` is not an alias of ECR Public, expected a letter and up to 49 small letters and digits, with single \
             `.`, `_` or `-` between them"
        ))
        .hint(format!("write the alias as the console shows it, e.g. `{}/a1b2c3d4`", uri.host()))),
        Some(_) => match uri.path().iter().skip(1).find(|part| !public::is_name(part)) {
            Some(part) => Err(Failure::invalid_input(format!(
                "`{part}` can't be in a repository of ECR Public, expected small letters and digits, with single `.`, `_` \
                 or `-` between them"
            ))
            .hint("leave what is below the alias out, and name the image as it is to be called")),
            None => Ok(accepted),
        },
    }
}

/// Refuses an ARN, AWS's other name for a repository.
fn refuse_arn(text: &str) -> Option<Failure> {
    let mut parts = text.strip_prefix("arn:")?.split(':');
    let (_, service, region, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let failure =
        Failure::invalid_input(format!("`{}` is an ARN, expected the host of a registry", excerpt(text, 100)));
    let is_account = !account.is_empty() && account.bytes().all(|b| b.is_ascii_digit());
    Some(if service == "ecr" && is_account && region::check(region) == RegionCheck::Known {
        let meant = Private { account: account.into(), region: region.into(), fips: false, dual_stack: false };
        failure.hint(format!("write `{}`", meant.host()))
    } else {
        failure.hint(format!("write e.g. `{TYPICAL}`"))
    })
}

/// The hint for a text without a host: a bare word may be an account or a region.
fn no_host(text: &str) -> String {
    if text.len() == ACCOUNT_DIGITS && text.bytes().all(|b| b.is_ascii_digit()) {
        return format!(
            "an account has a registry in each region: write e.g. `{text}.dkr.ecr.us-east-1.amazonaws.com`"
        );
    }
    if region::check(text) == RegionCheck::Known {
        let meant = Private { account: "123456789012".into(), region: text.to_owned(), fips: false, dual_stack: false };
        return format!("write the account, too, e.g. `{}`", meant.host());
    }
    format!("write e.g. `{TYPICAL}`, or `public.ecr.aws/<alias>`")
}

fn refuse(uri: &RegistryUri, error: HostError) -> Failure {
    let host = uri.host();
    let meant = host::meant(&uri.to_string());
    let did_you_mean = || match (&meant, behind_gallery(uri)) {
        (Some(meant), _) => format!("did you mean `{}`? ECR has no other form of it", meant.host()),
        (None, Some(public)) => format!("did you mean `{public}`?"),
        (None, None) => format!("write e.g. `{TYPICAL}`, or `public.ecr.aws/<alias>`"),
    };
    match error {
        HostError::Account(account) => Failure::invalid_input(format!(
            "`{account}` is not an AWS account, expected a number of {ACCOUNT_DIGITS} digits"
        ))
        .hint("`aws sts get-caller-identity` shows yours"),
        HostError::Region(region) => {
            let failure = Failure::invalid_input(format!("`{region}` is not a region of AWS"));
            match &meant {
                Some(meant) => failure.hint(format!("did you mean `{}`?", meant.host())),
                None => failure.hint(format!("write e.g. `{TYPICAL}`")),
            }
        }
        HostError::Domain(domain) => Failure::invalid_input(format!(
            "domain `{domain}` of host `{host}` does not go with the rest of it, expected the registries' domain of that \
             region"
        ))
        .hint(did_you_mean()),
        HostError::Form => {
            Failure::invalid_input(format!("host `{host}` looks like one of AWS and is not a registry of ECR"))
                .hint(did_you_mean())
        }
    }
}

/// The public registry that was meant by a page of its gallery, or by a host that is mistaken for its own.
fn behind_gallery(uri: &RegistryUri) -> Option<String> {
    let host = uri.host();
    let public = host.contains("public") || host.contains("gallery");
    let alias = uri.path().first().map_or_else(|| "<alias>".to_owned(), |alias| (*alias).to_owned());
    (public && host.contains("ecr")).then(|| format!("public.ecr.aws/{alias}"))
}
