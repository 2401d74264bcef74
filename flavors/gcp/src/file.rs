//! A reader of Google's JSON files of credentials, as IAM and gcloud write them.

use std::ops::Deref;

use crhost_flavor::{Failure, Secret, SecretRef};

/// The members that are not secret, in all kinds of files and at any depth.
pub(crate) const PUBLIC: [&str; 35] = [
    "type",
    "project_id",
    "private_key_id",
    "client_email",
    "client_id",
    "auth_uri",
    "token_uri",
    "auth_provider_x509_cert_url",
    "client_x509_cert_url",
    "universe_domain",
    "quota_project_id",
    "account",
    "audience",
    "subject_token_type",
    "token_url",
    "token_info_url",
    "service_account_impersonation_url",
    "service_account_impersonation",
    "workforce_pool_user_project",
    "revoke_url",
    "delegates",
    "file",
    "url",
    "format",
    "subject_token_field_name",
    "token_lifetime_seconds",
    "environment_id",
    "executable",
    "command",
    "output_file",
    "certificate",
    "regional_cred_verification_url",
    "region_url",
    "imdsv2_session_token_url",
    // A header that a machine in Azure wants.
    "Metadata",
];

/// A file that a field holds, or one inside another file.
pub(crate) struct File<'a>(SecretRef<'a>);

impl<'a> File<'a> {
    /// The file in a field, or in a member of another file.
    pub(crate) fn new(json: impl Into<SecretRef<'a>>) -> Self {
        Self(json.into())
    }

    /// The value of a required member that is public; `kind` is the kind of file in messages.
    pub(crate) fn public(&self, name: &str, kind: &str) -> Result<String, Failure> {
        self.public_member(name).filter(|value| !value.is_empty()).ok_or_else(|| lacks(name, kind))
    }

    /// The handle on a required member that is secret.
    pub(crate) fn secret(&self, name: &str, kind: &str) -> Result<Secret, Failure> {
        self.member(name).ok_or_else(|| lacks(name, kind))
    }
}

impl Deref for File<'_> {
    type Target = Secret;

    fn deref(&self) -> &Secret {
        &self.0
    }
}

fn lacks(name: &str, kind: &str) -> Failure {
    Failure::invalid_input(format!("the file of {kind} has no member `{name}`"))
        .hint("store the whole file, as IAM or gcloud wrote it")
}
