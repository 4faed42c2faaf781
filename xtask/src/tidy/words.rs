//! Words that must not be in any text file: paths of one machine, names of a workplace, marks of
//! unfinished work.
//!
//! The words are kept in two pieces, so that no file of the project holds one, this one included.

use super::shape::UNFINISHED;
use super::source::has_word;
use crate::violation::Violation;

/// Folders that exist on one machine only.
const MACHINE_FOLDERS: [(&str, &str); 5] =
    [("/wo", "rk/"), ("/fa", "rm/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/")];

const WORKPLACE_WORDS: [(&str, &str); 3] = [("farm-", "bench"), ("farm-", "studio"), ("CE", "O")];

/// Calls that switch a browser test off or make it wait for a time.
const DISHONEST_TESTS: [(&str, &str); 3] =
    [(".sk", "ip("), (".on", "ly("), ("waitFor", "Timeout(")];

/// Files in which a mark of unfinished work is a word to find; Rust is judged by its comments and
/// code in `shape`, and prose may speak about the marks.
const MARKED_ENDINGS: [&str; 11] =
    ["toml", "sh", "sql", "html", "css", "js", "mjs", "ts", "tsx", "py", "yml"];

pub(super) fn check(path: &str, text: &str) -> Vec<Violation> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let marked = MARKED_ENDINGS.contains(&ending) || path.ends_with("Makefile");
    let mut found = vec![];
    for (index, line) in text.lines().enumerate() {
        let mut broken = |rule: String| found.push(Violation::new(path, index + 1, rule));
        for folder in MACHINE_FOLDERS.map(join).iter().filter(|folder| is_path(line, folder)) {
            broken(format!("{folder} is a folder of one machine"));
        }
        for word in WORKPLACE_WORDS.map(join).iter().filter(|word| has_word(line, word)) {
            broken(format!("{word} is a word of a workplace, not of the project"));
        }
        for mark in UNFINISHED.iter().filter(|mark| marked && has_word(line, mark)) {
            broken(format!("{mark}: finish it or open an issue"));
        }
        if path.starts_with("e2e/") {
            for call in DISHONEST_TESTS.map(join).iter().filter(|call| line.contains(*call)) {
                broken(format!("{call}…) makes a test dishonest"));
            }
        }
    }
    found
}

fn join((head, tail): (&str, &str)) -> String {
    format!("{head}{tail}")
}

/// Whether a path begins with `folder` here: `frame/…/` and `host.example/…/` do not count.
fn is_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_.-}{$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn broken(path: &str, text: &str) -> Vec<usize> {
        check(path, text).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn no_file_names_a_folder_of_one_machine() {
        for folder in MACHINE_FOLDERS.map(join) {
            for text in
                [format!("{folder}main"), format!("a\nsee `{folder}x`"), format!("\"{folder}")]
            {
                assert_eq!(broken("README.md", &text), [text.lines().count()], "{text}");
            }
            for text in [format!("frame{folder}x"), format!("https://host.example{folder}x")] {
                assert_eq!(broken("README.md", &text), NONE, "{text}");
            }
            assert_eq!(broken("README.md", &format!("..{folder}x")), NONE);
        }
    }

    #[test]
    fn no_file_names_a_workplace() {
        for word in WORKPLACE_WORDS.map(join) {
            assert_eq!(broken("docs/a.md", &format!("\nsaid the {word}.")), [2]);
            assert_eq!(broken("docs/a.md", &format!("x{word}x")), NONE);
        }
    }

    #[test]
    fn marks_of_unfinished_work_are_found_outside_rust_too() {
        for mark in UNFINISHED {
            let text = format!("\n# {mark}: later");
            assert_eq!(broken("scripts/a.sh", &text), [2]);
            assert_eq!(broken("Makefile", &text), [2]);
            assert_eq!(broken("crates/store/migrations/sqlite/V1__a.sql", &text), [2]);
            assert_eq!(broken("CONTRIBUTING.md", &text), NONE);
            assert_eq!(broken("scripts/a.sh", &format!("mktemp a{mark}")), NONE);
        }
    }

    #[test]
    fn a_browser_test_is_never_switched_off() {
        for call in DISHONEST_TESTS.map(join) {
            assert_eq!(broken("e2e/journey.mjs", &format!("test{call}1)")), [1]);
            assert_eq!(broken("crates/app/src/a.rs", &format!("iter{call}1)")), NONE);
        }
    }
}
