//! The flavor's description: options, auth methods and hosts.

use crhost_flavor::{AuthMethod, Description, Field, OptionSpec, Source};

use crate::profile;

/// The connector type.
const TYPE: &str = "aws";

// Its auth methods.
pub(crate) const SECRET_KEY: &str = "secret-key";
pub(crate) const STS_TOKEN: &str = "sts-token";
pub(crate) const IAM_ROLE: &str = "iam-role";
pub(crate) const SESSION_TOKEN: &str = "session-token";
pub(crate) const WEB_IDENTITY: &str = "web-identity";
pub(crate) const IMPLICIT: &str = "implicit";

/// The hosts of STS (botocore 1.44.5), to which the tokens of web identities and of temporary keys go.
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

/// The hosts of ECR's two APIs (botocore 1.44.5), to which the tokens of temporary keys go.
const ECR: [&str; 19] = [
    "https://api.ecr.*.amazonaws.com",
    "https://api.ecr-fips.*.amazonaws.com",
    "https://ecr.*.api.aws",
    "https://ecr-fips.*.api.aws",
    "https://api.ecr-public.us-east-1.amazonaws.com",
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

pub(crate) fn description() -> Description {
    Description {
        name: "aws".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Amazon's Elastic Container Registry (ECR), private and public".to_owned(),
        documentation: Some("https://docs.aws.amazon.com/AmazonECR/latest/userguide/".to_owned()),
        uri_examples: [
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team",
            "123456789012.dkr-ecr.us-east-1.on.aws",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "public.ecr.aws/a1b2c3d4",
        ]
        .map(str::to_owned)
        .to_vec(),
        options: options(),
        auth_methods: auth_methods(),
        hosts: STS.iter().chain(&ECR).map(|host| (*host).to_owned()).collect(),
    }
}

fn options() -> Vec<OptionSpec> {
    vec![
        OptionSpec::new("create-repository", "Create the image's repository if it is missing: `true` or `false`")
            .default("false"),
        OptionSpec::new("check-repository", "Look whether the repository exists before pushing: `true` or `false`")
            .default("true"),
        OptionSpec::new("image-tag-mutability", "Of repositories that are created: `mutable` or `immutable`"),
        OptionSpec::new("scan-on-push", "Of repositories that are created, private ones only: `true` or `false`"),
        OptionSpec::new("region", "The region, where the URI does not say it, e.g. `eu-west-1`"),
        OptionSpec::new("account", "The account that the registry belongs to, where the URI does not say it"),
        OptionSpec::new("ecr-endpoint", "URL of ECR's API, e.g. of a private endpoint; has to be granted"),
        OptionSpec::new("sts-endpoint", "URL of STS's API; has to be granted"),
        OptionSpec::new("imds-endpoint", "URL of the instance's metadata; has to be granted"),
        OptionSpec::new("container-endpoint", "URL below which a container's credentials are; has to be granted"),
    ]
}

fn auth_methods() -> Vec<AuthMethod> {
    vec![
        keys(SECRET_KEY, "Access key of an IAM user"),
        keys(STS_TOKEN, "Temporary keys that STS gave").field(session_token()),
        with_role(keys(IAM_ROLE, "An IAM role, taken on with the access key of a user")),
        keys(SESSION_TOKEN, "Temporary keys that are made of a user's access key for every use")
            .field(Field::text("duration-seconds", "How long they live: 900 to 129600, 43200 if left out").optional()),
        with_role(AuthMethod::new(TYPE, WEB_IDENTITY, "An IAM role, taken on with the token of an identity provider"))
            .field(
                Field::secret("web-identity-token", "The token (JWT)")
                    .source(Source::EnvFile("AWS_WEB_IDENTITY_TOKEN_FILE".to_owned())),
            )
            .field(region()),
        implicit(),
    ]
    .into_iter()
    .map(|method| match method.name.as_str() {
        WEB_IDENTITY => to(method, &STS),
        STS_TOKEN | IMPLICIT => to(to(method, &STS), &ECR),
        _ => method,
    })
    .collect()
}

fn keys(name: &str, summary: &str) -> AuthMethod {
    AuthMethod::new(TYPE, name, summary)
        .field(Field::text("aws-access-key-id", "Access key id, e.g. `AKIA…`").env("AWS_ACCESS_KEY_ID"))
        .field(Field::secret("aws-secret-access-key", "Secret access key").env("AWS_SECRET_ACCESS_KEY"))
        .field(region())
}

fn region() -> Field {
    Field::text("region", "Region, where a registry does not say it")
        .optional()
        .env("AWS_REGION")
        .env("AWS_DEFAULT_REGION")
}

fn session_token() -> Field {
    Field::secret("aws-session-token", "Session token that came with the keys").env("AWS_SESSION_TOKEN")
}

fn with_role(method: AuthMethod) -> AuthMethod {
    method
        .field(Field::text("role-arn", "ARN of the role, e.g. `arn:aws:iam::123456789012:role/push`"))
        .field(Field::text("external-id", "External id, if the role's trust policy asks for one").optional())
        .field(Field::text("role-session-name", "What AWS's logs call the session; `crhost` if left out").optional())
        .field(Field::text("duration-seconds", "How long its keys live: 900 to 43200, 3600 if left out").optional())
}

/// Lets a method's secrets go to hosts.
fn to(method: AuthMethod, hosts: &[&str]) -> AuthMethod {
    hosts.iter().fold(method, |method, host| method.host(*host))
}

/// The method with all sources of AWS's own tools (botocore 1.44.5, `credentials.py`). A value of the user and one of
/// the environment are two fields, since they have different precedence.
fn implicit() -> AuthMethod {
    let file = |name: &str, summary: &str, variable: &str, path: &str| {
        let field = Field::secret_ini(name, summary).optional().source(Source::EnvFile(variable.to_owned()));
        field.source(Source::File(path.to_owned())).public(profile::PUBLIC)
    };
    let text = |name: &str, summary: &str, variable: &str| Field::text(name, summary).optional().env(variable);
    AuthMethod::new(TYPE, IMPLICIT, "Whatever this machine has: environment, profile, container or instance")
        .implicit()
        .field(text("aws-access-key-id", "Access key id", "AWS_ACCESS_KEY_ID"))
        .field(Field::secret("aws-secret-access-key", "Secret access key").optional().env("AWS_SECRET_ACCESS_KEY"))
        .field(session_token().optional())
        .field(region())
        .field(
            Field::secret("web-identity-token", "Token of an identity provider (JWT)")
                .optional()
                .source(Source::EnvFile("AWS_WEB_IDENTITY_TOKEN_FILE".to_owned())),
        )
        .field(text("web-identity-role-arn", "ARN of the role that the token is for", "AWS_ROLE_ARN"))
        .field(text("role-session-name", "What AWS's logs call the session", "AWS_ROLE_SESSION_NAME"))
        .field(Field::text("profile-name", "Profile to use, whatever the environment says").optional())
        .field(text("aws-profile", "Profile that the environment names", "AWS_PROFILE").env("AWS_DEFAULT_PROFILE"))
        .field(file(
            "credentials-file",
            "AWS's file of credentials",
            "AWS_SHARED_CREDENTIALS_FILE",
            "~/.aws/credentials",
        ))
        .field(file("config-file", "AWS's file of settings", "AWS_CONFIG_FILE", "~/.aws/config"))
        .field(text(
            "container-credentials-relative-uri",
            "Path of a container's credentials (ECS)",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ))
        .field(text(
            "container-credentials-full-uri",
            "URL of a container's credentials (EKS)",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ))
        .field(
            Field::secret("container-authorization-token", "What a container's credentials are asked for with")
                .optional()
                .source(Source::EnvFile("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE".to_owned()))
                .env("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        )
        .field(Field::text("role-arn", "ARN of a role to take on with all that").optional())
        .field(Field::text("external-id", "External id, if the role's trust policy asks for one").optional())
        .field(Field::text("duration-seconds", "How long the role's keys live: 900 to 43200").optional())
}
