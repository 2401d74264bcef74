//! Random images, pushed from every source in every compression: the same layers arrive.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::test_runner::TestRunner;

use crate::support::images::image::{Image, append};
use crate::support::images::image_files;
use crate::support::images::noise::noise;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::registry::Registry;

/// Images; each is pushed from four sources in two ways.
const CASES: u32 = 6;

const COMPRESSIONS: [&str; 5] = ["gzip", "gzip:6", "zstd:1", "zstd:3", "none"];

/// A file's content: up to some blocks of a compressor, of each kind that one meets.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let size = prop_oneof![Just(0), 1..600_usize, (1_000_000..1_100_000_usize), 1..2_500_000_usize];
    (size, any::<u64>(), 0..4).prop_map(|(size, seed, kind)| match kind {
        0 => vec![0; size],
        1 => noise(seed, size),
        2 => format!("line {seed}\n").bytes().cycle().take(size).collect(),
        // Bytes of few kinds, without a pattern.
        _ => noise(seed, size).into_iter().map(|byte| byte % 11).collect(),
    })
}

fn layer() -> impl Strategy<Value = Vec<u8>> {
    vec(content(), 0..4).prop_map(|files| {
        let mut archive = tar::Builder::new(Vec::new());
        for (number, content) in files.iter().enumerate() {
            append(&mut archive, &format!("file-{number}"), content);
        }
        archive.into_inner().unwrap()
    })
}

#[test]
fn every_image_arrives_from_every_source_in_every_compression() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let config = ProptestConfig { cases: CASES, max_shrink_iters: 20, failure_persistence: None, ..Default::default() };
    let images = (vec(layer(), 1..6), 0..COMPRESSIONS.len());
    let number = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&images, |(layers, first)| {
            let image = Image::of_layers(layers);
            number.set(number.get() + 1);
            let case = format!("case-{}", number.get());
            let name = format!("any-image/{case}:v1");
            let _loaded = Loaded::new(&name, &image);
            let files = [format!("{case}.tar"), format!("{case}.tar.gz"), format!("{case}-layout")];
            image_files::archive(&home.path(&files[0]), &[(&name, &image)]);
            image_files::compress(&home.path(&files[0]), &home.path(&files[1]));
            image_files::layout(&home.path(&files[2]), &[("v1", &image)]);
            let sources = [
                format!("docker-daemon:{name}"),
                format!("docker-archive:{}", files[0]),
                format!("docker-archive:{}", files[1]),
                format!("oci:{}:v1", files[2]),
            ];
            for (at, source) in sources.iter().enumerate() {
                for further in 0..2 {
                    let compression = COMPRESSIONS[(first + at + further) % COMPRESSIONS.len()];
                    // A repository of its own, so that layers are sent again and not only asked for.
                    let target = format!("{case}-{at}-{further}:v1");
                    home.ok(&[
                        "push",
                        source,
                        "--to",
                        "local",
                        "--as",
                        &target,
                        "--compression",
                        compression,
                        "--quiet",
                    ]);
                    skopeo::assert_same(registry.access(), &format!("{}/{target}", registry.host()), &image);
                }
            }
            Ok(())
        })
        .unwrap();
}
