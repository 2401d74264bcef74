//! Names of auth methods, fields and options.

// Auth methods of the connector type `aws`.
pub(crate) const SECRET_KEY: &str = "secret-key";
pub(crate) const STS_TOKEN: &str = "sts-token";
pub(crate) const IAM_ROLE: &str = "iam-role";
pub(crate) const SESSION_TOKEN: &str = "session-token";
pub(crate) const WEB_IDENTITY: &str = "web-identity";
pub(crate) const IMPLICIT: &str = "implicit";

// Fields with secrets, and the one with the URL of a container's credentials.
pub(crate) const AWS_SECRET_ACCESS_KEY: &str = "aws-secret-access-key";
pub(crate) const AWS_SESSION_TOKEN: &str = "aws-session-token";
pub(crate) const WEB_IDENTITY_TOKEN: &str = "web-identity-token";
pub(crate) const PROFILE_TOKEN: &str = "profile-token";
pub(crate) const CREDENTIALS_FILE: &str = "credentials-file";
pub(crate) const CONFIG_FILE: &str = "config-file";
pub(crate) const PROCESS_CREDENTIALS: &str = "process-credentials";
pub(crate) const SSO_CACHE: &str = "sso-cache";
pub(crate) const CONTAINER_AUTHORIZATION_TOKEN: &str = "container-authorization-token";
pub(crate) const CONTAINER_CREDENTIALS_FULL_URI: &str = "container-credentials-full-uri";

// Fields of what the environment says about the instance's metadata.
pub(crate) const IMDS_DISABLED: &str = "ec2-metadata-disabled";
pub(crate) const IMDS_URL: &str = "ec2-metadata-service-endpoint";
pub(crate) const IMDS_MODE: &str = "ec2-metadata-service-endpoint-mode";

// Fields of what the environment says about the addresses of APIs; those of single services end with the first.
pub(crate) const ENDPOINT_URL: &str = "endpoint-url";
pub(crate) const IGNORE_ENDPOINT_URLS: &str = "ignore-configured-endpoint-urls";

// Options that replace the addresses of services.
pub(crate) const ECR_ENDPOINT: &str = "ecr-endpoint";
pub(crate) const STS_ENDPOINT: &str = "sts-endpoint";
pub(crate) const KMS_ENDPOINT: &str = "kms-endpoint";
pub(crate) const SSO_ENDPOINT: &str = "sso-endpoint";
pub(crate) const IMDS_ENDPOINT: &str = "imds-endpoint";
pub(crate) const CONTAINER_ENDPOINT: &str = "container-endpoint";

// The option that names a key of KMS.
pub(crate) const WRAPPING_KEY: &str = "wrapping-key";
