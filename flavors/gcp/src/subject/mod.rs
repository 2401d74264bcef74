//! The token of another provider, where a file of an external account says who is asked for it (google-auth 2.63.0,
//! `identity_pool.py`, `aws.py` and `pluggable.py`): a URL, AWS, or a program. A file is a field of the connector's, as
//! is what the program printed, which crhost runs.

mod aws;
mod caller_identity;
pub(crate) mod executable;
mod given_keys;
mod source;
mod url;

use crhost_flavor::{Failure, SecretOrText, SecretRef};

use crate::file::File;
use aws::Aws;
pub(crate) use aws::by_instance;
pub(crate) use given_keys::GivenKeys;
pub(crate) use source::member_of;
use url::Url;
pub(crate) use url::{by_azure, by_job};

/// The token, or who is asked for it.
pub(crate) enum Subject<'a> {
    /// A field has it, or a member of one.
    Given(SecretRef<'a>),
    /// The answer to a request is, or has it.
    Url(Url),
    /// A request to AWS's STS is, signed with the keys of the connector or of this machine.
    Aws(Aws<'a>),
}

impl<'a> Subject<'a> {
    /// What a file's source asks; `None` for a source that is not asked here.
    pub(crate) fn asked(source: &File<'_>, keys: Option<GivenKeys<'a>>) -> Result<Option<Self>, Failure> {
        if let Some(environment) = source.public_member("environment_id") {
            return Aws::read(source, &environment, keys).map(|aws| Some(Self::Aws(aws)));
        }
        Ok(Url::read(source)?.map(Self::Url))
    }

    /// The token, asked for if it is not there.
    pub(crate) fn token(&self, audience: &str) -> Result<SecretOrText<'_>, Failure> {
        match self {
            Self::Given(secret) => Ok((&**secret).into()),
            Self::Url(url) => url.token(audience).map(SecretOrText::Text),
            Self::Aws(aws) => aws.token(audience),
        }
    }
}
