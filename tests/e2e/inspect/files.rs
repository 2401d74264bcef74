//! `crhost ls-files`.

use std::io::Read as _;

use tar::{Builder, EntryType, Header};

use super::layout;
use crate::support::images::image::{Image, append};
use crate::support::programs::crhost::Home;
use crate::support::programs::serve::Serve;

/// An archive of files, each with this content; a name that ends with `/` is a directory.
pub(super) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (name, content) in files {
        if name.ends_with('/') {
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Directory);
            header.set_mode(0o755);
            header.set_size(0);
            archive.append_data(&mut header, name, std::io::empty()).unwrap();
        } else {
            append(&mut archive, name, content.as_bytes());
        }
    }
    archive.into_inner().unwrap()
}

fn layered() -> Image {
    let mut links = Builder::new(Vec::new());
    for (kind, name, target) in [(EntryType::Symlink, "bin/sh", "busybox"), (EntryType::Link, "bin/ls", "bin/busybox")]
    {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o777);
        header.set_size(0);
        links.append_link(&mut header, name, target).unwrap();
    }
    Image::of_layers(vec![
        archive(&[
            ("etc/", ""),
            ("etc/old", "1"),
            ("etc/kept", "22"),
            ("var/", ""),
            ("var/a", "1"),
            ("bin/busybox", "b"),
        ]),
        archive(&[("etc/.wh.old", ""), ("var/", ""), ("var/.wh..wh..opq", ""), ("var/b", "333")]),
        links.into_inner().unwrap(),
    ])
}

#[test]
fn files_are_those_that_a_container_sees_wherever_the_image_is() {
    let serve = Serve::start();
    let home = &serve.home;
    home.register("dev", &serve.host);
    let image = layered();
    layout(&home.path("layout"), &image);
    crate::support::images::image_files::archive(&home.path("image.tar"), &[("train:v1", &image)]);
    home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train:v1"]);
    for subject in ["dev/train:v1", "oci:layout:v1", "docker-archive:image.tar"] {
        let names = home.ok(&["ls-files", subject, "-o", "name"]);
        let mut names: Vec<&str> = names.stdout.lines().collect();
        names.sort_unstable();
        assert_eq!(names, ["/bin/busybox", "/bin/ls", "/bin/sh", "/etc", "/etc/kept", "/var", "/var/b"], "{subject}");
        let below = home.ok(&["ls-files", subject, "/var"]);
        assert!(below.stdout.contains("-rw-r--r--") && below.stdout.contains("/var/b\n"), "{below}");
        assert_eq!(below.stdout.lines().count(), 2, "{below}");
    }
    let links = home.ok(&["ls-files", "dev/train:v1", "bin"]);
    assert!(
        links.stdout.contains("/bin/sh -> busybox\n") && links.stdout.contains("/bin/ls link to /bin/busybox"),
        "{links}"
    );
    let layer = home.ok(&["ls-files", "dev/train:v1", "--layer", "2", "--jq", ".kind + \" \" + .name"]);
    let lines: Vec<&str> = layer.stdout.lines().collect();
    assert_eq!(lines, ["whiteout /etc/old", "directory /var", "opaque /var", "file /var/b"]);
    home.fails(3, &["ls-files", "dev/train:v1", "/etc/old"]).says("has no `/etc/old`");
    home.fails(3, &["ls-files", "dev/train:v1", "--layer", "9"]).says("has no layer");
}

#[test]
fn what_no_honest_program_writes_into_a_layer_is_told() {
    let home = Home::new();
    let mut odd = Builder::new(Vec::new());
    append(&mut odd, "etc/x", b"first");
    append(&mut odd, "etc/x", b"the last one");
    let mut outside = Header::new_gnu();
    outside.as_old_mut().name[..9].copy_from_slice(b"../../key");
    outside.set_size(0);
    outside.set_cksum();
    odd.append(&outside, std::io::empty()).unwrap();
    let odd = odd.into_inner().unwrap();
    layout(&home.path("layout"), &Image::of_layers(vec![archive(&[("etc/y", "")]), odd.clone()]));
    let listed = home.ok(&["ls-files", "oci:layout:v1"]);
    assert_eq!(listed.stdout.lines().filter(|line| line.ends_with(" /etc/x")).count(), 1, "{listed}");
    for words in [
        "has 1 file more than once, such as `/etc/x`: a container sees the last of each",
        "has 1 path with `..`, such as `/../../key`: container runtimes refuse the layer",
    ] {
        assert!(listed.stderr.contains(words), "{words}{listed}");
    }
    assert!(home.ok(&["ls-files", "oci:layout:v1", "/etc/y"]).stderr.is_empty());
    let both = home.ok(&["ls-files", "oci:layout:v1", "--layer", "2"]);
    assert_eq!(both.stdout.lines().filter(|line| line.ends_with(" /etc/x")).count(), 2, "{both}");
    // A layer that was cut before it was hashed: in the middle of a file, and of a header.
    for length in [700, 600, 300] {
        layout(&home.path("cut"), &Image::of_layers(vec![odd[..length].to_vec()]));
        let words = "layer 1 of `oci:cut:v1` can't be read: it is cut: its archive ends within a file";
        home.fails(1, &["ls-files", "oci:cut:v1"]).says(words);
    }
}

#[test]
fn names_in_a_layer_do_nothing_to_a_terminal() {
    let home = Home::new();
    let image = Image::of_layers(vec![archive(&[("a\u{1b}]0;x\u{7}b", "1"), ("##[group]x", "1"), ("up", "1")])]);
    layout(&home.path("layout"), &image);
    let listed = home.ok(&["ls-files", "oci:layout:v1"]);
    listed.printable();
    assert_eq!(listed.stdout.lines().count(), 3, "{listed}");
    let json = home.ok(&["ls-files", "oci:layout:v1", "-o", "json"]);
    json.printable();
}

#[test]
fn a_layer_of_many_files_takes_hardly_more_memory_than_one_of_few() {
    let home = Home::new();
    let few = listed(&home, 10);
    // All of them held at once would be forty megabytes.
    let many = listed(&home, 150_000);
    assert!(many < few + (16 << 20), "{few} and {many} bytes");
    assert!(many < 100 << 20, "{many} bytes");
}

/// Lists so many files, and gives the memory that it took in bytes.
fn listed(home: &Home, count: usize) -> u64 {
    // Names of forty bytes, as long as those of a large image.
    let mut layer = Vec::new();
    for number in 0..count {
        let mut header = Header::new_gnu();
        header.set_path(format!("usr/lib/some/directory/{:04}/file-{number:06}", number / 1000)).unwrap();
        header.set_size(0);
        header.set_mode(0o644);
        header.set_cksum();
        layer.extend_from_slice(header.as_bytes());
    }
    layer.resize(layer.len() + 1024, 0);
    let directory = format!("layout-{count}");
    layout(&home.path(&directory), &Image::of_layers(vec![layer]));
    let listed = home.ok(&["ls-files", &format!("oci:{directory}:v1")]);
    assert_eq!(listed.stdout.lines().count(), count);
    listed.memory
}

#[test]
fn a_reader_that_goes_away_ends_the_list() {
    let home = Home::new();
    layout(&home.path("layout"), &layered());
    let mut command = home.command(&["ls-files", "oci:layout:v1"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut one = [0];
    child.stdout.take().unwrap().read_exact(&mut one).unwrap();
    assert!(child.wait().unwrap().success());
}
