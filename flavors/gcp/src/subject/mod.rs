//! The token of another provider, where a file of an external account says who is asked for it (google-auth 2.63.0,
//! `identity_pool.py`, `aws.py` and `pluggable.py`): a URL, AWS, or a program. A file is a field of the connector's, as
//! is what the program printed, which crhost runs.

mod aws;
pub(crate) mod executable;
mod source;
mod url;

use crhost_flavor::http::Form;
use crhost_flavor::{Failure, SecretRef};

use crate::file::File;
use aws::Aws;
pub(crate) use aws::by_instance;
pub(crate) use source::member_of;
use url::Url;
pub(crate) use url::{by_azure, by_job};

/// The token, or who is asked for it.
pub(crate) enum Subject<'a> {
    /// A field has it, or a member of one.
    Given(SecretRef<'a>),
    /// The answer to a request is, or has it.
    Url(Url),
    /// A request to AWS's STS is, signed with the keys of this machine.
    Aws(Aws),
}

impl Subject<'_> {
    /// What a file's source asks; `None` for a source that is not asked here.
    pub(crate) fn asked(source: &File<'_>) -> Result<Option<Self>, Failure> {
        if let Some(environment) = source.public_member("environment_id") {
            return Aws::read(source, &environment).map(|aws| Some(Self::Aws(aws)));
        }
        Ok(Url::read(source)?.map(Self::Url))
    }

    /// A form with the token.
    pub(crate) fn sent<'f>(&'f self, form: Form<'f>, audience: &str) -> Result<Form<'f>, Failure> {
        const FIELD: &str = "subject_token";
        Ok(match self {
            Self::Given(secret) => form.secret(FIELD, secret),
            Self::Url(url) => form.text(FIELD, &url.token(audience)?),
            Self::Aws(aws) => form.text(FIELD, &aws.token(audience)?),
        })
    }
}
