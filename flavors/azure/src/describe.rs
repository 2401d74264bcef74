//! The flavor's description: options, auth methods and their operations.

use crhost_flavor::{AuthMethod, Description, Field, OptionSpec, Source, password};

use crate::cloud::CLOUDS;
use crate::names;
use crate::operations::{self, also_at_authority_host};

/// The connector type.
pub(crate) const TYPE: &str = "azure";

pub(crate) fn description() -> Description {
    let summary = "Azure Container Registry (ACR), in the public cloud and the sovereign ones";
    let description = Description::new("azure", env!("CARGO_PKG_VERSION"), summary)
        .documentation("https://learn.microsoft.com/azure/container-registry/")
        .uri_examples([
            "contoso.azurecr.io",
            "contoso.azurecr.io/team",
            "contoso-e7ggejfuhzhgedc8.azurecr.io",
            "contoso.westeurope.geo.azurecr.io",
            "contoso.azurecr.cn",
            "contoso.azurecr.us",
        ])
        .operation(operations::exchange_of_issued_token())
        .operation(operations::permission_of_issued_token())
        .operation(operations::of_machine())
        .operation(operations::list());
    Description { options: options(), auth_methods: auth_methods(), ..description }
}

fn options() -> Vec<OptionSpec> {
    vec![
        OptionSpec::flag(
            names::CHECK_PERMISSION,
            "Ask before each push whether it is allowed, for a clearer refusal, with three requests more",
        )
        .default("false"),
        OptionSpec::choice(names::CLOUD, "The cloud, where the URI does not say it", CLOUDS.map(|cloud| cloud.name)),
        OptionSpec::text(names::SUBSCRIPTION, "The only subscription in which registries are listed"),
        OptionSpec::url(
            names::AUTHORITY_ENDPOINT,
            "URL of Microsoft Entra, e.g. of a private cloud; has to be granted",
        ),
        OptionSpec::url(
            names::EXCHANGE_ENDPOINT,
            "URL of the registry's token service, where it is not its host; has to be granted",
        ),
        OptionSpec::url(names::MANAGEMENT_ENDPOINT, "URL of Azure Resource Manager; has to be granted"),
        OptionSpec::url(names::IMDS_ENDPOINT, "URL of the machine's metadata; has to be granted"),
    ]
}

fn auth_methods() -> Vec<AuthMethod> {
    let implicit = "Whatever this machine has: environment, workload or managed identity";
    vec![
        AuthMethod::new(TYPE, names::SERVICE_PRINCIPAL, "An application of Microsoft Entra and its client secret")
            .field(tenant())
            .field(client())
            .field(Field::secret(names::CLIENT_SECRET, "The secret's value, not its id").env("AZURE_CLIENT_SECRET"))
            .field(subscription())
            .operation(operations::sign_in()),
        AuthMethod::new(TYPE, names::WORKLOAD_IDENTITY, "An application, proved by a token of an identity provider")
            .implicit()
            .field(tenant())
            .field(client())
            .field(federated_token())
            // Neither has a source: a connector with the other fields reads nothing of the environment.
            .field(authority())
            .field(subscription())
            .operation(also_at_authority_host(operations::federated_sign_in())),
        AuthMethod::new(TYPE, names::MANAGED_IDENTITY, "The managed identity of the machine that this runs on")
            .field(Field::text(names::CLIENT_ID, "Which one, where there are more").optional())
            .field(subscription()),
        AuthMethod::new(TYPE, names::IMPLICIT, implicit)
            .implicit()
            .field(tenant().optional())
            .field(client().optional())
            .field(Field::secret(names::CLIENT_SECRET, "Client secret").optional().env("AZURE_CLIENT_SECRET"))
            .field(federated_token().optional())
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
            .field(subscription().env("AZURE_SUBSCRIPTION_ID"))
            .operation(also_at_authority_host(operations::sign_in()))
            .operation(also_at_authority_host(operations::federated_sign_in()))
            .operation(operations::of_platform()),
        AuthMethod::new(TYPE, names::ACCESS_TOKEN, "An access token of Microsoft Entra, which lives for an hour or so")
            .field(Field::secret(names::TOKEN, "The token, for the audience `https://containerregistry.azure.net`"))
            .operation(operations::exchange_of_stored_token()),
        AuthMethod::new(
            TYPE,
            names::ADMIN_USER,
            "The registry's admin user, or a repository-scoped token and its password",
        )
        .field(Field::text("username", "The registry's name, or that of the token"))
        .field(Field::secret(names::PASSWORD, "One of its two passwords"))
        .operation(operations::permission_of_password())
        .registry_password(names::PASSWORD),
        password::method().operation(operations::permission_of_password()),
    ]
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
