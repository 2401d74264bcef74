//! The registry that crhost brings along, seen from outside.

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::crhost::Home;

#[test]
fn what_is_pushed_to_it_is_there_after_a_restart() {
    let (home, image, access) = (Home::new(), Image::new(here!()), Access::default());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let (server, host) = home.serve();
    home.register("first", &host);
    let pushed = home.ok(&["push", "oci:layout:v1", "--to", "first", "--as", "team/train"]);
    let name = format!("{host}/team/train");
    let digest = skopeo::digest(&access, &format!("{name}:v1"));
    assert_eq!(pushed.stdout, format!("{name}@{digest}\n"));
    skopeo::assert_same(&access, &format!("{name}:v1"), &image);

    // Killed, not asked to stop: what was acknowledged is kept.
    drop(server);
    let (_server, host) = home.serve();
    let name = format!("{host}/team/train");
    assert_eq!(skopeo::digest(&access, &format!("{name}:v1")), digest);
    skopeo::assert_same(&access, &format!("{name}:v1"), &image);
    assert!(!skopeo::has(&access, &format!("{name}:v2")));
}

#[test]
fn two_of_them_do_not_share_a_directory_or_an_address() {
    let home = Home::new();
    let (_server, host) = home.serve();
    home.fails(5, &["serve", "--listen", "127.0.0.1:0"]);
    let address = host.replace("localhost", "127.0.0.1");
    home.fails(5, &["serve", "--listen", &address, "--data", "elsewhere"]).says(&address);
}
