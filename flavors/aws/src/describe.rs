//! The flavor's description: options, auth methods and their operations.

use crhost_flavor::commands::Command;
use crhost_flavor::{AuthMethod, Description, Field, OptionSpec, Source};

use crate::names::{
    AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, CONFIG_FILE, CONTAINER_AUTHORIZATION_TOKEN,
    CONTAINER_CREDENTIALS_FULL_URI, CONTAINER_ENDPOINT, CREDENTIALS_FILE, ECR_ENDPOINT, IAM_ROLE, IGNORE_ENDPOINT_URLS,
    IMDS_DISABLED, IMDS_ENDPOINT, IMDS_MODE, IMDS_URL, IMPLICIT, KMS_ENDPOINT, PROCESS_CREDENTIALS, PROFILE_TOKEN,
    SECRET_KEY, SESSION_TOKEN, SSO_CACHE, SSO_ENDPOINT, STS_ENDPOINT, STS_TOKEN, WEB_IDENTITY, WEB_IDENTITY_TOKEN,
    WRAPPING_KEY,
};
use crate::operations::{self, BY_ISSUED_KEYS, BY_KEY, BY_MACHINE_KEYS, BY_TEMPORARY_KEY};
use crate::{configured, process, profile, repository, sso};

/// The connector type.
pub(crate) const TYPE: &str = "aws";

pub(crate) fn description() -> Description {
    let description = Description::new(
        "aws",
        env!("CARGO_PKG_VERSION"),
        "Amazon's Elastic Container Registry (ECR), private and public",
    )
    .documentation("https://docs.aws.amazon.com/AmazonECR/latest/userguide/")
    .uri_examples([
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team",
        "123456789012.dkr-ecr.us-east-1.on.aws",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
        "public.ecr.aws/a1b2c3d4",
    ]);
    let issued =
        operations::of_registries(&BY_ISSUED_KEYS).into_iter().chain([operations::assume_role(&BY_ISSUED_KEYS)]);
    Description {
        options: options(),
        auth_methods: auth_methods(),
        operations: issued.chain(operations::of_instance()).collect(),
        ..description
    }
}

/// AWS's own program, which follows each kind of profile, renews logins and asks for the codes of MFA devices.
pub(crate) fn commands() -> Vec<Command> {
    let command = Command::new(TYPE, IMPLICIT, PROCESS_CREDENTIALS, "aws");
    let words = ["configure", "export-credentials", "--format=process", "--profile={profile-name}"];
    vec![command.arguments(words).login("aws sso login")]
}

fn options() -> Vec<OptionSpec> {
    let (mut options, others) = (of_checks(), of_addresses());
    options.extend(repository::options());
    options.extend(others);
    options
}

fn of_checks() -> Vec<OptionSpec> {
    vec![
        OptionSpec::flag("create-repository", "Create the image's repository if it is missing").default("false"),
        OptionSpec::flag("check-repository", "Look whether the repository exists before pushing").default("true"),
    ]
}

fn of_addresses() -> Vec<OptionSpec> {
    vec![
        OptionSpec::text("region", "The region, where the URI does not say it, e.g. `eu-west-1`"),
        OptionSpec::text("account", "The account that the registry belongs to, where the URI does not say it"),
        OptionSpec::url(ECR_ENDPOINT, "URL of ECR's API, e.g. of a private endpoint; has to be granted"),
        OptionSpec::url(STS_ENDPOINT, "URL of STS's API; has to be granted"),
        OptionSpec::text(WRAPPING_KEY, "Key of KMS that wraps the key of a shared store: its id, alias or ARN"),
        OptionSpec::url(KMS_ENDPOINT, "URL of KMS's API; has to be granted"),
        OptionSpec::url(SSO_ENDPOINT, "URL of IAM Identity Center's portal API; has to be granted"),
        OptionSpec::url(IMDS_ENDPOINT, "URL of the instance's metadata; has to be granted"),
        OptionSpec::url(CONTAINER_ENDPOINT, "URL below which a container's credentials are; has to be granted"),
    ]
}

fn auth_methods() -> Vec<AuthMethod> {
    vec![
        keys(SECRET_KEY, "Access key of an IAM user").operations(operations::of_registries(&BY_KEY)),
        keys(STS_TOKEN, "Temporary keys that STS gave")
            .field(session_token())
            .operations(operations::of_registries(&BY_TEMPORARY_KEY)),
        with_role(keys(IAM_ROLE, "An IAM role, taken on with the access key of a user"))
            .operation(operations::assume_role(&BY_KEY)),
        keys(SESSION_TOKEN, "Temporary keys that are made of a user's access key for every use")
            .field(Field::text("duration-seconds", "How long they live: 900 to 129600, 43200 if left out").optional())
            .operation(operations::session_token(&BY_KEY)),
        with_role(AuthMethod::new(TYPE, WEB_IDENTITY, "An IAM role, taken on with the token of an identity provider"))
            .field(
                Field::secret(WEB_IDENTITY_TOKEN, "The token (JWT), as of a CI job")
                    .source(Source::EnvFile("AWS_WEB_IDENTITY_TOKEN_FILE".to_owned())),
            )
            .field(region())
            .operation(operations::web_identity(&[WEB_IDENTITY_TOKEN])),
        implicit()
            .operations(operations::of_registries(&BY_MACHINE_KEYS))
            .operation(operations::assume_role(&BY_MACHINE_KEYS))
            .operation(operations::web_identity(&[WEB_IDENTITY_TOKEN, PROFILE_TOKEN]))
            .operation(operations::sso_keys())
            .operations(operations::of_container()),
    ]
}

