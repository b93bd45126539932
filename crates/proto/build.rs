//! Generates the wire code from `proto/` without protoc, and the descriptor set that reflection serves.

use std::error::Error;
use std::path::{Path, PathBuf};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort(); // the order of a directory listing must not reach the output

    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("concord.binpb"), descriptors.encode_to_vec())?;

    tonic_prost_build::configure()
        .build_transport(false) // channels and servers are the kit's
        .btree_map(".") // same message, same bytes
        .include_file("packages.rs") // the packages as nested modules
        .compile_fds(descriptors)?;
    Ok(())
}

/// Every `.proto` below `dir`; directories are watched one by one so that new files are noticed.
fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
