// SPDX-License-Identifier: Apache-2.0
//! Puts the C headers that the engine's crate has made into the folder that OARSMAN_HEADERS names.
use std::{env, fs, io, path::Path};

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=../headers.rs");
    println!("cargo:rerun-if-env-changed=OARSMAN_HEADERS");
    match (env::var("OARSMAN_HEADERS"), env::var("DEP_WASMTIME_C_API_INCLUDE")) {
        (Ok(to), Ok(from)) => copy(Path::new(&from), Path::new(&to)),
        _ => Ok(()),
    }
}
