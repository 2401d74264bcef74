//! An issuer that changes its keys while many callers ask.

use std::thread;

use serde_json::{Value, json};

use super::scene::{Scene, ask};

/// Callers of each key.
const CALLERS: usize = 20;

/// Questions of each.
const QUESTIONS: usize = 5;

fn wanted() -> Value {
    json!({"registry": "do", "repository": "acme/a", "operation": "push"})
}

/// Tokens of callers, signed with the issuer's key as it is now.
fn tokens(scene: &Scene, of: &str) -> Vec<String> {
    let token = |number| {
        scene.issuer.claim_more("sub", &format!("job {of} {number}"));
        scene.token()
    };
    (0..CALLERS).map(token).collect()
}

/// What all of them are answered who ask at once.
fn ask_all(host: &str, tokens: &[String]) -> Vec<(u16, Value)> {
    let request = wanted().to_string();
    let ask_often = |token: &String| {
        let headers = format!("Authorization: Bearer {token}\r\n");
        (0..QUESTIONS).map(|_| ask(host, &headers, &request).unwrap()).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let asking: Vec<_> = tokens.iter().map(|token| scope.spawn(move || ask_often(token))).collect();
        asking.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    })
}

#[test]
fn nobody_with_a_token_that_holds_is_refused_while_the_issuer_changes_its_keys() {
    let Some(scene) = Scene::new() else { return };
    let (server, provider) = (scene.serve(), scene.issuer.provider());
    let old = tokens(&scene, "old");
    assert_eq!(scene.ask(&server, &old[0], &wanted()).0, 200);
    let before = provider.keys_read();
    // For a while, the issuer publishes both.
    provider.rotate_gently();
    let new = tokens(&scene, "new");
    let both: Vec<String> = old.iter().zip(&new).flat_map(|(old, new)| [old.clone(), new.clone()]).collect();
    for (status, answer) in ask_all(&server.host, &both) {
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(provider.keys_read(), before + 1, "one reads them for all");
    // The old key is gone, and nothing has told the server: tokens of it hold for ten minutes at most.
    provider.retire();
    for (status, answer) in ask_all(&server.host, &both) {
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(provider.keys_read(), before + 1);
    // Another key from one moment to the next, whose tokens come all at once.
    provider.rotate();
    let newest = tokens(&scene, "newest");
    for (status, answer) in ask_all(&server.host, &newest) {
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(provider.keys_read(), before + 2, "one reads them for all");
    let (status, refused) = scene.ask(&server, &old[0], &wanted());
    // It may be of a key that the issuer has since: the keys are read once more for it.
    assert_eq!(status, 401, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("no key that signed"), "{refused}");
    assert_eq!(scene.proxy.passwords().issued(), 1);
}
