//! The kinds of Google's files of credentials, and the principal that each stands for.

use crhost_flavor::Failure;
use crhost_flavor::text::excerpt;

use crate::describe;
use crate::external::{External, OfProvider};
use crate::file::File;
use crate::impersonation;
use crate::key::Key;
use crate::principal::{Base, Principal};
use crate::user::User;

/// A kind of file, as its member `type` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The key of a service account.
    ServiceAccount,
    /// A user who signed in with gcloud.
    User,
    /// An identity of another provider.
    External,
    /// A service account that another identity impersonates.
    Impersonated,
}

impl Kind {
    const ALL: [Self; 4] = [Self::ServiceAccount, Self::User, Self::External, Self::Impersonated];

    /// As the member `type` has it.
    fn name(self) -> &'static str {
        match self {
            Self::ServiceAccount => "service_account",
            Self::User => "authorized_user",
            Self::External => "external_account",
            Self::Impersonated => "impersonated_service_account",
        }
    }

    /// The auth method that takes such a file.
    fn method(self) -> &'static str {
        match self {
            Self::ServiceAccount => describe::SERVICE_ACCOUNT,
            Self::User => describe::USER_ACCOUNT,
            Self::External => describe::EXTERNAL_ACCOUNT,
            Self::Impersonated => describe::IMPLICIT,
        }
    }

    /// The kind of a file by its member `type`; fails unless it is one of those that are `taken`.
    pub(crate) fn of(found: Option<&str>, taken: &[Self]) -> Result<Self, Failure> {
        let expected = || taken.iter().map(|kind| format!("`{}`", kind.name())).collect::<Vec<_>>().join(" or ");
        let Some(found) = found else {
            return Err(Failure::invalid_input(format!("the file has no member `type`, expected {}", expected()))
                .hint(
                    "a file of an OAuth client (`installed`, `web`) is no file of credentials: use the one that IAM \
                       or gcloud wrote",
                ));
        };
        let kind = Self::ALL.into_iter().find(|kind| kind.name() == found);
        if let Some(kind) = kind.filter(|kind| taken.contains(kind)) {
            return Ok(kind);
        }
        let shown = excerpt(found, 60);
        let failure = Failure::invalid_input(format!("the file is of type `{shown}`, expected {}", expected()));
        Err(match kind {
            Some(kind) => failure.hint(format!("the auth method `{}` takes it", kind.method())),
            None => failure.hint("`gcloud iam service-accounts keys create` writes a file that can be used"),
        })
    }
}

/// The universe whose accounts and APIs this flavor knows.
const UNIVERSE: &str = "googleapis.com";

/// Refuses a file of another universe, whose accounts Google does not know. Files from before there were universes name
/// none.
fn check_universe(domain: Option<&str>) -> Result<(), Failure> {
    match domain {
        None | Some("" | UNIVERSE) => Ok(()),
        Some(domain) => {
            let shown = excerpt(domain, 100);
            Err(Failure::invalid_input(format!(
                "the file's `universe_domain` is `{shown}`, expected `{UNIVERSE}`: flavor `gcp` serves no other universe"
            ))
            .hint("the flavor `default` pushes there, with a connector of type `docker` that holds a password"))
        }
    }
}

/// The principal of a file, which has to be of one of the kinds `taken`, with what there is of another provider for
/// files that need it.
pub(crate) fn read<'a>(file: File<'a>, provider: OfProvider<'a>, taken: &[Kind]) -> Result<Principal<'a>, Failure> {
    let kind = Kind::of(file.public_member("type").as_deref(), taken)?;
    check_universe(file.public_member("universe_domain").as_deref())?;
    Ok(match kind {
        Kind::ServiceAccount => Principal { base: Base::Key(Key::read(&file)?), target: None },
        Kind::User => Principal { base: Base::User(User::read(&file)?), target: None },
        Kind::External => {
            let target = file.public_member("service_account_impersonation_url");
            let target = target.as_deref().map(|url| impersonation::of_file(&file, url)).transpose()?;
            Principal { base: Base::External(External::read(&file, provider)?), target }
        }
        Kind::Impersonated => {
            let what = "an impersonated service account";
            let url = file.public("service_account_impersonation_url", what)?;
            let target = impersonation::of_file(&file, &url)?;
            let source = File::new(file.secret("source_credentials", what)?);
            check_universe(source.public_member("universe_domain").as_deref())?;
            let base = match Kind::of(source.public_member("type").as_deref(), &[Kind::User, Kind::ServiceAccount])? {
                Kind::User => Base::User(User::read(&source)?),
                _ => Base::Key(Key::read(&source)?),
            };
            Principal { base, target: Some(target) }
        }
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;

    use super::*;

    #[test]
    fn a_file_of_another_kind_is_named_with_the_method_that_takes_it() {
        let key = [Kind::ServiceAccount];
        assert_eq!(Kind::of(Some("service_account"), &key), Ok(Kind::ServiceAccount));
        for (found, hint) in [
            (Some("authorized_user"), "`user-account`"),
            (Some("external_account"), "`external-account`"),
            (Some("impersonated_service_account"), "`implicit`"),
            (Some("gdch_service_account"), "gcloud iam service-accounts keys create"),
            (Some("a\nb"), "gcloud"),
            (None, "OAuth client"),
        ] {
            let failure = Kind::of(found, &key).unwrap_err();
            assert!(failure.hint.unwrap().contains(hint), "{found:?}");
            assert!(
                failure.message.contains("`service_account`") && !failure.message.contains('\n'),
                "{}",
                failure.message
            );
        }
    }

    #[test]
    fn a_file_of_another_universe_is_not_served() {
        for domain in [None, Some(""), Some("googleapis.com")] {
            assert_eq!(check_universe(domain), Ok(()));
        }
        let failure = check_universe(Some("s3nsapis.fr")).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidInput);
        assert!(failure.message.contains("`s3nsapis.fr`") && failure.hint.unwrap().contains("`default`"));
    }
}
