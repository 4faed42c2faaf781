//! How every Rust file of ours looks: its length, its first line, nothing unfinished, honest tests.
//!
//! It must not depend on which crate a file belongs to; those rules are in `borders`.

use super::source::{Source, has_word};
use crate::violation::Violation;

const FILE_LINES_MAX: usize = 500;

/// Marks of work left for later. An issue can be found and closed, a comment cannot. In a string
/// they are data: the third is the currency code of no currency.
pub(super) const UNFINISHED: [&str; 3] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

const UNFINISHED_MACROS: [&str; 2] = [concat!("to", "do!"), concat!("unimple", "mented!")];
const IGNORE: &str = concat!("#[ign", "ore");
const SLEEPS: [&str; 3] = ["sleep", "sleep_until", "sleep_ms"];

pub(super) fn check(source: &Source<'_>) -> Vec<Violation> {
    let mut found = vec![];
    let mut broken = |line: usize, rule: String| {
        found.push(Violation::new(source.path, line, rule));
    };
    let lines_count = source.text.lines().count();
    if FILE_LINES_MAX < lines_count {
        broken(0, format!("{lines_count} lines, at most {FILE_LINES_MAX}"));
    }
    if !source.text.starts_with("//!") {
        broken(1, "the first line says with //! what the file is for".to_owned());
    }
    for (number, line) in source.numbered() {
        for mark in UNFINISHED {
            if has_word(&line.code, mark) || has_word(&line.comment, mark) {
                broken(number, format!("{mark}: finish it or open an issue"));
            }
        }
        for name in UNFINISHED_MACROS {
            if line.code.contains(name) {
                broken(number, format!("{name} is unfinished work"));
            }
        }
        if line.code.contains(IGNORE) {
            broken(number, "a test runs or does not exist: no ignored tests".to_owned());
        }
        if line.in_test && SLEEPS.iter().any(|name| calls(&line.code, name)) {
            broken(number, "a test waits for an event, never for a time: no sleep".to_owned());
        }
    }
    found
}

fn calls(code: &str, function: &str) -> bool {
    code.match_indices('(').any(|(at, _)| {
        let before = code[..at].trim_end();
        let name_at =
            before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |found| found + 1);
        before.get(name_at..) == Some(function)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn broken(path: &str, text: &str) -> Vec<usize> {
        check(&Source::read(path, text)).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn a_file_has_at_most_500_lines() {
        let longest = format!("//! x\n{}", "\n".repeat(499));
        assert_eq!(broken("a.rs", &longest), NONE);
        assert_eq!(broken("a.rs", &format!("{longest}\n")), [0]);
    }

    #[test]
    fn a_file_opens_with_its_purpose() {
        assert_eq!(broken("a.rs", "//! Holds.\nfn a() {}"), NONE);
        assert_eq!(broken("a.rs", "// Holds.\nfn a() {}"), [1]);
        assert_eq!(broken("a.rs", "fn a() {}\n//! Holds."), [1]);
        assert_eq!(broken("a.rs", ""), [1]);
    }

    #[test]
    fn no_mark_is_left_for_later() {
        for mark in UNFINISHED {
            assert_eq!(broken("a.rs", &format!("//! x\n// {mark}: later")), [2]);
            assert_eq!(broken("a.rs", &format!("//! x\n/* a\n {mark} */")), [3]);
            // A text that the program prints or reads is data.
            assert_eq!(broken("a.rs", &format!("//! x\nlet a = \"{mark}\";")), NONE);
            assert_eq!(broken("a.rs", &format!("//! x\n// a{mark}")), NONE);
        }
    }

    #[test]
    fn no_macro_stands_in_for_work() {
        for name in UNFINISHED_MACROS {
            assert_eq!(broken("a.rs", &format!("//! x\nfn a() {{ {name}() }}")), [2]);
            assert_eq!(broken("a.rs", &format!("//! x\n// never {name}()")), NONE);
        }
    }

    #[test]
    fn no_test_is_ignored() {
        assert_eq!(broken("a.rs", &format!("//! x\n{IGNORE}]\nfn a() {{}}")), [2]);
        assert_eq!(broken("a.rs", &format!("//! x\n{IGNORE} = \"slow\"]\nfn a() {{}}")), [2]);
        assert_eq!(broken("a.rs", &format!("//! x\n// {IGNORE}]")), NONE);
    }

    #[test]
    fn no_test_sleeps() {
        for call in ["thread::sleep(", "tokio::time::sleep (", "time.sleep_until(", "sleep("] {
            let product = format!("//! x\nfn a() {{\n    {call}d)\n}}");
            assert_eq!(broken("src/a.rs", &product), NONE);
            assert_eq!(broken("tests/a.rs", &product), NONE);
            assert_eq!(broken("crates/app/tests/a.rs", &product), [3]);
            let unit = format!("//! x\n#[test]\nfn a() {{\n    {call}d)\n}}");
            assert_eq!(broken("src/a.rs", &unit), [4]);
        }
        assert_eq!(broken("crates/app/tests/a.rs", "//! x\nguests_asleep();"), NONE);
        assert_eq!(broken("crates/app/tests/a.rs", "//! x\nfn the_sleeper(a: u8) {}"), NONE);
    }
}
