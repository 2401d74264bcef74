//! The unit of `crhost serve` as systemd runs it; `server::unit` has that of the server.

use std::net::TcpStream;

use crate::support::eventually::eventually;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::crhost::Home;
use crate::support::programs::systemd::{Systemd, free_port, unit};

#[test]
fn the_registry_for_development_keeps_what_was_pushed() {
    let (home, port) = (Home::new(), free_port());
    let image = Image::small(here!(), architecture());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let listen = format!("CRHOST_LISTEN=127.0.0.1:{port}\n");
    let text = unit("crhost-serve.service");
    let files = [("systemd/system/crhost-serve.service", text.as_str()), ("crhost/serve.env", listen.as_str())];
    let systemd = Systemd::start(&home, &files);
    systemd.run(&["systemctl", "start", "crhost-serve"]).ok();
    let name = format!("127.0.0.1:{port}/acme/train:v1");
    eventually("it answers", || TcpStream::connect(("127.0.0.1", port)).ok());
    home.ok(&["push", "oci:layout:v1", "--as", &name]);
    systemd.assert_kept_up_and_stopped("crhost-serve", || {
        eventually("it answers", || TcpStream::connect(("127.0.0.1", port)).ok());
        skopeo::assert_same(&Access::default(), &name, &image);
    });
}
