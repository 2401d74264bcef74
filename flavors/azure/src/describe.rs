//! What the flavor says of itself.

use crhost_flavor::{AuthMethod, Description, Field, OptionSpec, Source, password};

use crate::cloud::CLOUDS;
use crate::{connector, entra, imds, management, target};

/// The connector type, and its methods.
const TYPE: &str = "azure";
pub(crate) const SERVICE_PRINCIPAL: &str = "service-principal";
pub(crate) const ACCESS_TOKEN: &str = "access-token";
pub(crate) const WORKLOAD_IDENTITY: &str = "workload-identity";
pub(crate) const MANAGED_IDENTITY: &str = "managed-identity";
pub(crate) const IMPLICIT: &str = "implicit";
pub(crate) const ADMIN_USER: &str = "admin-user";

/// The registry's own token service.
const REGISTRY: &str = "https://{registry}";

/// The option that has the permission looked at before a push.
pub(crate) const CHECK: &str = "check-permission";

pub(crate) fn description() -> Description {
    let clouds = CLOUDS.iter().flat_map(|cloud| [cloud.authority, cloud.management]);
    Description {
        name: "azure".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Azure Container Registry (ACR), in the public cloud and the sovereign ones".to_owned(),
        documentation: Some("https://learn.microsoft.com/azure/container-registry/".to_owned()),
        uri_examples: [
            "contoso.azurecr.io",
            "contoso.azurecr.io/team",
            "contoso-e7ggejfuhzhgedc8.azurecr.io",
            "contoso.westeurope.geo.azurecr.io",
            "contoso.azurecr.cn",
            "contoso.azurecr.us",
        ]
        .map(str::to_owned)
        .to_vec(),
        options: options(),
        auth_methods: auth_methods(),
        hosts: clouds.chain([REGISTRY]).map(str::to_owned).collect(),
    }
}

fn options() -> Vec<OptionSpec> {
    vec![
        OptionSpec::new(
            CHECK,
            "Ask before each push whether it is allowed, for a clearer refusal, with three requests more: `true` or `false`",
        )
        .default("false"),
        OptionSpec::new("cloud", "Where the URI does not say it: `public`, `china` or `us-government`"),
        OptionSpec::new(management::SUBSCRIPTION, "The only subscription in which registries are listed"),
        OptionSpec::new(entra::OPTION, "URL of Microsoft Entra, e.g. of a private cloud; has to be granted"),
        OptionSpec::new(target::OPTION, "URL of the registry's token service, where it is not its host; has to be granted"),
        OptionSpec::new(management::OPTION, "URL of Azure Resource Manager; has to be granted"),
        OptionSpec::new(imds::OPTION, "URL of the machine's metadata; has to be granted"),
    ]
}

fn auth_methods() -> Vec<AuthMethod> {
    vec![
        to_entra(
            AuthMethod::new(TYPE, SERVICE_PRINCIPAL, "An application of Microsoft Entra and its client secret")
                .field(tenant())
                .field(client())
                .field(Field::secret("client-secret", "The secret's value, not its id").env("AZURE_CLIENT_SECRET")),
        )
        .field(subscription()),
        to_entra(
            AuthMethod::new(TYPE, WORKLOAD_IDENTITY, "An application, proved by a token of an identity provider")
                .implicit()
                .field(tenant())
                .field(client())
                .field(federated_token()),
        )
        // Neither has a source: who gives the others has nothing read.
        .field(authority())
        .field(subscription()),
        AuthMethod::new(TYPE, MANAGED_IDENTITY, "The managed identity of the machine that this runs on")
            .field(Field::text("client-id", "Which one, where there are more").optional())
            .field(subscription()),
        to_entra(
            AuthMethod::new(TYPE, IMPLICIT, "Whatever this machine has: environment, workload or managed identity")
                .implicit()
                .field(tenant().optional())
                .field(client().optional())
                .field(Field::secret("client-secret", "Client secret").optional().env("AZURE_CLIENT_SECRET"))
                .field(federated_token().optional()),
        )
        .field(authority().env("AZURE_AUTHORITY_HOST"))
        .field(
            Field::text(connector::IDENTITY_ENDPOINT, "Where App Service or Container Apps give tokens")
                .optional()
                .env("IDENTITY_ENDPOINT"),
        )
        .field(
            Field::secret("identity-header", "What they are asked for tokens with").optional().env("IDENTITY_HEADER"),
        )
        .field(subscription().env("AZURE_SUBSCRIPTION_ID")),
        AuthMethod::new(TYPE, ACCESS_TOKEN, "An access token of Microsoft Entra, which lives for an hour or so")
            .field(Field::secret("token", "The token, for the audience `https://containerregistry.azure.net`"))
            .host(REGISTRY),
        AuthMethod::new(TYPE, ADMIN_USER, "The registry's admin user, or a repository-scoped token and its password")
            .field(Field::text("username", "The registry's name, or that of the token"))
            .field(Field::secret("password", "One of its two passwords"))
            .host(REGISTRY),
        password::method(),
    ]
}

fn to_entra(method: AuthMethod) -> AuthMethod {
    CLOUDS.iter().fold(method, |method, cloud| method.host(cloud.authority))
}

fn tenant() -> Field {
    Field::text("tenant-id", "Id of the tenant, or one of its domains").env("AZURE_TENANT_ID")
}

fn client() -> Field {
    Field::text("client-id", "Id of the application (client)").env("AZURE_CLIENT_ID")
}

fn federated_token() -> Field {
    Field::secret("federated-token", "The token (JWT)")
        .source(Source::EnvFile("AZURE_FEDERATED_TOKEN_FILE".to_owned()))
        .env("AZURE_FEDERATED_TOKEN")
}

fn authority() -> Field {
    Field::text(connector::AUTHORITY, "URL of Microsoft Entra, where it is not the cloud's").optional()
}

fn subscription() -> Field {
    Field::text(management::SUBSCRIPTION, "The only subscription in which registries are listed").optional()
}
