//! Files and sections of `docs/reference`, compared with fresh text or renewed with it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs};

/// One page may have several sections, whose tests run at the same time.
static WRITING: Mutex<()> = Mutex::new(());

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference").join(file)
}

/// Compares a whole file, or writes it.
#[track_caller]
pub(super) fn check_file(file: &str, fresh: &str) {
    let path = path(file);
    if env::var_os("CRHOST_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, fresh).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == fresh, "docs/reference/{file} is stale: `cargo xtask docs` renews it");
}

/// Compares the section between `<!-- generated: NAME -->` and `<!-- end -->` of a page, or writes it. A page that does
/// not exist is created with this heading and the section.
#[track_caller]
pub(super) fn check_section(file: &str, heading: &str, name: &str, fresh: &str) {
    let _writing = WRITING.lock().unwrap();
    let (start, end) = (format!("<!-- generated: {name} -->\n"), "<!-- end -->");
    let page = fs::read_to_string(path(file)).unwrap_or_else(|_| format!("# {heading}\n\n{start}{end}\n"));
    let (before, rest) = page.split_once(&start).unwrap_or_else(|| panic!("docs/reference/{file} has no line {start}"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("docs/reference/{file} has no line {end}"));
    check_file(file, &format!("{before}{start}\n{}\n\n{end}{after}", fresh.trim()));
}

/// A row of a table.
pub(super) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A table.
pub(super) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    row(head) + &rule + &rows.into_iter().map(line).collect::<String>()
}
