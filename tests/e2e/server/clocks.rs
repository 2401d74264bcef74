//! Clocks of servers that differ: nobody gets a login that has ended, or is refused for another one's clock.

use serde_json::{Value, json};

use super::scene::{Scene, rows};
use crate::support::images::image_files;

fn wanted(repository: &str) -> Value {
    json!({"registry": "do", "repository": repository, "operation": "push"})
}

#[test]
fn a_server_whose_clock_is_ten_minutes_wrong_says_so_and_gives_no_login_and_others_go_on() {
    let Some(scene) = Scene::new() else { return };
    let right = scene.serve();
    for (seconds, side) in
        [(600, "seconds ahead of that of its database"), (-600, "seconds behind that of its database")]
    {
        let Some(admin) = scene.admin_by_clock(seconds) else { return };
        let wrong = scene.serve_as(&admin);
        // By its clock the token has ended, or does not hold yet; a worse token is no better.
        for token in [scene.token(), "hunter2".to_owned()] {
            let (status, problem) = scene.ask(&wrong, &token, &wanted("acme/a"));
            assert_eq!((status, &problem["type"]), (503, &json!("urn:crhost:problem:clock")), "{problem}");
            assert!(problem["detail"].as_str().unwrap().contains(side), "{problem}");
            assert!(problem["hint"].as_str().unwrap().contains("NTP"), "{problem}");
        }
        assert!(wrong.get("/readyz").contains(r#""clock":false"#), "{}", wrong.get("/readyz"));
        let examined = admin.run(&["doctor", "-o", "json"]).json();
        let is_of_clock = |finding: &&Value| finding["check"] == "clock" && finding["state"] == "problem";
        let found = examined["findings"].as_array().unwrap().iter().find(is_of_clock).unwrap();
        let words = side.replace("seconds", "minutes").replace("its database", "the database");
        assert!(found["found"].as_str().unwrap().contains(&words), "{found}");
        let said = wrong.server.log().concat();
        assert!(said.contains("no login is given: this server's clock is"), "{said}");
        let difference = scene.numbers(&wrong);
        let difference = difference.lines().find_map(|line| line.strip_prefix("crhost_clock_difference_seconds "));
        assert!((598..=602).contains(&difference.unwrap().parse::<u32>().unwrap()), "{difference:?}");
        // What a machine with that clock is given by the provider, it does not keep for others.
        scene.postgres.sql("DELETE FROM credentials");
        let kept = || scene.postgres.sql("SELECT count(*) FROM credentials");
        image_files::layout(&admin.path("layout"), &[("v1", &scene.image)]);
        admin.ok(&["push", "oci:layout:v1", "--to", "do", "--as", "a"]);
        assert_eq!(kept(), "0\n");
        assert_eq!(
            scene
                .ask(
                    &right,
                    &scene.token(),
                    &wanted(&format!("acme/after{}", seconds.unsigned_abs() + u64::from(seconds > 0)))
                )
                .0,
            200
        );
        assert_ne!(kept(), "0\n");
    }
    assert!(right.get("/readyz").contains(r#""clock":true"#));
}

#[test]
fn clocks_that_differ_by_less_than_a_minute_share_what_is_kept() {
    let Some(scene) = Scene::new() else { return };
    let (Some(early), Some(late)) = (scene.admin_by_clock(-45), scene.admin_by_clock(45)) else { return };
    let servers = [scene.serve_as(&late), scene.serve(), scene.serve_as(&early)];
    let passwords = servers.each_ref().map(|server| {
        let (status, login) = scene.ask(server, &scene.token(), &wanted("acme/a"));
        assert_eq!(status, 200, "{login}");
        login["password"].clone()
    });
    assert!(passwords.iter().all(|password| *password == passwords[0]));
    assert_eq!(scene.proxy.passwords().issued(), 1);
}

#[test]
fn the_audit_keeps_its_order_whatever_the_clocks_of_those_who_write_it_say() {
    let Some(scene) = Scene::new() else { return };
    let Some(late) = scene.admin_by_clock(-600) else { return };
    let Some(early) = scene.admin_by_clock(600) else { return };
    for (admin, name) in [(&early, "one"), (&late, "two"), (&scene.admin, "three"), (&early, "four")] {
        admin.ok(&["registry", "register", name, "--flavor", "default", "--uri", "localhost:1", "--no-verify"]);
    }
    let told = rows(&scene.admin, &["--action", "registry.register", "--last", "4"]);
    let targets: Vec<&str> = told.iter().map(|row| row["target"].as_str().unwrap()).collect();
    assert_eq!(targets, ["one", "two", "three", "four"], "{told:?}");
    let times: Vec<&str> = told.iter().map(|row| row["time"].as_str().unwrap()).collect();
    assert!(times[1] < times[2] && times[2] < times[0], "{times:?}");
    for admin in [&scene.admin, &early, &late] {
        admin.ok(&["audit", "verify"]);
    }
}
