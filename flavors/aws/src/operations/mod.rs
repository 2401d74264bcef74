//! The requests that this flavor sends: calls of AWS's APIs, signed with keys of the connector or with those that AWS
//! issued, and requests to the machine's own metadata.

use crhost_flavor::Operation;
use crhost_flavor::cleanup::CleanupOperations;

use crate::endpoint::STS_VERSION;
use crate::machine::{ECS, EKS, EKS_PATH, IMDS, ROLES, TOKEN_PATH};
use crate::names::{
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, CONFIG_FILE, CONTAINER_AUTHORIZATION_TOKEN,
    CONTAINER_CREDENTIALS_FULL_URI, CONTAINER_ENDPOINT, CREDENTIALS_FILE, ECR_ENDPOINT, IMDS_ENDPOINT, IMPLICIT,
    KMS_ENDPOINT, PROCESS_CREDENTIALS, SECRET_KEY as SECRET_KEY_METHOD, SSO_CACHE, SSO_ENDPOINT, STS_ENDPOINT,
    STS_TOKEN,
};
use crate::target::{KMS_TARGET, PRIVATE_TARGET, PUBLIC_TARGET};
use crate::{kms, process, profile, sso};

/// The hosts of STS (botocore 1.44.5).
const STS: [&str; 14] = [
    "https://sts.*.amazonaws.com",
    "https://sts-fips.*.amazonaws.com",
    "https://sts.*.amazonaws.com.cn",
    "https://sts-fips.*.amazonaws.com.cn",
    "https://sts.*.amazonaws.eu",
    "https://sts-fips.*.amazonaws.eu",
    "https://sts.*.c2s.ic.gov",
    "https://sts-fips.*.c2s.ic.gov",
    "https://sts.*.sc2s.sgov.gov",
    "https://sts-fips.*.sc2s.sgov.gov",
    "https://sts.*.cloud.adc-e.uk",
    "https://sts-fips.*.cloud.adc-e.uk",
    "https://sts.*.csp.hci.ic.gov",
    "https://sts-fips.*.csp.hci.ic.gov",
];

/// The hosts of ECR's API for private registries (botocore 1.44.5).
const ECR: [&str; 18] = [
    "https://api.ecr.*.amazonaws.com",
    "https://api.ecr-fips.*.amazonaws.com",
    "https://ecr.*.api.aws",
    "https://ecr-fips.*.api.aws",
    "https://api.ecr.*.amazonaws.com.cn",
    "https://api.ecr-fips.*.amazonaws.com.cn",
    "https://ecr.*.api.amazonwebservices.com.cn",
    "https://ecr-fips.*.api.amazonwebservices.com.cn",
    "https://api.ecr.*.amazonaws.eu",
    "https://api.ecr-fips.*.amazonaws.eu",
    "https://api.ecr.*.c2s.ic.gov",
    "https://api.ecr-fips.*.c2s.ic.gov",
    "https://api.ecr.*.sc2s.sgov.gov",
    "https://api.ecr-fips.*.sc2s.sgov.gov",
    "https://api.ecr.*.cloud.adc-e.uk",
    "https://api.ecr-fips.*.cloud.adc-e.uk",
    "https://api.ecr.*.csp.hci.ic.gov",
    "https://api.ecr-fips.*.csp.hci.ic.gov",
];

/// The hosts of KMS (botocore 1.44.5).
const KMS: [&str; 7] = [
    "https://kms.*.amazonaws.com",
    "https://kms.*.amazonaws.com.cn",
    "https://kms.*.amazonaws.eu",
    "https://kms.*.c2s.ic.gov",
    "https://kms.*.sc2s.sgov.gov",
    "https://kms.*.cloud.adc-e.uk",
    "https://kms.*.csp.hci.ic.gov",
];

/// The hosts of IAM Identity Center's portal (botocore 1.44.8).
const SSO: [&str; 3] = [
    "https://portal.sso.*.amazonaws.com",
    "https://portal.sso.*.amazonaws.com.cn",
    "https://portal.sso.*.amazonaws.eu",
];

/// The host of ECR Public's API.
const ECR_PUBLIC: &str = "https://api.ecr-public.us-east-1.amazonaws.com";

/// The start of a signature in the header `authorization`.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 ";

/// A secret of the connector: a field, or a member of one.
#[derive(Clone, Copy)]
struct Secret(&'static str, Option<&'static str>);

/// The secrets that sign: access keys, which are never sent, and session tokens, which are.
pub(crate) struct Signer {
    keys: &'static [Secret],
    tokens: &'static [Secret],
}

