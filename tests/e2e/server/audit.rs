//! The audit: who had which login, who was refused, what was changed, and whether anybody touched the rows.

use std::thread;

use serde_json::{Value, json};

use super::scene::{OTHER_TOKEN, RULE, Scene, TOKEN, ask, rows};
use crate::support::eventually::eventually;
use crate::support::programs::crhost::Home;

fn wanted(repository: &str) -> Value {
    json!({"registry": "do", "repository": repository, "operation": "push"})
}

fn head(admin: &Home) -> String {
    admin.ok(&["audit", "verify"]).stdout.trim().to_owned()
}

#[test]
fn logins_refusals_and_changes_are_told_with_who_what_and_by_what() {
    let Some(scene) = Scene::new() else { return };
    let mut server = scene.serve();
    let (status, login) = scene.ask(&server, &scene.token(), &wanted("acme/a"));
    assert_eq!(status, 200, "{login}");
    let logins = rows(&scene.admin, &["--action", "login", "--registry", "do"]);
    assert_eq!(logins.len(), 1, "{logins:?}");
    let row = &logins[0];
    for (member, value) in [
        ("outcome", json!("done")),
        ("repository", json!("acme/a")),
        ("operation", json!("push")),
        ("rule", json!("train")),
        ("flavor", json!("digitalocean")),
        ("host", json!(scene.proxy.host())),
        ("until", login["expiresAt"].clone()),
    ] {
        assert_eq!(row[member], value, "{row}");
    }
    assert_eq!(row["actor"]["issuer"], "github");
    assert_eq!(row["actor"]["claims"], json!({"repository": "acme/train"}));
    assert!(row["component"].as_str().unwrap().starts_with("sha256:"), "{row}");
    // Refusals: one row at once, and not one for each.
    for _ in 0..30 {
        assert_eq!(scene.ask(&server, &scene.token(), &wanted("other/a")).0, 403);
        assert_eq!(scene.ask(&server, "hunter2", &wanted("acme/a")).0, 401);
    }
    let refused = eventually("refusals are recorded", || {
        let refused = rows(&scene.admin, &["--outcome", "refused"]);
        (refused.len() == 2).then_some(refused)
    });
    let errors: Vec<&str> = refused.iter().map(|row| row["error"].as_str().unwrap()).collect();
    assert_eq!(errors, ["denied", "caller.malformed"]);
    assert_eq!((&refused[0]["repository"], &refused[1]["actor"]), (&json!("other/a"), &json!({})));
    // Those that came after are told when the server ends, at the latest.
    server.server.terminate();
    let counts: Vec<Value> = rows(&scene.admin, &["--last", "2"]).iter().map(|row| row["count"].clone()).collect();
    assert_eq!(counts, [json!(29), json!(29)]);
    let team = format!("version = 1\n[registries.team]\nflavor = 'default'\nuri = '{}/team'\n", scene.registry.host());
    std::fs::write(scene.admin.path("team.toml"), team).unwrap();
    scene.admin.ok(&["apply", "team.toml", "--yes"]);
    let applied = &rows(&scene.admin, &["--registry", "team"])[0];
    assert_eq!((&applied["action"], &applied["via"]), (&json!("registry.register"), &json!("apply")));
    assert!(applied["actor"]["user"].is_string(), "{applied}");
    scene.admin.ok(&["connector", "update", "me", "--no-verify", "--token=@env:OTHER_TOKEN"]);
    let updated = &rows(&scene.admin, &["--action", "connector.update"])[0];
    assert_eq!((&updated["target"], &updated["changed"]), (&json!("me"), &json!(["field `token`"])), "{updated}");
    // No secret: neither the connector's, nor a token, nor what was handed out.
    let whole = scene.admin.ok(&["audit", "-o", "json"]).stdout;
    let password = login["password"].as_str().unwrap();
    for secret in [TOKEN, OTHER_TOKEN, password, &scene.token()] {
        assert!(!whole.contains(secret), "{secret} is in the audit");
    }
    scene.admin.fails(2, &["audit", "--action", "connector.updaet"]).says("did you mean `connector.update`?");
    let shown = scene.admin.ok(&["audit"]).stdout;
    assert!(shown.contains("login push acme/a in do by train until "), "{shown}");
    scene.admin.ok(&["audit", "verify"]);
}

