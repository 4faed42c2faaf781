//! One broken rule, and how a check reports what it found.
//!
//! It must not know any rule: a check collects violations, this prints them.

use std::fmt;

/// Where a rule is broken and what the rule says. Line 0 is the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: String,
}

impl Violation {
    pub(crate) fn new(path: &str, line: usize, rule: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule: rule.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// Prints what was found; an empty list is a pass.
pub(crate) fn report(check: &str, mut found: Vec<Violation>) -> Result<(), String> {
    found.sort();
    for violation in &found {
        println!("{violation}");
    }
    match found.len() {
        0 => Ok(()),
        1 => Err(format!("{check}: 1 violation")),
        count => Err(format!("{check}: {count} violations")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_as_path_line_rule() {
        let violation = Violation::new("crates/app/src/lib.rs", 7, "no sleep in tests");
        assert_eq!(violation.to_string(), "crates/app/src/lib.rs:7: no sleep in tests");
    }

    #[test]
    fn only_an_empty_list_passes() {
        assert_eq!(report("tidy", vec![]), Ok(()));
        let one = Violation::new("a.rs", 1, "rule");
        assert_eq!(report("tidy", vec![one.clone()]), Err("tidy: 1 violation".to_owned()));
        assert_eq!(report("tidy", vec![one.clone(), one]), Err("tidy: 2 violations".to_owned()));
    }
}
