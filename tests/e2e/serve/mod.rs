//! The registry that crhost brings along, seen from outside.

mod clients;
mod contents;
mod disks;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::crhost::{Home, push_layout};

#[test]
fn a_signal_ends_it_as_soon_as_it_has_told_its_address() {
    let home = Home::new();
    for signal in ["-TERM", "-INT", "-HUP"].into_iter().cycle().take(9) {
        let mut server = home.command(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        BufReader::new(server.stderr.take().unwrap()).read_line(&mut told).unwrap();
        assert!(told.starts_with("registry at"), "{told}");
        assert!(Command::new("kill").args([signal, &server.id().to_string()]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(60);
        while server.try_wait().unwrap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let ended = server.try_wait().unwrap();
        // One that goes on must not outlive the test.
        let _ = server.kill();
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{signal}");
    }
}

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

/// The answer to a request with these lines, as text.
fn ask(host: &str, method: &str, path: &str, lines: &str) -> String {
    let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.1")).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\n{lines}content-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_is_not_open_to_web_pages() {
    let home = Home::new();
    let (_server, host) = home.serve();
    let port = host.rsplit(':').next().unwrap();
    let own = format!("host: {host}\r\n");
    assert!(ask(&host, "GET", "/v2/_catalog", &own).starts_with("HTTP/1.1 200"));
    // A name that was let resolve to this machine, and a page that only sends.
    let rebound = ask(&host, "GET", "/v2/_catalog", &format!("host: evil.example:{port}\r\n"));
    assert!(rebound.starts_with("HTTP/1.1 421") && rebound.contains("--host-name"), "{rebound}");
    let sent = ask(&host, "POST", "/v2/x/blobs/uploads/", &format!("{own}origin: http://evil.example\r\n"));
    assert!(sent.starts_with("HTTP/1.1 403") && sent.contains("DENIED"), "{sent}");
}

#[test]
fn it_says_when_it_is_full() {
    let home = Home::new();
    image_files::layout(&home.path("layout"), &[("v1", &Image::new(here!()))]);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--max-size", "20000", "--data", "small"];
    let (_server, host) = home.serve_with(&arguments);
    home.register("dev", &host);
    home.fails(1, &push_layout("dev", "train")).says("the registry is full");
}
