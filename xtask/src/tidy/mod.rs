//! `cargo xtask tidy`: the rules of the code that neither rustc nor clippy checks.
//!
//! Every rule is a function from text to violations with tests for good and for bad text. The
//! words the rules look for are put together from pieces, so that these files pass their own
//! rules. It must not repeat a rule that a lint can state.

mod borders;
mod folders;
mod shape;
mod source;
mod words;

use std::path::Path;

use crate::violation::{Violation, report};
use crate::workspace;
use source::Source;

pub(crate) fn run(root: &Path) -> Result<(), String> {
    let paths = workspace::files(root)?;
    let mut found = folders::check(root, &paths)?;
    for path in &paths {
        let bytes = std::fs::read(root.join(path)).map_err(|e| format!("read {path}: {e}"))?;
        // Pictures and archives are no text; nothing here speaks about them.
        if let Ok(text) = String::from_utf8(bytes) {
            found.extend(check_text(path, &text));
        }
    }
    println!("tidy: {} files read", paths.len());
    report("tidy", found)
}

/// Every rule that looks at one file only.
fn check_text(path: &str, text: &str) -> Vec<Violation> {
    let mut found = words::check(path, text);
    if path.ends_with(".rs") {
        let source = Source::read(path, text);
        found.extend(shape::check(&source));
        found.extend(borders::check(&source));
    }
    found
}
