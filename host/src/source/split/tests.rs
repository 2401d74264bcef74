use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use proptest::prelude::*;
use tar::{Archive, Builder, EntryType, Header};

use super::parts::{Scan, give, scan};
use crate::image::Digest;

/// One entry of a layer, before it is written.
#[derive(Debug, Clone)]
enum Part {
    Directory(String),
    File { path: String, size: usize, is_long: bool, has_attribute: bool },
    Link { path: String, target: String },
    Whiteout(String),
    Opaque(String),
}

/// A file, directory or link as a container sees it: its kind, its mode, its bytes, and the paths that are the same
/// file.
type Tree = BTreeMap<String, (u8, u32, Vec<u8>, BTreeSet<String>)>;

fn header(kind: EntryType, size: usize, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size as u64);
    header.set_mode(mode);
    header.set_cksum();
    header
}

fn archive(parts: &[Part]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (number, part) in parts.iter().enumerate() {
        let mode = 0o600 + u32::try_from(number % 64).unwrap();
        match part {
            Part::Directory(path) => {
                archive.append_data(&mut header(EntryType::Directory, 0, mode), format!("{path}/"), &[][..]).unwrap();
            }
            Part::File { path, size, is_long, has_attribute } => {
                if *has_attribute {
                    let attribute = b"25 SCHILY.xattr.user.a=1\n";
                    let mut header = header(EntryType::XHeader, attribute.len(), 0);
                    archive.append_data(&mut header, "attributes", &attribute[..]).unwrap();
                }
                let path = if *is_long { format!("{path}{}", "x".repeat(120)) } else { path.clone() };
                let bytes = vec![u8::try_from(number % 251).unwrap(); *size];
                archive.append_data(&mut header(EntryType::Regular, *size, mode), path, &bytes[..]).unwrap();
            }
            Part::Link { path, target } => {
                archive.append_link(&mut header(EntryType::Link, 0, mode), path, target).unwrap();
            }
            Part::Whiteout(path) => {
                let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
                let path = format!("{parent}/.wh.{name}");
                archive
                    .append_data(&mut header(EntryType::Regular, 0, 0), path.trim_start_matches('/'), &[][..])
                    .unwrap();
            }
            Part::Opaque(path) => {
                let path = format!("{path}/.wh..wh..opq");
                archive.append_data(&mut header(EntryType::Regular, 0, 0), path, &[][..]).unwrap();
            }
        }
    }
    archive.into_inner().unwrap()
}

/// Unpacks a layer into a directory of its own, as Docker does, and lays that over the layers below.
fn apply(below: &Tree, layer: &[u8]) -> Tree {
    let (mut own, mut hidden, mut opaque): (Tree, Vec<String>, Vec<String>) = (Tree::new(), Vec::new(), Vec::new());
    for entry in Archive::new(layer).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().trim_end_matches('/').to_owned();
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        // A directory that the layer lacks is made with other permissions.
        let mut above = parent;
        while !above.is_empty() {
            own.entry(above.to_owned()).or_insert_with(|| (b'5', 0o755, Vec::new(), BTreeSet::new()));
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
        }
        if name == ".wh..wh..opq" {
            opaque.push(parent.to_owned());
        } else if let Some(name) = name.strip_prefix(".wh.") {
            hidden.push(format!("{parent}/{name}").trim_start_matches('/').to_owned());
        } else if entry.header().entry_type() == EntryType::Link {
            let target = entry.link_name().unwrap().unwrap().to_str().unwrap().to_owned();
            let group = own[&target].3.clone().into_iter().chain([path.clone()]).collect::<BTreeSet<_>>();
            for other in &group {
                let like = own[&target].clone();
                own.entry(other.clone()).or_insert(like).3 = group.clone();
            }
        } else {
            let mode = entry.header().mode().unwrap();
            let attributes = entry.pax_extensions().unwrap().map_or(0, Iterator::count);
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            bytes.extend(vec![b'@'; attributes]);
            let kind = entry.header().entry_type().as_byte();
            own.insert(path.clone(), (kind, mode, bytes, BTreeSet::from([path])));
        }
    }
    let is_below = |path: &str, above: &str| path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'));
    let is_hidden = |path: &str| {
        hidden.iter().any(|gone| path == gone || is_below(path, gone)) || opaque.iter().any(|dir| is_below(path, dir))
    };
    let mut merged: Tree = below.clone();
    merged.retain(|path, _| !is_hidden(path));
    merged.extend(own);
    merged
}

fn split(layer: &[u8], size: u64) -> (Scan, Vec<Vec<u8>>) {
    let scan = scan(layer, size).unwrap();
    let mut given = Vec::new();
    give(layer, size, &scan.parts, |part, bytes| {
        let mut all = Vec::new();
        bytes.read_to_end(&mut all).unwrap();
        assert_eq!((Digest::of(&all), all.len() as u64), (part.diff_id.clone(), part.size));
        given.push(all);
        true
    })
    .unwrap();
    (scan, given)
}

