//! `cargo xtask openapi`: the committed OpenAPI document is what the binary says.
//!
//! A change of the public contract shows up as a change of `docs/openapi.json` in review. It must
//! not judge the contract itself.

use std::path::Path;

use crate::workspace;

const SNAPSHOT: &str = "docs/openapi.json";
const SAY: [&str; 8] =
    ["run", "--quiet", "--locked", "-p", "vacancy-server", "--bin", "vacancy", "openapi"];

/// Before the first snapshot exists there is no contract to keep.
pub(crate) fn compare(root: &Path) -> Result<(), String> {
    let path = root.join(SNAPSHOT);
    if !path.exists() {
        println!("openapi: {SNAPSHOT} does not exist, nothing to compare");
        return Ok(());
    }
    let kept = std::fs::read_to_string(&path).map_err(|e| format!("read {SNAPSHOT}: {e}"))?;
    match first_difference(&kept, &said(root)?) {
        None => Ok(()),
        Some((line, kept, said)) => Err(format!(
            "{SNAPSHOT}:{line}: the binary says otherwise\n  kept: {kept}\n  says: {said}\n\
             If the change of the contract is meant: cargo xtask openapi --write"
        )),
    }
}

pub(crate) fn write(root: &Path) -> Result<(), String> {
    let path = root.join(SNAPSHOT);
    let said = said(root)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|e| format!("make the folder of {SNAPSHOT}: {e}"))?;
    }
    std::fs::write(&path, said).map_err(|e| format!("write {SNAPSHOT}: {e}"))
}

/// The document with one line feed at its end, however the binary prints it.
fn said(root: &Path) -> Result<String, String> {
    let bytes = workspace::output(root, &workspace::cargo(), &SAY)?;
    let text = String::from_utf8(bytes).map_err(|e| format!("read the OpenAPI document: {e}"))?;
    serde_json::from_str::<serde_json::Value>(&text)
        .map_err(|e| format!("read the OpenAPI document: {e}"))?;
    Ok(format!("{}\n", text.trim_end()))
}

fn first_difference(kept: &str, said: &str) -> Option<(usize, String, String)> {
    if kept == said {
        return None;
    }
    let (mut kept_lines, mut said_lines) = (kept.lines(), said.lines());
    let mut line = 1;
    loop {
        match (kept_lines.next(), said_lines.next()) {
            (Some(kept), Some(said)) if kept == said => line += 1,
            (None, None) => {
                let ends = "(the ends of the lines differ)".to_owned();
                return Some((line, ends.clone(), ends));
            }
            (kept, said) => {
                let text = |line: Option<&str>| line.unwrap_or("(the end)").trim().to_owned();
                return Some((line, text(kept), text(said)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kept: &str, said: &str, expected: Option<(usize, &str, &str)>) {
        let found = first_difference(kept, said);
        let found = found.as_ref().map(|(line, kept, said)| (*line, kept.as_str(), said.as_str()));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_same_document_passes() {
        check("{\n}\n", "{\n}\n", None);
    }

    #[test]
    fn the_first_line_that_differs_is_shown() {
        check("{\n  a\n}\n", "{\n  b\n}\n", Some((2, "a", "b")));
        check("{\n", "{\n}\n", Some((2, "(the end)", "}")));
        check("{\n}\n", "{\n", Some((2, "}", "(the end)")));
        check(
            "{",
            "{\n",
            Some((2, "(the ends of the lines differ)", "(the ends of the lines differ)")),
        );
    }
}
