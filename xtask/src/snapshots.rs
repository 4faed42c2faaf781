//! Snapshots that no test reads, and snapshots that wait for a review, are refused.
//!
//! The test run writes down every snapshot it reads (insta does this when asked by an environment
//! variable); this compares that list with the files. It must not compare contents: the tests do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::violation::{Violation, report};
use crate::workspace;

/// The environment variable by which insta is asked for the list.
pub(crate) const LIST_VARIABLE: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

pub(crate) fn list_path(root: &Path) -> PathBuf {
    root.join("target/snapshots-read.txt")
}

/// An old list would hide an orphan, so the test run starts with none.
pub(crate) fn forget(root: &Path) -> Result<(), String> {
    let path = list_path(root);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("make the target folder: {e}"))?;
    }
    std::fs::write(path, "").map_err(|e| format!("empty the list of snapshots: {e}"))
}

pub(crate) fn check(root: &Path) -> Result<(), String> {
    let list = std::fs::read_to_string(list_path(root))
        .map_err(|e| format!("read the list of snapshots (it comes from the tests): {e}"))?;
    let paths = workspace::files(root)?;
    let is_kept = |path: &&String| path.contains("/snapshots/") && path.ends_with(".snap");
    println!("snapshots: {} files", paths.iter().filter(is_kept).count());
    report("snapshots", compare(root, &paths, &list))
}

fn compare(root: &Path, paths: &[String], list: &str) -> Vec<Violation> {
    let read: BTreeSet<PathBuf> = list.lines().map(|line| plain(Path::new(line))).collect();
    let mut found = vec![];
    for path in paths.iter().filter(|path| path.contains("/snapshots/")) {
        if path.ends_with(".snap") && !read.contains(&plain(&root.join(path))) {
            found.push(Violation::new(path, 0, "no test reads this snapshot"));
        }
        if path.ends_with(".snap.new") {
            found.push(Violation::new(path, 0, "this snapshot waits for a review"));
        }
    }
    found
}

/// The path without `..`, which insta leaves in it.
fn plain(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[&str], list: &str, expected: &[&str]) {
        let paths: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let found = compare(Path::new("/vacancy"), &paths, list);
        let found: Vec<String> = found.into_iter().map(|violation| violation.path).collect();
        assert_eq!(found, expected);
    }

    const SNAP: &str = "crates/server/tests/snapshots/holds.snap";

    #[test]
    fn a_snapshot_that_a_test_reads_stays() {
        check(&[SNAP, "README.md"], &format!("/vacancy/{SNAP}\n"), &[]);
    }

    #[test]
    fn an_orphan_is_refused() {
        check(&[SNAP], "", &[SNAP]);
        check(&[SNAP], "/vacancy/crates/server/tests/snapshots/stays.snap\n", &[SNAP]);
    }

    #[test]
    fn an_unread_change_is_refused() {
        let new = format!("{SNAP}.new");
        check(&[SNAP, &new], &format!("/vacancy/{SNAP}\n"), &[&new]);
    }
}
