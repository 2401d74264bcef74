//! Names of auth methods, fields and options.

// Auth methods of the connector type `azure`.
pub(crate) const SERVICE_PRINCIPAL: &str = "service-principal";
pub(crate) const ACCESS_TOKEN: &str = "access-token";
pub(crate) const WORKLOAD_IDENTITY: &str = "workload-identity";
pub(crate) const MANAGED_IDENTITY: &str = "managed-identity";
pub(crate) const IMPLICIT: &str = "implicit";
pub(crate) const ADMIN_USER: &str = "admin-user";

// Fields.
pub(crate) const TENANT_ID: &str = "tenant-id";
pub(crate) const CLIENT_ID: &str = "client-id";
pub(crate) const CLIENT_SECRET: &str = "client-secret";
pub(crate) const FEDERATED_TOKEN: &str = "federated-token";
/// URL of Microsoft Entra, where an application gets its tokens.
pub(crate) const AUTHORITY_HOST: &str = "authority-host";
/// URL at which a platform issues the tokens of its managed identity.
pub(crate) const IDENTITY_ENDPOINT: &str = "identity-endpoint";
/// The header value that a platform wants for it.
pub(crate) const IDENTITY_HEADER: &str = "identity-header";

/// A token of Microsoft Entra that the user stored.
pub(crate) const TOKEN: &str = "token";
/// The password of a user that the registry itself knows.
pub(crate) const PASSWORD: &str = "password";

/// A field, and an option: the only subscription in which registries are listed.
pub(crate) const SUBSCRIPTION: &str = "subscription-id";

// Options.
/// Whether to check the permission before a push.
pub(crate) const CHECK_PERMISSION: &str = "check-permission";
/// The cloud of a registry whose host does not say it.
pub(crate) const CLOUD: &str = "cloud";
/// Another URL of Microsoft Entra.
pub(crate) const AUTHORITY_ENDPOINT: &str = "authority-endpoint";
/// Another URL of the registry's token service.
pub(crate) const EXCHANGE_ENDPOINT: &str = "exchange-endpoint";
/// Another URL of Azure Resource Manager.
pub(crate) const MANAGEMENT_ENDPOINT: &str = "management-endpoint";
/// Another URL of the machine's metadata.
pub(crate) const IMDS_ENDPOINT: &str = "imds-endpoint";