fn keys(name: &str, summary: &str) -> AuthMethod {
    AuthMethod::new(TYPE, name, summary)
        .field(Field::text("aws-access-key-id", "Access key id, e.g. `AKIA…`").env("AWS_ACCESS_KEY_ID"))
        .field(Field::secret(AWS_SECRET_ACCESS_KEY, "Secret access key").env("AWS_SECRET_ACCESS_KEY"))
        .field(region())
}

fn region() -> Field {
    Field::text("region", "Region, where a registry does not say it")
        .optional()
        .env("AWS_REGION")
        .env("AWS_DEFAULT_REGION")
}

fn session_token() -> Field {
    Field::secret(AWS_SESSION_TOKEN, "Session token that came with the keys").env("AWS_SESSION_TOKEN")
}

fn with_role(method: AuthMethod) -> AuthMethod {
    method
        .field(Field::text("role-arn", "ARN of the role, e.g. `arn:aws:iam::123456789012:role/push`"))
        .field(Field::text("external-id", "External id, if the role's trust policy asks for one").optional())
        .field(Field::text("role-session-name", "What AWS's logs call the session; `crhost` if left out").optional())
        .field(Field::text("duration-seconds", "How long its keys live: 900 to 43200, 3600 if left out").optional())
}

/// The method with all sources of AWS's own tools (botocore 1.43.11, `credentials.py`). A value of the user and one of
/// the environment are two fields, since they have different precedence.
fn implicit() -> AuthMethod {
    let file = |name: &str, summary: &str, variable: &str, path: &str| {
        let field = Field::secret_ini(name, summary).optional().source(Source::EnvFile(variable.to_owned()));
        field.source(Source::File(path.to_owned())).public(profile::PUBLIC)
    };
    let text = |name: &str, summary: &str, variable: &str| Field::text(name, summary).optional().env(variable);
    let method =
        AuthMethod::new(TYPE, IMPLICIT, "Whatever this machine has: environment, profile, container or instance")
            .implicit()
            .field(text("aws-access-key-id", "Access key id", "AWS_ACCESS_KEY_ID"))
            .field(Field::secret(AWS_SECRET_ACCESS_KEY, "Secret access key").optional().env("AWS_SECRET_ACCESS_KEY"))
            .field(session_token().optional())
            .field(region())
            .field(
                Field::secret(WEB_IDENTITY_TOKEN, "Token of an identity provider (JWT)")
                    .optional()
                    .source(Source::EnvFile("AWS_WEB_IDENTITY_TOKEN_FILE".to_owned())),
            )
            .field(text("web-identity-role-arn", "ARN of the role that the token is for", "AWS_ROLE_ARN"))
            .field(text("role-session-name", "What AWS's logs call the session", "AWS_ROLE_SESSION_NAME"))
            .field(Field::text("profile-name", "Profile to use, whatever the environment says").optional())
            .field(text("aws-profile", "Profile that the environment names", "AWS_PROFILE").env("AWS_DEFAULT_PROFILE"))
            .field(
                Field::secret(PROFILE_TOKEN, "Token in the file that `web_identity_token_file` of a profile names")
                    .optional(),
            )
            .field(file(
                CREDENTIALS_FILE,
                "AWS's file of credentials",
                "AWS_SHARED_CREDENTIALS_FILE",
                "~/.aws/credentials",
            ))
            .field(file(CONFIG_FILE, "AWS's file of settings", "AWS_CONFIG_FILE", "~/.aws/config"))
            .field(
                Field::secret_json(SSO_CACHE, "Logins to IAM Identity Center, as `aws sso login` keeps them")
                    .optional()
                    .source(Source::File("~/.aws/sso/cache/*.json".to_owned()))
                    .public(sso::PUBLIC),
            )
            .field(
                Field::secret_json(PROCESS_CREDENTIALS, "Keys that a program prints, as a `credential_process` does")
                    .optional()
                    .public(process::PUBLIC),
            )
            .field(text(
                "container-credentials-relative-uri",
                "Path of a container's credentials (ECS)",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            ))
            .field(text(
                CONTAINER_CREDENTIALS_FULL_URI,
                "URL of a container's credentials (EKS)",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            ))
            .field(
                Field::secret(CONTAINER_AUTHORIZATION_TOKEN, "What a container's credentials are asked for with")
                    .optional()
                    .source(Source::EnvFile("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE".to_owned()))
                    .env("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            )
            .field(text(IMDS_DISABLED, "Whether the instance is not asked for keys", "AWS_EC2_METADATA_DISABLED"))
            .field(text(
                IMDS_URL,
                "URL of the instance's metadata; has to be granted",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            ))
            .field(text(
                IMDS_MODE,
                "`IPv4` or `IPv6`: which address the instance's metadata has",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            ))
            .field(text(
                IGNORE_ENDPOINT_URLS,
                "Whether addresses of the environment and of profiles are left out",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            ))
            .field(Field::text("role-arn", "ARN of a role to take on with all that").optional())
            .field(Field::text("external-id", "External id, if the role's trust policy asks for one").optional())
            .field(Field::text("duration-seconds", "How long the role's keys live: 900 to 43200").optional());
    let urls = configured::fields();
    urls.iter().fold(method, |method, (name, summary, variable)| method.field(text(name, summary, variable)))
}
