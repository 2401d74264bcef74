//! Servers of several versions at one database. There is no older release yet, so that the database is what a newer one
//! would leave.

use std::process::Stdio;

use serde_json::{Value, json};

use super::scene::Scene;
use crate::support::eventually::eventually;

/// Makes the tables those of a version of before the audit, whose programs wrote no oldest version.
const OLDER: &str =
    "DROP TABLE audit; ALTER TABLE crhost_version DROP COLUMN least; UPDATE crhost_version SET version = 12";

fn wanted(repository: &str) -> Value {
    json!({"registry": "do", "repository": repository, "operation": "push"})
}

#[test]
fn a_server_goes_on_beside_a_newer_one_as_long_as_its_tables_allow_it() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/a")).0, 200);
    // A newer version adds to every table, as steps may.
    let said = scene.postgres.sql(
        "ALTER TABLE registries ADD COLUMN newer TEXT; ALTER TABLE connectors ADD COLUMN newer BIGINT DEFAULT 1;
         ALTER TABLE flavors ADD COLUMN newer TEXT; ALTER TABLE grants ADD COLUMN newer TEXT;
         ALTER TABLE credentials ADD COLUMN newer BIGINT; ALTER TABLE audit ADD COLUMN newer TEXT;
         CREATE TABLE newer (a BIGINT); UPDATE crhost_version SET version = version + 1",
    );
    assert_eq!(said, "");
    let again = scene.serve();
    for (server, repository) in [(&server, "acme/b"), (&again, "acme/b"), (&again, "acme/c")] {
        let (status, login) = scene.ask(server, &scene.token(), &wanted(repository));
        assert_eq!(status, 200, "{login}");
    }
    scene.admin.ok(&["connector", "update", "me", "--no-verify", "--token=@env:OTHER_TOKEN"]);
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/a")).0, 200);
    scene.admin.ok(&["audit", "verify"]);
    // The tables are left as the newer one made them.
    let version = "SELECT count(*) FROM newer; SELECT version - least > 0 FROM crhost_version";
    assert_eq!(scene.postgres.sql(version), "0\nt\n");
    // One that this version can't work with: it ends at once, also where it runs.
    scene.postgres.sql("UPDATE crhost_version SET least = version");
    for server in [&server, &again] {
        let (status, problem) = scene.ask(server, &scene.token(), &wanted("acme/a"));
        assert_eq!((status, &problem["type"]), (503, &json!("urn:crhost:problem:store")), "{problem}");
        assert!(server.get("/readyz").starts_with("HTTP/1.1 503 "));
    }
    let rules = scene.rules_file();
    let refused = scene.admin.fails(1, &["server", "--rules", &rules, "--listen", "127.0.0.1:0"]);
    assert!(refused.error().contains("a newer crhost has written"), "{}", refused.error());
    assert!(refused.hint().contains("update crhost"), "{}", refused.hint());
}

#[test]
fn a_database_of_an_older_version_is_updated_by_the_first_newer_server_while_others_wait() {
    let Some(scene) = Scene::new() else { return };
    assert_eq!(scene.postgres.sql(OLDER), "");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let serve_and_ask = || {
            let server = scene.serve();
            scene.ask(&server, &scene.token(), &wanted("acme/a")).0
        };
        let servers: Vec<_> = (0..3).map(|_| scope.spawn(serve_and_ask)).collect();
        servers.into_iter().map(|server| server.join().unwrap()).collect()
    });
    assert_eq!(answers, [200, 200, 200]);
    scene.admin.ok(&["audit", "verify"]);
    assert_eq!(scene.proxy.passwords().issued(), 1);
}

#[test]
fn an_update_that_is_killed_half_way_leaves_the_tables_as_they_were_and_the_next_server_makes_it() {
    let Some(scene) = Scene::new() else { return };
    assert_eq!(scene.postgres.sql(OLDER), "");
    // Each statement that changes tables takes a second.
    let slow = "CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); END';
                CREATE EVENT TRIGGER slow ON ddl_command_end EXECUTE FUNCTION slow()";
    assert_eq!(scene.postgres.sql(slow), "");
    let words = ["registry", "register", "other", "--flavor", "default", "--uri", "localhost:1", "--no-verify"];
    let mut killed = scene.admin.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let updating = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    eventually("the tables are changed", || (scene.postgres.sql(updating) == "1\n").then_some(()));
    killed.kill().unwrap();
    killed.wait().unwrap();
    eventually("the database has noticed", || (scene.postgres.sql(updating) == "0\n").then_some(()));
    let left = "SELECT version FROM crhost_version; SELECT count(*) FROM pg_class WHERE relname = 'audit'";
    assert_eq!(scene.postgres.sql(left), "12\n0\n");
    assert_eq!(scene.postgres.sql("DROP EVENT TRIGGER slow"), "");
    let server = scene.serve();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted("acme/a")).0, 200);
    scene.admin.fails(3, &["registry", "describe", "other"]);
    scene.admin.ok(&["audit", "verify"]);
}