/// Entries of a layer whose paths are each there once, and whose links have their targets before them.
fn layer() -> impl Strategy<Value = Vec<Part>> {
    let name = prop::sample::select(vec!["a", "b", "a/c", "a/c/d", "b/e", "f"]);
    let one = (0_u8..9, name, 0_usize..3000, any::<bool>(), any::<prop::sample::Index>());
    prop::collection::vec(one, 1..60).prop_map(|drawn| {
        let (mut parts, mut files, mut dirs) = (Vec::new(), Vec::<String>::new(), BTreeSet::new());
        for (number, (kind, dir, size, flag, index)) in drawn.into_iter().enumerate() {
            match kind {
                0 | 1 if dirs.insert(dir) => parts.push(Part::Directory(dir.to_owned())),
                2 if !files.is_empty() => {
                    let (path, target) = (format!("{dir}/link{number}"), index.get(&files).clone());
                    parts.push(Part::Link { path, target });
                }
                3 => parts.push(Part::Whiteout(format!("{dir}/below{}", size % 3))),
                4 => parts.push(Part::Opaque(dir.to_owned())),
                _ => {
                    let path = format!("{dir}/file{number}");
                    let is_long = kind == 5 && flag;
                    if !is_long {
                        files.push(path.clone());
                    }
                    parts.push(Part::File { path, size, is_long, has_attribute: kind == 6 && flag });
                }
            }
        }
        parts
    })
}

proptest! {
    #[test]
    fn containers_see_the_same_files_whether_a_layer_is_split_or_not(parts in layer(), size in 2048_u64..16_384) {
        let below: Vec<Part> = ["a", "b", "a/c", "a/c/d", "b/e", "f"]
            .iter()
            .flat_map(|dir| {
                let file = |n| file(&format!("{dir}/below{n}"), 1);
                [Part::Directory((*dir).to_owned()), file(0), file(1), file(2)]
            })
            .collect();
        let (below, layer) = (apply(&Tree::new(), &archive(&below)), archive(&parts));
        let (scan, given) = split(&layer, size);
        let merged = given.iter().fold(below.clone(), |below, part| apply(&below, part));
        let whole = apply(&below, &layer);
        prop_assert_eq!(merged, whole);
        prop_assert_eq!(split(&layer, size).0, scan);
    }
}

fn file(path: &str, size: usize) -> Part {
    Part::File { path: path.to_owned(), size, is_long: false, has_attribute: false }
}

#[test]
fn parts_have_the_size_that_was_asked_for_but_for_one_file_that_is_larger() {
    let parts: Vec<Part> = (0..40).map(|number| file(&format!("f{number}"), 1000)).collect();
    let layer = archive(&[&parts[..], &[file("large", 50_000)], &[file("last", 10)]].concat());
    let (scan, given) = split(&layer, 10_240);
    assert!(given.iter().filter(|part| part.len() > 10_240).count() == 1 && given.len() > 5);
    let largest = scan.largest.unwrap();
    assert_eq!((largest.path.as_slice(), largest.size), (&b"large"[..], 50_176));
}

#[test]
fn a_layer_that_is_small_enough_is_one_part() {
    for parts in [vec![], vec![file("a", 100)]] {
        assert_eq!(split(&archive(&parts), 10_240).0.parts.len(), 1);
    }
}

#[test]
fn a_link_and_a_whiteout_that_come_late_are_where_they_work() {
    let directory = |path: &str| Part::Directory(path.to_owned());
    let parts = [
        directory("a"),
        file("a/first", 3000),
        directory("b"),
        file("b/second", 3000),
        Part::Link { path: "b/link".to_owned(), target: "a/first".to_owned() },
        Part::Whiteout("b/gone".to_owned()),
    ];
    let (_, given) = split(&archive(&parts), 5632);
    let paths = |part: &Vec<u8>| -> Vec<String> {
        let mut archive = Archive::new(&part[..]);
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    };
    let paths: Vec<Vec<String>> = given.iter().map(paths).collect();
    assert_eq!(paths[0], ["a/", "a/first", "b/", "b/link", "b/.wh.gone"]);
    assert_eq!(paths[1], ["b/", "b/second"]);
}

#[test]
fn sparse_files_and_their_maps_stay_as_they_are() {
    let mut sparse = header(EntryType::GNUSparse, 1024, 0o600);
    sparse.set_path("sparse").unwrap();
    sparse.as_gnu_mut().unwrap().set_is_extended(true);
    sparse.set_cksum();
    let mut map = [0; 512];
    map[0] = b'1';
    let sparse = [sparse.as_bytes(), &map, &[7; 1024][..]].concat();
    let layer = [sparse.clone(), archive(&[file("after", 3000)])].concat();
    let (_, given) = split(&layer, 4096);
    assert_eq!(given.len(), 2);
    assert_eq!(given[0][..sparse.len()], sparse);
}

#[test]
fn what_can_not_be_split_says_why_and_what_is_cut_off_is_an_error() {
    let twice = archive(&[
        file("a", 3000),
        file("b", 3000),
        file("c", 10),
        Part::Link { path: "c".to_owned(), target: "a".to_owned() },
    ]);
    let mut global = header(EntryType::XGlobalHeader, 18, 0);
    global.set_path("g").unwrap();
    global.set_cksum();
    let mut record = [0; 512];
    record[..18].copy_from_slice(b"18 uname=somebody\n");
    let global = [global.as_bytes(), &record[..], &archive(&[file("a", 1)])].concat();
    for (layer, words) in [(twice, "two files"), (global, "attributes"), (vec![7; 4096], "understood")] {
        let error = scan(Cursor::new(layer), 4096).unwrap_err();
        assert!(super::whole::Whole::is_in(&error) && error.to_string().contains(words), "{error}");
    }
    let cut = archive(&[file("a", 3000)]);
    let error = scan(&cut[..2000], 4096).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}