const SECRET_KEY: Secret = Secret(AWS_SECRET_ACCESS_KEY, None);
const SESSION_TOKEN: Secret = Secret(AWS_SESSION_TOKEN, None);

/// The key of a user.
pub(crate) const BY_KEY: Signer = Signer { keys: &[SECRET_KEY], tokens: &[] };

/// A temporary key and its session token.
pub(crate) const BY_TEMPORARY_KEY: Signer = Signer { keys: &[SECRET_KEY], tokens: &[SESSION_TOKEN] };

/// The keys that a machine may have, in its environment and in the profiles of AWS's files.
pub(crate) const BY_MACHINE_KEYS: Signer = Signer {
    keys: &[
        SECRET_KEY,
        Secret(CREDENTIALS_FILE, Some(profile::SECRET_ACCESS_KEY)),
        Secret(CONFIG_FILE, Some(profile::SECRET_ACCESS_KEY)),
        Secret(PROCESS_CREDENTIALS, Some(process::SECRET_ACCESS_KEY)),
    ],
    tokens: &[
        SESSION_TOKEN,
        Secret(CREDENTIALS_FILE, Some(profile::SESSION_TOKEN)),
        Secret(CONFIG_FILE, Some(profile::SESSION_TOKEN)),
        Secret(PROCESS_CREDENTIALS, Some(process::SESSION_TOKEN)),
    ],
};

/// Keys that AWS issued, which the flavor knows as text: they are no secrets of the connector.
pub(crate) const BY_ISSUED_KEYS: Signer = Signer { keys: &[], tokens: &[] };

impl Signer {
    /// An operation whose requests it signs.
    fn signs(&self, operation: Operation) -> Operation {
        let operation = operation.header("x-amz-date");
        let placed = |operation: Operation, Secret(_, member): Secret| match member {
            Some(member) => operation.member(member),
            None => operation,
        };
        let operation = self.keys.iter().fold(operation, |operation, key| {
            placed(operation.signature_header("authorization", SIGNATURE, key.0), *key)
        });
        self.tokens.iter().fold(operation, |operation, token| {
            placed(operation.header_secret("x-amz-security-token", "", token.0), *token)
        })
    }
}

/// Calls of both of ECR's APIs, and of STS to ask whose the keys are.
pub(crate) fn of_registries(signer: &Signer) -> [Operation; 4] {
    [ecr(signer), ecr_public(signer), caller(signer), kms(signer)]
}

/// What the key of a shared store is wrapped with.
fn kms(signer: &Signer) -> Operation {
    let targets: Vec<String> = [kms::MAKE, kms::UNWRAP].map(|call| format!("{KMS_TARGET}.{call}")).into();
    let operation = Operation::new("kms", "Has KMS make a key for a shared store, and unwrap it");
    let operation = operation.post().hosts(KMS).endpoint(KMS_ENDPOINT).path("/");
    signer.signs(operation.header_of("x-amz-target", targets.iter().map(String::as_str)))
}

fn ecr(signer: &Signer) -> Operation {
    let calls = [
        "GetAuthorizationToken",
        "DescribeRepositories",
        "DescribeRepositoryCreationTemplates",
        "CreateRepository",
        "PutLifecyclePolicy",
        "SetRepositoryPolicy",
    ];
    let operation = Operation::new("ecr", "Looks for the repository, creates it, and gets the registry's password");
    signer.signs(json(operation.hosts(ECR), PRIVATE_TARGET, &calls))
}

fn ecr_public(signer: &Signer) -> Operation {
    let calls = ["GetAuthorizationToken", "DescribeRepositories", "CreateRepository", "DescribeRegistries"];
    let operation = Operation::new("ecr-public", "Does the same in ECR Public, and looks for the registry's alias");
    signer.signs(json(operation.host(ECR_PUBLIC), PUBLIC_TARGET, &calls))
}

/// What a clean-up calls of both of ECR's APIs.
fn of_cleanup(signer: &Signer) -> [Operation; 4] {
    let list = |name| Operation::new(name, "Lists images with their tags and times");
    let delete = |name| Operation::new(name, "Deletes images and tags");
    let (describe, remove) = (["DescribeImages"], ["BatchDeleteImage"]);
    [
        json(list("list-images").hosts(ECR), PRIVATE_TARGET, &describe),
        json(list("list-images-public").host(ECR_PUBLIC), PUBLIC_TARGET, &describe),
        json(delete("delete-images").hosts(ECR), PRIVATE_TARGET, &remove),
        json(delete("delete-images-public").host(ECR_PUBLIC), PUBLIC_TARGET, &remove),
    ]
    .map(|operation| signer.signs(operation))
}

