//! Registries that claim success for what they did not do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;

use super::leaks::{reply, server};
use super::{PUSH, home};

/// What the registry of a test answers to each kind of request.
#[derive(Clone, Copy)]
struct Claims {
    start: u16,
    close: u16,
    /// What the registry has of a blob after its upload.
    blob: (u16, &'static str),
    manifest: u16,
}

/// A registry that does as it should.
const HONEST: Claims = Claims { start: 202, close: 201, blob: (200, ""), manifest: 201 };

fn answer(claims: Claims, has_uploads: &AtomicBool, line: &str) -> Response {
    let Some((method, path)) = line.split_once(' ') else { return reply(400, &[]) };
    match method {
        "GET" => reply(200, &[]),
        "HEAD" if path.contains("/manifests/") => reply(404, &[]),
        "HEAD" if has_uploads.load(Ordering::Relaxed) => match claims.blob {
            (status, "") => reply(status, &[]),
            (status, digest) => reply(status, &[("docker-content-digest", digest)]),
        },
        "HEAD" => reply(404, &[]),
        "POST" => reply(claims.start, &[("location", "/up")]),
        "PUT" if path.starts_with("/up") => {
            has_uploads.store(true, Ordering::Relaxed);
            reply(claims.close, &[])
        }
        _ => reply(claims.manifest, &[]),
    }
}

#[test]
fn a_blob_is_there_when_the_registry_has_it_and_another_status_than_the_specified_one_is_checked() {
    const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for (claims, code, words) in [
        // The manifest is asked for under its tag, and is not there: 201 is the registry's word, and the user is told.
        (HONEST, 0, "does not show it yet"),
        (Claims { blob: (404, ""), ..HONEST }, 8, "nothing of it"),
        // No answer to the question whether it is there.
        (Claims { blob: (204, ""), ..HONEST }, 0, "does not show it yet"),
        (Claims { blob: (200, OTHER), ..HONEST }, 8, OTHER),
        (Claims { start: 200, ..HONEST }, 0, ""),
        (Claims { start: 201, ..HONEST }, 0, ""),
        (Claims { start: 204, ..HONEST }, 1, "204"),
        (Claims { close: 200, ..HONEST }, 0, ""),
        (Claims { close: 202, ..HONEST }, 0, ""),
        (Claims { close: 204, ..HONEST }, 0, ""),
        (Claims { close: 200, blob: (404, ""), ..HONEST }, 1, "200"),
        (Claims { close: 202, blob: (204, ""), ..HONEST }, 1, "202"),
        (Claims { close: 206, ..HONEST }, 1, "206"),
        (Claims { manifest: 200, ..HONEST }, 1, "200"),
        (Claims { manifest: 202, ..HONEST }, 1, "202"),
    ] {
        let has_uploads = Arc::new(AtomicBool::new(false));
        let (registry, seen) = server(move |line, _| answer(claims, &has_uploads, line));
        let home = home(&registry.host());
        let ended = home.run(&PUSH);
        assert_eq!(ended.code, Some(code), "{ended}");
        assert!(ended.stderr.contains(words), "{words}: {ended}");
        let asked = seen.lock().unwrap();
        let manifests = asked.iter().filter(|(line, _)| line.starts_with("PUT /v2/train/manifests")).count();
        let may_come = code == 0 || claims.manifest != HONEST.manifest;
        assert_eq!(manifests, usize::from(may_come), "{words}: {asked:?}");
    }
}
