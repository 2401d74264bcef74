//! A fake collector of traces: takes OTLP over HTTP (`ExportTraceServiceRequest` in protobuf), and keeps what it read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use parking_lot::Mutex;

use crate::support::fakes::protobuf::{Field, fields};
use crate::support::fakes::web::Web;

/// A collector on loopback.
pub(crate) struct Collector {
    web: Web,
    heard: Arc<Mutex<Heard>>,
}

/// What it was sent.
#[derive(Default)]
struct Heard {
    status: Option<StatusCode>,
    /// Request lines and headers, and bodies.
    raw: Vec<u8>,
    heads: Vec<String>,
    spans: Vec<Span>,
    resource: BTreeMap<String, String>,
}

/// A span as it was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Span {
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty for the first of its trace.
    pub(crate) parent: String,
    pub(crate) state: String,
    pub(crate) name: String,
    pub(crate) kind: u64,
    /// Values as text.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Names and attributes.
    pub(crate) events: Vec<(String, BTreeMap<String, String>)>,
    /// 0 unset, 1 ok, 2 error.
    pub(crate) status: u64,
    pub(crate) message: String,
}

impl Collector {
    /// One that takes everything.
    pub(crate) fn start() -> Self {
        Self::answering(None)
    }

    /// One that answers with a status.
    pub(crate) fn refusing(status: StatusCode) -> Self {
        Self::answering(Some(status))
    }

    fn answering(status: Option<StatusCode>) -> Self {
        let heard = Arc::new(Mutex::new(Heard { status, ..Heard::default() }));
        let router = Router::new().fallback(take).with_state(Arc::clone(&heard));
        Self { web: Web::serve(router), heard }
    }

    /// One that never answers.
    pub(crate) fn silent() -> Self {
        let router = Router::new().fallback(async || tokio::time::sleep(Duration::from_secs(3600)).await);
        Self { web: Web::serve(router), heard: Arc::default() }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.web.host())
    }

    /// The spans so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.heard.lock().spans.clone()
    }

    /// Request lines and headers so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heard.lock().heads.clone()
    }

    /// The attributes of the service.
    pub(crate) fn resource(&self) -> BTreeMap<String, String> {
        self.heard.lock().resource.clone()
    }

    /// Every byte that it was sent.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.heard.lock().raw.clone()
    }
}

async fn take(State(heard): State<Arc<Mutex<Heard>>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    let mut lines = format!("{} {}\n", head.method, head.uri);
    for (name, value) in &head.headers {
        lines.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    let mut heard = heard.lock();
    heard.raw.extend(lines.bytes().chain(body.iter().copied()));
    heard.heads.push(lines);
    for (_, resource_spans) in messages(&body, 1) {
        for (number, message) in messages(resource_spans, 0) {
            match number {
                1 => heard.resource.extend(attributes(message, 1)),
                2 => heard.spans.extend(messages(message, 2).into_iter().map(|(_, span)| read(span))),
                _ => {}
            }
        }
    }
    heard.status.unwrap_or(StatusCode::OK)
}

/// The messages and texts in a message with this number, or all.
fn messages(bytes: &[u8], wanted: u64) -> Vec<(u64, &[u8])> {
    let bytes = fields(bytes).into_iter().filter_map(|(number, field)| match field {
        Field::Bytes(bytes) if wanted == 0 || wanted == number => Some((number, bytes)),
        _ => None,
    });
    bytes.collect()
}

fn attributes(message: &[u8], number: u64) -> BTreeMap<String, String> {
    let attribute = |(_, pair)| {
        let [(_, key), (_, value)] = messages(pair, 0).try_into().unwrap();
        let value = match fields(value).remove(0) {
            (1, Field::Bytes(value)) => text(value),
            (2, Field::Number(value)) => (value == 1).to_string(),
            (3, Field::Number(value)) => i64::from_ne_bytes(value.to_ne_bytes()).to_string(),
            (4, Field::Number(value)) => f64::from_bits(value).to_string(),
            other => panic!("{other:?}"),
        };
        (text(key), value)
    };
    messages(message, number).into_iter().map(attribute).collect()
}

fn read(bytes: &[u8]) -> Span {
    let mut span = Span { attributes: attributes(bytes, 9), ..Span::default() };
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(id)) => span.trace = hex(id),
            (2, Field::Bytes(id)) => span.id = hex(id),
            (3, Field::Bytes(state)) => span.state = text(state),
            (4, Field::Bytes(id)) => span.parent = hex(id),
            (5, Field::Bytes(name)) => span.name = text(name),
            (6, Field::Number(kind)) => span.kind = kind,
            (11, Field::Bytes(event)) => {
                let name = messages(event, 2).first().map(|(_, name)| text(name)).unwrap_or_default();
                span.events.push((name, attributes(event, 3)));
            }
            (15, Field::Bytes(status)) => {
                for (number, field) in fields(status) {
                    match (number, field) {
                        (2, Field::Bytes(message)) => span.message = text(message),
                        (3, Field::Number(code)) => span.status = code,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    span
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