/// The requests of clean-ups, for each auth method whose own keys sign, and with keys that AWS issued.
pub(crate) fn cleanup() -> Vec<CleanupOperations> {
    let of_method = |method: &str, signer| CleanupOperations::of_method("aws", method, of_cleanup(signer));
    vec![
        of_method(SECRET_KEY_METHOD, &BY_KEY),
        of_method(STS_TOKEN, &BY_TEMPORARY_KEY),
        of_method(IMPLICIT, &BY_MACHINE_KEYS),
        CleanupOperations::without_secrets(of_cleanup(&BY_ISSUED_KEYS)),
    ]
}

/// A call of a JSON API, which a header names.
fn json(operation: Operation, api: &str, calls: &[&str]) -> Operation {
    let targets: Vec<String> = calls.iter().map(|call| format!("{api}.{call}")).collect();
    let targets = targets.iter().map(String::as_str);
    operation.post().endpoint(ECR_ENDPOINT).path("/").header_of("x-amz-target", targets)
}

fn caller(signer: &Signer) -> Operation {
    let operation = Operation::new("get-caller-identity", "Asks STS whose the keys are");
    signer.signs(sts(operation, "GetCallerIdentity"))
}

/// The call that gives the keys of a role.
pub(crate) fn assume_role(signer: &Signer) -> Operation {
    let operation = Operation::new("assume-role", "Gets keys of a role from STS");
    signer.signs(of_role(sts(operation, "AssumeRole")))
}

/// The call that makes temporary keys.
pub(crate) fn session_token(signer: &Signer) -> Operation {
    let operation = Operation::new("get-session-token", "Gets temporary keys from STS");
    signer.signs(sts(operation, "GetSessionToken").body("DurationSeconds"))
}

/// The call that gives the keys of a role for the token of an identity provider, in one of these fields.
pub(crate) fn web_identity(fields: &[&str]) -> Operation {
    let operation = Operation::new("assume-role-with-web-identity", "Gets keys of a role for the token from STS");
    let operation = of_role(sts(operation, "AssumeRoleWithWebIdentity"));
    fields.iter().fold(operation, |operation, field| operation.form_secret("WebIdentityToken", *field))
}

/// The request that gives the keys of a role for a login to IAM Identity Center.
pub(crate) fn sso_keys() -> Operation {
    Operation::new("sso-role-keys", "Gets keys of a role for a login to IAM Identity Center")
        .get()
        .hosts(SSO)
        .endpoint(SSO_ENDPOINT)
        .path(sso::PATH)
        .query("role_name")
        .query("account_id")
        .header_secret(sso::HEADER, "", SSO_CACHE)
        .member(sso::ACCESS_TOKEN)
}

/// A call of STS, which the form names.
fn sts(operation: Operation, action: &str) -> Operation {
    let operation = operation.post().hosts(STS).endpoint(STS_ENDPOINT).path("/");
    operation.body_of("Action", [action]).body_of("Version", [STS_VERSION])
}

/// The parameters of a role.
fn of_role(operation: Operation) -> Operation {
    ["RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds"].into_iter().fold(operation, Operation::body)
}

/// The requests that give the keys of a container.
pub(crate) fn of_container() -> [Operation; 2] {
    let ask = |name: &str, summary: &str| {
        Operation::new(name, summary).get().header_secret("authorization", "", CONTAINER_AUTHORIZATION_TOKEN)
    };
    [
        ask("container-keys", "Gets keys of the container's role (ECS)")
            .host(ECS)
            .endpoint(CONTAINER_ENDPOINT)
            .path("/v2/credentials/*"),
        ask("container-keys-by-url", "Gets keys of the container's role at the URL that its platform names (EKS)")
            .host(EKS)
            .path(EKS_PATH)
            .endpoint(CONTAINER_CREDENTIALS_FULL_URI)
            .path("/"),
    ]
}

/// The requests that give the keys of an instance (IMDSv2).
pub(crate) fn of_instance() -> [Operation; 2] {
    [
        Operation::new("instance-token", "Gets a token of the instance's metadata")
            .put()
            .host(IMDS)
            .endpoint(IMDS_ENDPOINT)
            .path(TOKEN_PATH)
            .header("x-aws-ec2-metadata-token-ttl-seconds"),
        Operation::new("instance-keys", "Gets keys of the instance's role with that token")
            .get()
            .host(IMDS)
            .endpoint(IMDS_ENDPOINT)
            .path(ROLES)
            .path(format!("{ROLES}*"))
            .header("x-aws-ec2-metadata-token"),
    ]
}

#[cfg(test)]
mod tests;
