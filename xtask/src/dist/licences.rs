//! The licences of all that is in the program, as one text.

use std::collections::BTreeMap;
use std::fs;

use super::dependencies::{Crate, Dependencies};
use crate::failure::{Failure, Result};

/// Beginnings of the names of files with licences.
const NAMES: [&str; 6] = ["licen", "copying", "copyright", "notice", "unlicense", "patents"];

/// The terms of the MIT licence, for crates that name it and have no file of it.
const MIT: &str = "\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the \"Software\"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
";

/// Each text once, below the names of the crates that have it.
pub(super) fn text(dependencies: &Dependencies) -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut list = String::new();
    for (id, found) in dependencies.iter().filter(|(_, found)| found.is_third_party) {
        if found.licence.is_empty() {
            return Err(Failure::new(format!("the crate `{id}` names no licence")));
        }
        list.push_str(&format!("{id}  {}\n", found.licence));
        for text in texts(found)? {
            by_text.entry(text).or_default().push(id.to_owned());
        }
    }
    let rule = "=".repeat(100);
    let mut whole = format!("The crates in crhost, and their licences.\n\n{list}");
    for (text, ids) in by_text {
        whole.push_str(&format!("\n{rule}\n{}\n{rule}\n\n{text}\n", ids.join("\n")));
    }
    Ok(whole)
}

/// The texts in a crate's own files, or what stands for them.
fn texts(found: &Crate) -> Result<Vec<String>> {
    let directory = &found.directory;
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(Failure::io("read", directory))? {
        let path = entry.map_err(Failure::io("read", directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if NAMES.iter().any(|begin| name.starts_with(begin)) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let bytes = fs::read(&file).map_err(Failure::io("read", &file))?;
        texts.push(String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim().to_owned());
    }
    if texts.is_empty() {
        let holders =
            if found.authors.is_empty() { format!("the authors of {}", found.name) } else { found.authors.join(", ") };
        let terms = if found.licence.contains("MIT") {
            MIT
        } else {
            "The terms of the Apache License 2.0 are those of `LICENSE`.\n"
        };
        texts.push(format!("Copyright {holders}\n\n{}\n\n{terms}", found.licence).trim().to_owned());
    }
    Ok(texts)
}
