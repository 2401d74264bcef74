//! Logins: a token, or one that the server gives for a role (<https://openbao.org/api-docs/auth/approle/>,
//! <https://openbao.org/api-docs/auth/jwt/>, <https://openbao.org/api-docs/auth/kubernetes/>; those of Vault are the
//! same).

use crhost_flavor::http::{Json, Method, Request};
use crhost_flavor::{Connector, Failure, Operation, Registry, SecretOrText};
use serde_json::json;

use crate::server::{self, ADDRESS, NAMESPACE, NAMESPACE_HEADER, SERVICE};
use crate::uri::MOUNT_COMPONENTS;

/// The connector type.
pub(crate) const TYPE: &str = "transit";

/// The auth method of a token.
pub(crate) const TOKEN: &str = "token";

/// The auth method of a role and its secret id.
pub(crate) const APPROLE: &str = "approle";

/// The auth method of a role and a JSON Web Token.
pub(crate) const JWT: &str = "jwt";

/// The field that says where an auth method is mounted.
pub(crate) const AUTH_PATH: &str = "auth-path";

/// The field with the audience of id tokens.
pub(crate) const AUDIENCE: &str = "audience";

/// A login without its secret. Its host is the option's, which the user grants by writing it.
pub(crate) fn operation(name: &str) -> Operation {
    let operation = Operation::new(name, "Logs in, for a token that ends").post().endpoint(ADDRESS);
    let mounts = (1..=MOUNT_COMPONENTS).map(|components| "/*".repeat(components));
    mounts.fold(operation, |operation, mount| operation.path(format!("/v1/auth{mount}/login"))).header(NAMESPACE_HEADER)
}

/// The token to use the key with.
pub(crate) fn token<'a>(registry: &Registry, connector: &'a Connector) -> Result<SecretOrText<'a>, Failure> {
    let (body, member, field, mount) = match connector.method.as_str() {
        TOKEN => return Ok(connector.required_secret("token")?.into()),
        APPROLE => (json!({"role_id": connector.required_text("role-id")?}), "secret_id", "secret-id", "approle"),
        JWT => (json!({"role": connector.required_text("role")?}), "jwt", "jwt", "jwt"),
        other => {
            return Err(Failure::unsupported(format!("flavor `transit` has no auth method `{other}`"))
                .hint("`crhost flavor describe transit` shows those that it has"));
        }
    };
    let Some(url) = registry.options().url(ADDRESS) else {
        return Err(Failure::invalid_input(format!("a login needs the option `{ADDRESS}`")).hint(format!(
            "`options = {{ {ADDRESS} = \"{}\" }}`, and the same in `allow-secret-hosts`",
            server::url(registry)
        )));
    };
    let mount = connector.text(AUTH_PATH).unwrap_or(mount);
    let secret = connector.required_secret(field)?;
    let mut request = Request::new(Method::Post, format!("{url}/v1/auth/{mount}/login"));
    if let Some(namespace) = registry.options().get(NAMESPACE) {
        request = request.header(NAMESPACE_HEADER, namespace);
    }
    let response = request.json(Json::new(&body).secret(member, secret)).send()?;
    if let 400 | 403 = response.status {
        let message = format!("the server does not accept the login{}", SERVICE.said(&response));
        return Err(Failure::unauthenticated(message).hint("see that the role exists and accepts this secret or token"));
    }
    SERVICE.text(&response, "/auth/client_token").map(SecretOrText::from)
}
