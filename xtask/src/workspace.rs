//! What the checks read: the root folder, the files git knows, and `cargo metadata`.
//!
//! It must not judge anything.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The part of `cargo metadata` that the checks use.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` is a plain dependency; `dev` and `build` are named.
    pub(crate) kind: Option<String>,
}

/// The folder above this crate, wherever the command was started.
pub(crate) fn root() -> Result<PathBuf, String> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| "find the folder above xtask".to_owned())
}

/// Every file that git tracks or would track, as paths from the root with `/`.
///
/// Files not yet added count, so that a new file is judged before its commit and not after.
pub(crate) fn files(root: &Path) -> Result<Vec<String>, String> {
    let listed = output(
        root,
        "git",
        // CI often checks out as another user; reading a list of names is safe then.
        &["-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
    )?;
    let text = String::from_utf8(listed).map_err(|e| format!("read git's file names: {e}"))?;
    let mut paths: Vec<String> = text
        .split('\0')
        .filter(|path| !path.is_empty() && root.join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Our own packages, with what their manifests name.
pub(crate) fn members(root: &Path) -> Result<Vec<Package>, String> {
    metadata(root, &["--no-deps"])
}

/// Every package of the lock file, for all platforms.
pub(crate) fn lock_file_packages(root: &Path) -> Result<Vec<Package>, String> {
    metadata(root, &["--locked"])
}

pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn metadata(root: &Path, args: &[&str]) -> Result<Vec<Package>, String> {
    let mut all = vec!["metadata", "--format-version", "1"];
    all.extend(args);
    let bytes = output(root, &cargo(), &all)?;
    let metadata: Metadata =
        serde_json::from_slice(&bytes).map_err(|e| format!("read cargo metadata: {e}"))?;
    Ok(metadata.packages)
}

/// What a command prints; what it complains about goes to the terminal.
pub(crate) fn output(root: &Path, program: &str, args: &[&str]) -> Result<Vec<u8>, String> {
    let done = Command::new(program)
        .args(args)
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|e| format!("start {program}: {e}"))?;
    if !done.status.success() {
        return Err(format!("{program} {}: {}", args.join(" "), done.status));
    }
    Ok(done.stdout)
}
