//! Layers with every kind of entry that archives can have and daemons unpack.

use tar::{Builder, EntryType, Header};

/// Three archives: every kind of entry and of name; whiteouts; nothing.
pub(crate) fn layers(seed: u64) -> Vec<Vec<u8>> {
    let (long, longer) = ("long/".repeat(15) + "name", "longer/".repeat(30) + "name");
    let mut all = Layer::new();
    all.entry(EntryType::Directory, b"dir/", "", 0o755, b"");
    all.file(b"dir/file", format!("file of image {seed}").repeat(1000).as_bytes());
    all.file(b"dir/empty", b"");
    all.file(b"dir/gone", b"to be taken away");
    all.entry(EntryType::Link, b"dir/hard-link", "dir/file", 0o644, b"");
    all.entry(EntryType::Link, b"dir/hard-link-of-nothing", "dir/empty", 0o644, b"");
    all.entry(EntryType::Symlink, b"dir/link", "file", 0o777, b"");
    all.entry(EntryType::Symlink, b"dir/link-to-a-secret", "/etc/shadow", 0o777, b"");
    all.entry(EntryType::Symlink, b"dir/link-to-nowhere", "../../nowhere", 0o777, b"");
    all.entry(EntryType::Fifo, b"dir/pipe", "", 0o644, b"");
    all.entry(EntryType::Regular, b"dir/setuid", "", 0o4755, b"whoami");
    all.entry(EntryType::Regular, b"dir/unreadable", "", 0, b"for nobody");
    all.file(b"dir/not-utf-8-\xff\xfe", b"a name of bytes");
    all.file("dir/grün <&>".as_bytes(), b"a name that Go escapes in JSON");
    all.file(b"dir/.whale", b"no whiteout");
    all.file(b"./dot", b"below a dot");
    all.file(b"/absolute", b"below the root");
    let zeros = [vec![0; 3 << 20], b"end".to_vec()].concat();
    all.file(b"dir/nearly-all-zeros", &zeros);
    // Names of more than 100 bytes, as GNU's tar and as POSIX write them.
    all.0.append_data(&mut header(EntryType::Regular, 0o644, 4), &long, &b"long"[..]).unwrap();
    all.pax(&[("path", longer.as_bytes())], b"dir/replaced", b"longer");
    // CAP_NET_BIND_SERVICE, permitted and effective (linux/capability.h, VFS_CAP_REVISION_2).
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    all.pax(&[("SCHILY.xattr.security.capability", &capability), ("mtime", b"1.5")], b"dir/capable", b"x");

    let mut less = Layer::new();
    less.file(b"dir/.wh.gone", b"");
    less.entry(EntryType::Directory, b"long/", "", 0o700, b"");
    less.file(b"long/.wh..wh..opq", b"");
    less.file(b"long/new", b"new");
    let more_padding_than_needed = [less.end(), vec![0; 100_000]].concat();

    vec![all.end(), more_padding_than_needed, Layer::new().end()]
}

/// An archive with a name that leads upwards, though not out of it.
pub(crate) fn with_a_detour(seed: u64) -> Vec<u8> {
    let mut layer = Layer::new();
    layer.file(b"dir/file", &seed.to_le_bytes());
    layer.file(b"dir/../detour", b"another way");
    layer.end()
}

struct Layer(Builder<Vec<u8>>);

impl Layer {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn file(&mut self, name: &[u8], content: &[u8]) {
        self.entry(EntryType::Regular, name, "", 0o644, content);
    }

    fn entry(&mut self, kind: EntryType, name: &[u8], link: &str, mode: u32, content: &[u8]) {
        let mut header = header(kind, mode, content.len() as u64);
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        self.0.append(&header, content).unwrap();
    }

    fn pax(&mut self, records: &[(&str, &[u8])], name: &[u8], content: &[u8]) {
        self.0.append_pax_extensions(records.iter().copied()).unwrap();
        self.file(name, content);
    }

    fn end(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(1_000_000_000);
    header
}
