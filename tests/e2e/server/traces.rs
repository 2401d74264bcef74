//! Traces of a server: each request is a span below that of its caller.

use serde_json::json;

use super::scene::{Scene, ask};
use crate::support::fakes::collector::Collector;

#[test]
fn a_request_is_a_span_of_its_callers_trace_with_the_flavors_calls_below_it() {
    let Some(mut scene) = Scene::new() else { return };
    let collector = Collector::start();
    scene.admin.set("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    let mut server = scene.serve();
    let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let headers = format!("Authorization: Bearer {}\r\ntraceparent: 00-{trace}-{parent}-01\r\n", scene.token());
    let wanted = json!({"registry": "do", "repository": "acme/a", "operation": "pull"});
    let (status, login) = ask(&server.host, &headers, &wanted.to_string()).unwrap();
    assert_eq!(status, 200, "{login}");
    server.server.terminate();
    let spans = collector.spans();
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{spans:?}"));
    let served = named("POST /v1/credentials");
    assert_eq!((served.trace.as_str(), served.parent.as_str()), (trace, parent));
    assert_eq!(served.attributes["http.response.status_code"], "200");
    let call = named("flavor credentials");
    assert_eq!((call.trace.as_str(), call.parent.as_str()), (trace, served.id.as_str()));
    let password = login["password"].as_str().unwrap();
    assert!(!format!("{spans:?}").contains(password));
}
