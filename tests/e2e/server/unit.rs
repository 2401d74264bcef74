//! The unit of the server as systemd runs it: under its sandbox, with secrets that systemd lends it.

use std::cell::Cell;
use std::fs;
use std::net::TcpStream;

use super::scene::{AUDIENCE, Scene, TOKEN, runner};
use crate::support::eventually::eventually;
use crate::support::fakes::certificates::Authority;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::systemd::{Systemd, free_port, unit};

#[test]
fn the_server_gives_logins_with_what_systemd_lends_it() {
    let Some(scene) = Scene::new() else { return };
    let (home, port, authority) = (Home::new(), free_port(), Authority::new());
    let identity = authority.identity(&["localhost"]);
    let text = unit("crhost-server.service");
    assert_eq!(text.matches("0.0.0.0:8443").count(), 1);
    let text = text.replace("0.0.0.0:8443", &format!("127.0.0.1:{port}"));
    let read = |path: &str| fs::read_to_string(path).unwrap();
    let (rules, key) = (read(&scene.rules_file()), read(scene.admin.path("key").to_str().unwrap()));
    let database = format!("CRHOST_DATABASE={}\n", scene.postgres.url());
    let files = [
        ("systemd/system/crhost-server.service", text.as_str()),
        ("crhost/server.env", &database),
        ("crhost/key", &key),
        ("crhost/tls.crt", &identity.certificate),
        ("crhost/tls.key", &identity.key),
    ];
    let systemd = Systemd::start(&home, &files);
    let file = home.path("rules.toml");
    fs::write(&file, rules).unwrap();
    systemd.copy(&file, "/etc/crhost/rules.toml");
    systemd.run(&["systemctl", "start", "crhost-server"]).ok();
    let mut machine = runner(&scene.issuer, &format!("localhost:{port}"), &scene.image);
    fs::write(machine.path("ca.pem"), authority.pem()).unwrap();
    machine.set("SSL_CERT_FILE", machine.path("ca.pem"));
    machine.set("CRHOST_SERVER", format!("https://localhost:{port}"));
    machine.set("CRHOST_SERVER_AUDIENCE", AUDIENCE);
    let pushed = Cell::new(0);
    systemd.assert_kept_up_and_stopped("crhost-server", || {
        eventually("it answers", || TcpStream::connect(("127.0.0.1", port)).ok());
        pushed.set(pushed.get() + 1);
        let name = format!("a:v{}", pushed.get());
        machine.ok(&["push", "oci:layout:v1", "--to", "do", "--as", &name]);
        let arrived = format!("{}/acme/{name}", scene.registry.host());
        skopeo::assert_same(scene.registry.access(), &arrived, &scene.image);
    });
    assert!(!systemd.journal("crhost-server").contains(TOKEN));
}
