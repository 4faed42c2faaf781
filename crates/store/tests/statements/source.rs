//! The crate's source as text: where statements are made and which functions it offers. Comments
//! and unit tests are left out.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Something with a name in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Below `src`: `holds/load.rs`.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// Of the constant or function that it is or stands in.
    pub(crate) name: String,
    pub(crate) is_method: bool,
}

impl Place {
    /// As the compiler names the file.
    pub(crate) fn path(&self) -> String {
        format!("crates/store/src/{}", self.file)
    }

    /// The module whose functions stand in this file.
    pub(crate) fn module(&self) -> &str {
        let path = self.file.trim_end_matches(".rs").trim_end_matches("/mod");
        path.rsplit('/').next().unwrap_or(path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{} {}", self.file, self.line, self.name)
    }
}

const MAKERS: [&str; 8] = [
    "Sql::new(",
    "Sql::locking(",
    "Sql::forked(",
    "Bulk::insert(",
    "Bulk::update(",
    "Bulk::delete(",
    "Bulk::select(",
    "Bulk::forked(",
];

/// Every place where the text of a statement is made.
pub(crate) fn statements() -> Vec<Place> {
    let mut found = Vec::new();
    walk(|file, number, line, name| {
        let is_testing = file.starts_with("testing");
        if !is_testing && MAKERS.iter().any(|maker| line.contains(maker)) {
            found.push(Place {
                file: file.to_owned(),
                line: number,
                name: name.to_owned(),
                is_method: false,
            });
        }
    });
    found
}

/// Every function that reaches a store and that others may call.
pub(crate) fn functions() -> Vec<Place> {
    let mut found = Vec::new();
    walk(|file, number, line, name| {
        let inner = file.starts_with("testing") || file == "sql/tx.rs";
        if !inner && line.trim_start().starts_with("pub async fn ") {
            let is_method = line.starts_with(' ');
            let (file, name) = (file.to_owned(), name.to_owned());
            found.push(Place { file, line: number, name, is_method });
        }
    });
    found
}

/// All tests of all crates beside their source.
pub(crate) fn tests_text() -> String {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for entry in fs::read_dir(crates).unwrap() {
        for file in files_under(&entry.unwrap().path().join("tests")) {
            text.push_str(&fs::read_to_string(file).unwrap());
        }
    }
    text
}

/// Gives every line of product source with its number and the name it stands under.
fn walk(mut each: impl FnMut(&str, u32, &str, &str)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files_under(&root) {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut name = String::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line == "#[cfg(test)]" {
                break;
            }
            if line.trim_start().starts_with("//") {
                continue;
            }
            if let Some(found) = named(line) {
                name = found;
            }
            each(&file, number, line, &name);
        }
    }
}

/// The name that a line gives to what follows.
fn named(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let mut word = words.next()?;
    while word.starts_with("pub") || word == "async" {
        word = words.next()?;
    }
    if word == "const" && line.contains("const fn") {
        word = words.next()?;
    }
    if !["const", "static", "fn"].contains(&word) {
        return None;
    }
    let name = words.next()?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    Some(name[..end].to_owned())
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