#[test]
fn rows_that_were_changed_removed_or_cut_off_are_found() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/a")).0, 200);
    let kept = head(&scene.admin);
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/b")).0, 200);
    let last = head(&scene.admin);
    scene.admin.ok(&["audit", "verify", "--head", &kept]);
    // Who owns the tables can switch the triggers off; nobody else changes a row.
    let refused = scene.postgres.sql("UPDATE audit SET registry = 'x'");
    assert!(refused.contains("never changed"), "{refused}");
    assert!(scene.postgres.sql("TRUNCATE audit").contains("never removed"));
    scene.postgres.sql("ALTER TABLE audit DISABLE TRIGGER ALL");
    scene.postgres.sql("UPDATE audit SET record = replace(record, 'acme/a', 'acme/x') WHERE sequence = 3");
    let broken = scene.admin.fails(8, &["audit", "verify"]);
    assert!(broken.error().contains("row 3 of the audit was changed"), "{}", broken.error());
    scene.postgres.sql("UPDATE audit SET record = replace(record, 'acme/x', 'acme/a') WHERE sequence = 3");
    scene.admin.ok(&["audit", "verify", "--head", &last]);
    scene.postgres.sql("DELETE FROM audit WHERE sequence = 4");
    scene.admin.ok(&["audit", "verify", "--head", &kept]);
    let cut = scene.admin.fails(8, &["audit", "verify", "--head", &last]);
    assert!(cut.error().contains("its end was cut off"), "{}", cut.error());
    scene.postgres.sql("DELETE FROM audit WHERE sequence = 2");
    let missing = scene.admin.fails(8, &["audit", "verify"]);
    assert!(missing.error().contains("row 2 of the audit is missing"), "{}", missing.error());
    scene.admin.fails(2, &["audit", "verify", "--head", "7"]);
}

#[test]
fn two_servers_many_callers_and_kills_make_one_chain_with_a_row_for_each_login() {
    let Some(scene) = Scene::new() else { return };
    let (mut one, two) = (scene.serve(), scene.serve());
    let request = wanted("acme/a").to_string();
    let mut given = 0;
    for round in 0..3 {
        let callers: Vec<String> = (0..12)
            .map(|n| {
                scene.issuer.claim_more("sub", &format!("job {round} {n}"));
                format!("Authorization: Bearer {}\r\n", scene.token())
            })
            .collect();
        given += thread::scope(|scope| {
            let (hosts, request) = ([one.host.clone(), two.host.clone()], &request);
            let callers: Vec<_> = callers
                .iter()
                .enumerate()
                .map(|(n, headers)| {
                    let host = hosts[n % 2].clone();
                    let asked =
                        move || (0..5).filter(|_| matches!(ask(&host, headers, request), Some((200, _)))).count();
                    scope.spawn(asked)
                })
                .collect();
            if round == 1 {
                // SIGKILL, in the middle of whatever it does.
                one.server.stop();
            }
            callers.into_iter().map(|caller| caller.join().unwrap()).sum::<usize>()
        });
        if round == 1 {
            one = scene.serve();
        }
    }
    let rows = rows(&scene.admin, &["--action", "login", "--outcome", "done"]);
    assert!(rows.len() >= given && given > 100, "{} rows, {given} logins", rows.len());
    scene.admin.ok(&["audit", "verify"]);
}

#[test]
fn no_login_is_given_that_can_t_be_recorded() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/a")).0, 200);
    scene.postgres.sql("ALTER TABLE audit RENAME TO elsewhere");
    let (status, problem) = scene.ask(&server, &scene.token(), &wanted("acme/a"));
    assert_eq!((status, &problem["type"]), (503, &json!("urn:crhost:problem:audit")), "{problem}");
    assert!(problem["password"].is_null());
    scene.postgres.sql("ALTER TABLE elsewhere RENAME TO audit");
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/a")).0, 200);
    scene.write_rules(RULE);
    scene.admin.ok(&["audit", "verify"]);
}

#[test]
fn a_machine_s_own_changes_are_recorded_in_its_file_and_what_only_reads_is_not() {
    let home = Home::new();
    home.register("dev", "localhost:5000");
    home.ok(&["registry", "remove", "dev"]);
    let found = rows(&home, &["--registry", "dev"]);
    let actions: Vec<&str> = found.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["registry.register", "registry.remove"]);
    home.ok(&["registry", "list"]);
    let verified = home.ok(&["audit", "verify", "-o", "json"]).json();
    assert_eq!(verified["rows"], verified["head"]["sequence"]);
    assert_eq!(rows(&home, &[]).len(), verified["rows"]);
}
