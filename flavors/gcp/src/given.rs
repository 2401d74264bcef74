//! What users give, by name: auth methods, their fields, options.

use crhost_flavor::{Failure, FailureKind};

/// The connector type.
pub(crate) const TYPE: &str = "gcp";

// Its auth methods.
pub(crate) const SERVICE_ACCOUNT: &str = "service-account";
pub(crate) const IMPERSONATION: &str = "impersonation";
pub(crate) const USER_ACCOUNT: &str = "user-account";
pub(crate) const WORKLOAD_IDENTITY: &str = "workload-identity";
pub(crate) const EXTERNAL_ACCOUNT: &str = "external-account";
pub(crate) const OAUTH2_TOKEN: &str = "oauth2-token";
pub(crate) const IMPLICIT: &str = "implicit";

// Their fields.
pub(crate) const SERVICE_ACCOUNT_JSON: &str = "service-account-json";
pub(crate) const USER_ACCOUNT_JSON: &str = "user-account-json";
pub(crate) const EXTERNAL_ACCOUNT_JSON: &str = "external-account-json";
pub(crate) const APPLICATION_CREDENTIALS: &str = "application-credentials";
pub(crate) const PROVIDER: &str = "provider";
pub(crate) const SUBJECT_TOKEN: &str = "subject-token";
pub(crate) const EXECUTABLE_RESPONSE: &str = "executable-response";
pub(crate) const AWS_ACCESS_KEY_ID: &str = "aws-access-key-id";
pub(crate) const AWS_SECRET_ACCESS_KEY: &str = "aws-secret-access-key";
pub(crate) const AWS_SESSION_TOKEN: &str = "aws-session-token";
pub(crate) const AWS_REGION: &str = "aws-region";
pub(crate) const TOKEN: &str = "token";
pub(crate) const TARGET_PRINCIPAL: &str = "target-principal";
pub(crate) const DURATION_SECONDS: &str = "duration-seconds";
pub(crate) const PROJECT_ID: &str = "project-id";

// Options other than the addresses of services.
pub(crate) const CREATE_REPOSITORY: &str = "create-repository";
pub(crate) const CHECK_REPOSITORY: &str = "check-repository";
pub(crate) const KMS_KEY: &str = "kms-key";
pub(crate) const LABELS: &str = "labels";
pub(crate) const CLEANUP_POLICIES: &str = "cleanup-policies";
pub(crate) const IMMUTABLE_TAGS: &str = "immutable-tags";
pub(crate) const LOCATION: &str = "location";
pub(crate) const PROJECT: &str = "project";

/// The failure for a connector without a field that its method needs: it has no credentials then.
pub(crate) fn missing(field: &str) -> Failure {
    Failure { kind: FailureKind::Unauthenticated, ..Failure::missing_field(field) }
}
