//! AWS's Security Token Service as far as tokens of identity providers go: it verifies a token by its issuer's keys,
//! and holds it to the trust policy of the role. moto, which believes any token, then gives the keys.

use parking_lot::Mutex;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;

use crate::support::fakes::github_oidc::Provider;
use crate::support::fakes::token_server::form;
use crate::support::fakes::web::Web;
use crate::support::programs::moto::Moto;

/// The running service.
pub(super) struct Sts {
    web: Web,
    accepted: Arc<Mutex<Vec<String>>>,
}

impl Sts {
    /// One whose keys are those of moto's role.
    pub(super) fn of_moto(provider: Arc<Provider>, moto: &Moto, policy: &Value) -> Self {
        let host = moto.endpoint().strip_prefix("http://").unwrap().to_owned();
        Self::start(provider, policy, move |body| forward(&host, body))
    }

    /// One that answers a call that it accepts as a function says.
    pub(super) fn start(
        provider: Arc<Provider>,
        policy: &Value,
        keys: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        let accepted = Arc::<Mutex<Vec<String>>>::default();
        let (kept, policy, keys) = (Arc::clone(&accepted), policy.clone(), Arc::new(keys));
        let router = Router::new().route(
            "/",
            post(move |body: String| async move {
                let token = form(&body).remove("WebIdentityToken").unwrap().remove(0);
                match trusted(&provider, &token, &policy) {
                    Ok(()) => {
                        kept.lock().push(token);
                        (StatusCode::OK, keys(&body))
                    }
                    Err((code, message)) => (StatusCode::BAD_REQUEST, refusal(code, message)),
                }
            }),
        );
        Self { web: Web::serve(router), accepted }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    /// The tokens that it accepted.
    pub(super) fn accepted(&self) -> Vec<String> {
        self.accepted.lock().clone()
    }
}

/// What AWS answers to a call that it refuses.
fn refusal(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

/// Whether a token is verified, and the policy lets its subject in, with the words of AWS.
fn trusted(provider: &Provider, token: &str, policy: &Value) -> Result<(), (&'static str, &'static str)> {
    let statement = &policy["Statement"][0];
    let principal = statement["Principal"]["Federated"].as_str().unwrap();
    let name = principal.rsplit_once(":oidc-provider/").unwrap().1;
    let conditions = statement["Condition"]["StringEquals"].as_object().unwrap();
    let audience = conditions[&format!("{name}:aud")].as_str().unwrap();
    let claims = provider.verified(token, audience).map_err(|words| match words {
        "Token must be in date" => ("ExpiredTokenException", words),
        words => ("InvalidIdentityToken", words),
    })?;
    let is_issuer = claims["iss"] == format!("https://{name}");
    if is_issuer && claims["sub"] == conditions[&format!("{name}:sub")] {
        Ok(())
    } else {
        Err(("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"))
    }
}

/// The answer of a host to a form.
fn forward(host: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    let head = format!(
        "POST / HTTP/1.0\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: \
         {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}
