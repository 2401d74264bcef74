//! Who is a caller and who is not.

use serde_json::{Value, json};

use super::scene::{AUDIENCE, Scene, ask};

fn wanted() -> Value {
    json!({"registry": "do", "repository": "acme/a", "operation": "push"})
}

#[test]
fn a_token_that_proves_nobody_opens_nothing_and_the_answer_says_why() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let good = scene.token();
    let (status, login) = scene.ask(&server, &good, &wanted());
    assert_eq!(status, 200, "{login}");
    assert_eq!((&login["rule"], &login["anonymous"]), (&json!("train"), &json!(false)));
    assert!(login["password"].is_string() && login["expiresAt"].is_string() && login["upload"].is_object(), "{login}");
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIn0";
    let unsigned = format!("{none}.{}.", signed.split_once('.').unwrap().1);
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let changed: String = [first].into_iter().chain(signature.chars().skip(1)).collect();
    for (token, expected) in [
        (format!("{signed}.{changed}"), "signature"),
        (unsigned, "`none`"),
        ("hunter2".to_owned(), "JSON Web Token"),
        ("a".repeat(17 << 10), "longer"),
        (scene.issuer.provider().issue("https://other.example"), "audience"),
    ] {
        let (status, problem) = scene.ask(&server, &token, &wanted());
        assert_eq!(status, 401, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(expected), "{expected}: {problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("urn:crhost:problem:"), "{problem}");
    }
    // Clocks that differ by ten minutes, in both directions.
    for (seconds, expected) in [(-900, "ended"), (900, "clock")] {
        scene.issuer.pass(seconds);
        let (status, problem) = scene.ask(&server, &scene.token(), &wanted());
        scene.issuer.pass(-seconds);
        assert_eq!(status, 401, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(expected), "{problem}");
    }
    for headers in ["", "Authorization: Basic YTpi\r\n"] {
        let (status, problem) = ask(&server.host, headers, &wanted().to_string()).unwrap();
        assert_eq!((status, &problem["title"]), (401, &json!("The caller is not known")));
    }
    assert_eq!(scene.proxy.passwords().issued(), 1);
}

#[test]
fn a_request_that_is_none_is_told_what_is_wrong() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    for (request, status) in [
        (json!({"registry": "do", "repository": "acme/a", "operation": "delete"}), 403),
        (json!({"registry": "do", "repository": "acme/a/b", "operation": "push"}), 403),
        (json!({"registry": "do", "operation": "push"}), 403),
        (json!({"registry": "other", "repository": "acme/a", "operation": "push"}), 403),
        (json!({"registry": "do", "repository": "acme/a", "operation": "pusch"}), 400),
        (json!({"registry": "do", "repository": "../a", "operation": "push"}), 400),
        (json!({"registry": "do", "repository": "acme/a", "operation": "push", "rule": "train"}), 400),
        (json!([]), 400),
        (json!(["do", "acme/a", null, "push", false]), 400),
        (json!({"registry": "x".repeat(20 << 10), "operation": "push"}), 400),
    ] {
        let (found, problem) = scene.ask(&server, &scene.token(), &request);
        assert_eq!(found, status, "{request}: {problem}");
        assert_eq!(problem["status"], status);
    }
    scene.write_rules(&super::RULE.replace("\"do\"", "\"*\"").replace("\"acme/*\"", "\"**\""));
    let (status, _) =
        scene.ask(&server, &scene.token(), &json!({"registry": "x", "repository": "a", "operation": "pull"}));
    assert_eq!(status, 404);
    let elsewhere = json!({"registry": "do", "repository": "evil/a", "operation": "push"});
    assert_eq!(scene.ask(&server, &scene.token(), &elsewhere).0, 400);
    assert_eq!(scene.proxy.passwords().issued(), 0);
}

#[test]
fn keys_that_rotate_are_read_again_and_strangers_can_t_have_them_read_without_end() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted()).0, 200);
    let before = scene.issuer.provider().keys_read();
    scene.issuer.provider().rotate();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted()).0, 200);
    assert_eq!(scene.issuer.provider().keys_read(), before + 1);
    for _ in 0..20 {
        let token = scene.issuer.provider().issue_with(AUDIENCE, "no-such-key");
        let status = scene.ask(&server, &token, &wanted()).0;
        // The key may be one that the issuer has had since the keys were read.
        assert!([401, 503].contains(&status), "{status}");
    }
    assert!(scene.issuer.provider().keys_read() <= before + 4, "strangers have the keys read");
    assert_eq!(scene.ask(&server, &scene.token(), &wanted()).0, 200);
}
