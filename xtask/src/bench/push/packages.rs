//! What real images are made of: packages of PyPI and npm, unpacked, and kept in the cache for the next time.

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{command, run_quietly};
use crate::failure::{Failure, Result};
use crate::{packages, paths};

/// Packages of each layer of the Python image: libraries of machine code, and many small files of Python.
const PYTHON: [&[&str]; 6] = [
    &["numpy==2.4.6", "pandas==3.1.1"],
    &["scipy==1.17.1"],
    &["pyarrow==26.0.1"],
    &["jaxlib==0.12.0.1"],
    &["onnxruntime==1.32.0", "scikit-learn==1.9.1"],
    &["transformers==5.24.0"],
];

/// Packages of each layer of the Node image, with all that they need: some 100,000 small files.
const NODE: [&[&str]; 4] = [
    &["next@16.4.6", "@mui/material@9.5.0"],
    &["@mui/icons-material@9.5.0", "date-fns@4.4.0", "lodash@4.18.1"],
    &["aws-sdk@2.1693.0", "rxjs@7.8.2"],
    &["webpack@5.113.0", "typescript@7.0.2", "eslint@10.15.0", "@babel/preset-env@8.0.7"],
];

/// A directory for each layer of the Python image.
pub(super) fn python() -> Result<Vec<PathBuf>> {
    packages::provide("python3", "python3")?;
    PYTHON.iter().enumerate().map(|(number, names)| provide(&format!("python-{number}"), names, wheels)).collect()
}

/// A directory for each layer of the Node image.
pub(super) fn node() -> Result<Vec<PathBuf>> {
    packages::provide("npm", "npm")?;
    NODE.iter().enumerate().map(|(number, names)| provide(&format!("node-{number}"), names, modules)).collect()
}

/// The directory with these very packages, which `fill` is called for if there is none.
fn provide(label: &str, names: &[&str], fill: fn(&Path, &[&str]) -> Result<()>) -> Result<PathBuf> {
    let _lock = paths::lock("bench")?;
    let home = paths::cache()?.join("bench").join(label);
    let (stamp, list) = (home.join("packages.txt"), names.join("\n"));
    let content = home.join("content");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == list) {
        return Ok(content);
    }
    eprintln!("bench: fetching {}", names.join(", "));
    if home.exists() {
        fs::remove_dir_all(&home).map_err(Failure::io("remove", &home))?;
    }
    fs::create_dir_all(&content).map_err(Failure::io("create", &content))?;
    fill(&content, names)?;
    // Written last: an interrupted fetch is made anew.
    fs::write(&stamp, list).map_err(Failure::io("write", &stamp))?;
    Ok(content)
}

/// Unpacks wheels, which are zip files, whatever Python this machine has.
fn wheels(content: &Path, names: &[&str]) -> Result<()> {
    let directory = tempfile::tempdir().map_err(|error| Failure::new(format!("cannot make a directory: {error}")))?;
    let mut download = command("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]);
    download.args(["--disable-pip-version-check", "--implementation=cp", "--python-version=3.12"]);
    // pip takes no platform for an older one of its own accord.
    for platform in ["manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux2014", "manylinux_2_17"] {
        download.arg(format!("--platform={platform}_{ARCH}"));
    }
    run_quietly(download.arg("--dest").arg(directory.path()).args(names))?;
    for wheel in fs::read_dir(&directory).map_err(Failure::io("read", directory.path()))?.flatten() {
        run_quietly(command("python3", ["-m", "zipfile", "-e"]).arg(wheel.path()).arg(content))?;
    }
    Ok(())
}

/// Installs packages with all that they need. None of them is run.
fn modules(content: &Path, names: &[&str]) -> Result<()> {
    let install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    run_quietly(command("npm", install).args(names).current_dir(content))
}
