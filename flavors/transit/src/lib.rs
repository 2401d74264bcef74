//! The flavor `transit`: keys of the transit engine of OpenBao and Vault, which wrap the key of crhost's own store. No
//! image is pushed there.
#![forbid(unsafe_code)]

mod api;
mod login;
mod server;
mod uri;

use crhost_flavor::id_tokens::IdToken;
use crhost_flavor::key_wrapping::WrappedKey;
use crhost_flavor::{
    AcceptedUri, AuthMethod, Connector, Credential, Description, Failure, Field, Flavor, Image, OptionSpec, Prepared,
    Purpose, Registry, Secret,
};

use api::Transit;
use login::{APPROLE, AUDIENCE, AUTH_PATH, JWT, TOKEN};
use server::{ADDRESS, NAMESPACE};

/// The flavor.
pub struct TransitKeys;

impl Flavor for TransitKeys {
    fn describe() -> Description {
        let [datakey, decrypt] = api::operations();
        let auth_path = |default: &str| {
            Field::text(AUTH_PATH, format!("Where the auth method is mounted; `{default}` by default")).optional()
        };
        let token = AuthMethod::new(login::TYPE, TOKEN, "A token")
            .field(Field::secret("token", "The token").env("BAO_TOKEN").env("VAULT_TOKEN"))
            .operation(datakey.clone().bearer("token"))
            .operation(decrypt.clone().bearer("token"));
        let approle = AuthMethod::new(login::TYPE, APPROLE, "A role and its secret id (AppRole)")
            .field(Field::text("role-id", "The role's id"))
            .field(Field::secret("secret-id", "The secret id"))
            .field(auth_path("approle"))
            .operation(login::operation("login").body("role_id").json_secret("secret_id", "secret-id"));
        let jwt =
            AuthMethod::new(login::TYPE, JWT, "A role and an id token, or a pod's token (JWT and Kubernetes auth)")
                .field(Field::text("role", "The role"))
                .field(Field::secret("jwt", "The id token"))
                .field(auth_path("jwt"))
                .field(Field::text(AUDIENCE, "Audience of the id token, as the role has it").optional())
                .operation(login::operation("login").body("role").json_secret("jwt", "jwt"));
        Description::new(
            "transit",
            env!("CARGO_PKG_VERSION"),
            "Keys of OpenBao's and Vault's transit engine, for the key of a shared store; no registry",
        )
        .documentation("https://openbao.org/docs/secrets/transit/")
        .uri_examples(["bao.example.com:8200/transit/crhost", "vault.example.com/infra/transit/crhost"])
        .option(OptionSpec::url(
            ADDRESS,
            "URL of the server, for logins other than by token; https and the URI's host else",
        ))
        .option(OptionSpec::text(NAMESPACE, "The namespace"))
        .auth_method(token)
        .auth_method(approle)
        .auth_method(jwt)
        // With a token that a login gave.
        .operation(datakey)
        .operation(decrypt)
    }

    fn validate_uri(uri: String) -> Result<AcceptedUri, Failure> {
        uri::RULES.accept(&uri)
    }

    fn prepare_image_push(registry: Registry, _: Option<Connector>, _: Image) -> Result<Prepared, Failure> {
        Err(no_registry(&registry))
    }

    fn credentials(
        registry: Registry,
        _: Option<Connector>,
        _: Purpose,
        _: Option<Image>,
    ) -> Result<Credential, Failure> {
        Err(no_registry(&registry))
    }

    fn describe_id_tokens() -> Vec<IdToken> {
        vec![IdToken::new(login::TYPE, JWT, "jwt", format!("{{{AUDIENCE}}}"))]
    }

    fn make_key(registry: Registry, connector: Option<Connector>) -> Result<WrappedKey, Failure> {
        Transit::open(&registry, connector.as_ref())?.make()
    }

    fn unwrap_key(registry: Registry, connector: Option<Connector>, wrapped: String) -> Result<Secret, Failure> {
        Transit::open(&registry, connector.as_ref())?.unwrap(&wrapped)
    }
}

fn no_registry(registry: &Registry) -> Failure {
    Failure::unsupported(format!("`{}` is a key of a transit engine, and no registry", registry.uri))
        .hint("it wraps the key of a shared store, by a file that CRHOST_KEY_FILE names; push to a registry")
}

crhost_flavor::export!(TransitKeys);

#[cfg(test)]
mod tests;
