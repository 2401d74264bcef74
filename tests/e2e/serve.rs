//! The registry that crhost brings along, seen from outside.

use crate::support::crhost::Home;
use crate::support::image::Image;
use crate::support::image_files;
use crate::support::judge::{self, Access};

#[test]
fn what_is_pushed_to_it_is_there_after_a_restart() {
    let (home, image, access) = (Home::new(), Image::new(800), Access::default());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let (server, host) = home.serve();
    home.register("first", &host);
    let pushed = home.ok(&["push", "oci:layout:v1", "--to", "first", "--as", "team/train"]);
    let name = format!("{host}/team/train");
    let digest = judge::digest(&access, &format!("{name}:v1"));
    assert_eq!(pushed.stdout, format!("{name}@{digest}\n"));
    judge::assert_same(&access, &format!("{name}:v1"), &image);

    // Killed, not asked to stop: what was acknowledged is kept.
    drop(server);
    let (_server, host) = home.serve();
    let name = format!("{host}/team/train");
    assert_eq!(judge::digest(&access, &format!("{name}:v1")), digest);
    judge::assert_same(&access, &format!("{name}:v1"), &image);
    assert!(!judge::has(&access, &format!("{name}:v2")));
}

#[test]
fn two_of_them_do_not_share_a_folder_or_an_address() {
    let home = Home::new();
    let (_server, host) = home.serve();
    home.fails(5, &["serve", "--listen", "127.0.0.1:0"]);
    let address = host.replace("localhost", "127.0.0.1");
    home.fails(5, &["serve", "--listen", &address, "--data", "elsewhere"]).says(&address);
}
