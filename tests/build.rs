//! Makes sure that every text in `hostile/` has a test: for each directory it writes a list of functions named like the
//! texts, which a table of cases includes. A text without a case does not compile then.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=hostile");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("this is a build script of cargo"))?;
    for entry in fs::read_dir("hostile")? {
        let directory = entry?.path();
        if let (true, Some(name)) = (directory.is_dir(), directory.file_name()) {
            let list = format!("const _: &[fn()] = &[\n{}];\n", cases(&directory)?);
            fs::write(Path::new(&out).join(name).with_extension("rs"), list)?;
        }
    }
    Ok(())
}

/// The lines of a list: one function for each text of a directory.
fn cases(directory: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut texts = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    texts.sort();
    let case = |text: &Path| Some(format!("    {}, // the case of {}\n", text.file_stem()?.to_str()?, text.display()));
    Ok(texts.iter().filter_map(|text| case(text)).collect())
}
