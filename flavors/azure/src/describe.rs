//! The flavor's description: options, auth methods and hosts.

use crhost_flavor::{AuthMethod, Description, Field, OptionSpec, Source, password};

use crate::cloud::CLOUDS;
use crate::names;

/// The connector type.
const TYPE: &str = "azure";

/// The registry's own token service.
const REGISTRY: &str = "https://{registry}";

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
            names::CHECK_PERMISSION,
            "Ask before each push whether it is allowed, for a clearer refusal, with three requests more: `true` or \
             `false`",
        )
        .default("false"),
        OptionSpec::new(names::CLOUD, "Where the URI does not say it: `public`, `china` or `us-government`"),
        OptionSpec::new(names::SUBSCRIPTION, "The only subscription in which registries are listed"),
        OptionSpec::new(
            names::AUTHORITY_ENDPOINT,
            "URL of Microsoft Entra, e.g. of a private cloud; has to be granted",
        ),
        OptionSpec::new(
            names::EXCHANGE_ENDPOINT,
            "URL of the registry's token service, where it is not its host; has to be granted",
        ),
        OptionSpec::new(names::MANAGEMENT_ENDPOINT, "URL of Azure Resource Manager; has to be granted"),
        OptionSpec::new(names::IMDS_ENDPOINT, "URL of the machine's metadata; has to be granted"),
    ]
}

fn auth_methods() -> Vec<AuthMethod> {
    vec![
        to_entra(
            AuthMethod::new(TYPE, names::SERVICE_PRINCIPAL, "An application of Microsoft Entra and its client secret")
                .field(tenant())
                .field(client())
                .field(
                    Field::secret(names::CLIENT_SECRET, "The secret's value, not its id").env("AZURE_CLIENT_SECRET"),
                ),
        )
        .field(subscription()),
        to_entra(
            AuthMethod::new(
                TYPE,
                names::WORKLOAD_IDENTITY,
                "An application, proved by a token of an identity provider",
            )
            .implicit()
            .field(tenant())
            .field(client())
            .field(federated_token()),
        )
        // Neither has a source: a connector with the other fields reads nothing of the environment.
        .field(authority())
        .field(subscription()),
        AuthMethod::new(TYPE, names::MANAGED_IDENTITY, "The managed identity of the machine that this runs on")
            .field(Field::text(names::CLIENT_ID, "Which one, where there are more").optional())
            .field(subscription()),
        to_entra(
            AuthMethod::new(
                TYPE,
                names::IMPLICIT,
                "Whatever this machine has: environment, workload or managed identity",
            )
            .implicit()
            .field(tenant().optional())
            .field(client().optional())
            .field(Field::secret(names::CLIENT_SECRET, "Client secret").optional().env("AZURE_CLIENT_SECRET"))
            .field(federated_token().optional()),
        )
        .field(authority().env("AZURE_AUTHORITY_HOST"))
        .field(
            Field::text(names::IDENTITY_ENDPOINT, "Where App Service or Container Apps give tokens")
                .optional()
                .env("IDENTITY_ENDPOINT"),
        )
        .field(
            Field::secret(names::IDENTITY_HEADER, "What they are asked for tokens with")
                .optional()
                .env("IDENTITY_HEADER"),
        )
        .field(subscription().env("AZURE_SUBSCRIPTION_ID")),
        AuthMethod::new(TYPE, names::ACCESS_TOKEN, "An access token of Microsoft Entra, which lives for an hour or so")
            .field(Field::secret("token", "The token, for the audience `https://containerregistry.azure.net`"))
            .host(REGISTRY),
        AuthMethod::new(
            TYPE,
            names::ADMIN_USER,
            "The registry's admin user, or a repository-scoped token and its password",
        )
        .field(Field::text("username", "The registry's name, or that of the token"))
        .field(Field::secret("password", "One of its two passwords"))
        .host(REGISTRY),
        password::method(),
    ]
}

/// Lets a method's secrets go to Microsoft Entra in every cloud.
fn to_entra(method: AuthMethod) -> AuthMethod {
    CLOUDS.iter().fold(method, |method, cloud| method.host(cloud.authority))
}

fn tenant() -> Field {
    Field::text(names::TENANT_ID, "Id of the tenant, or one of its domains").env("AZURE_TENANT_ID")
}

fn client() -> Field {
    Field::text(names::CLIENT_ID, "Id of the application (client)").env("AZURE_CLIENT_ID")
}

fn federated_token() -> Field {
    Field::secret(names::FEDERATED_TOKEN, "The token (JWT)")
        .source(Source::EnvFile("AZURE_FEDERATED_TOKEN_FILE".to_owned()))
        .env("AZURE_FEDERATED_TOKEN")
}

fn authority() -> Field {
    Field::text(names::AUTHORITY_HOST, "URL of Microsoft Entra, where it is not the cloud's").optional()
}

fn subscription() -> Field {
    Field::text(names::SUBSCRIPTION, "The only subscription in which registries are listed").optional()
}
