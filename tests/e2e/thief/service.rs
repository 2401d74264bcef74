//! A fake provider that repeats the token that it was sent last, in the form that it is asked for.

use parking_lot::Mutex;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::fakes::web::Web;

/// What it knows of the user, gone when this goes.
pub(super) struct Repeating(Web);

type Last = Arc<Mutex<String>>;

impl Repeating {
    pub(super) fn start() -> Self {
        let router = Router::new().route("/user/{*rest}", get(keep)).route("/public/{form}", get(repeat));
        Self(Web::serve(router.with_state(Last::default())))
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.0.host())
    }
}

async fn keep(State(last): State<Last>, headers: HeaderMap) -> &'static str {
    let authorization = headers["authorization"].to_str().unwrap();
    authorization.strip_prefix("Bearer ").unwrap().clone_into(&mut last.lock());
    "kept"
}

async fn repeat(State(last): State<Last>, Path(form): Path<String>) -> Vec<u8> {
    let token = last.lock().clone();
    format!("it was {}", "-".repeat(8)).into_bytes().into_iter().chain(written(&token, &form)).collect()
}

/// The token, as services write what they quote.
pub(super) fn written(token: &str, form: &str) -> Vec<u8> {
    let each = |write: &dyn Fn(u8) -> String| token.bytes().map(write).collect::<String>();
    let text = match form {
        "raw" => token.to_owned(),
        "capitals" => token.to_uppercase(),
        "percent" => each(&|byte| format!("%{byte:02X}")),
        "percent-small" => {
            each(&|byte| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("%{byte:02x}") })
        }
        "json" => token.replace('/', r"\/").replace('+', r"\u002B").replace('&', r"\u0026"),
        "json-whole" => each(&|byte| format!("\\u{byte:04x}")),
        "base64" => STANDARD.encode(token),
        "base64-1" => STANDARD.encode(format!("x{token}")),
        "base64-2" => STANDARD.encode(format!("xx{token}y")),
        "base64-lines" => {
            STANDARD.encode(token).as_bytes().chunks(16).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n")
        }
        "hex" => each(&|byte| format!("{byte:02x}")),
        "hex-capitals" => each(&|byte| format!("{byte:02X}")),
        "truncated" => token.chars().take(12).collect(),
        "utf-16le" => return token.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => return token.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        other => panic!("`{other}` is no form"),
    };
    text.into_bytes()
}
