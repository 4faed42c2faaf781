//! What may stand in which crate: SQL, drivers, time, maps without order, re-exports.
//!
//! Dependencies are judged by `layers`; these rules look at the words inside the files.

use super::source::{Source, has_word};
use crate::violation::Violation;

/// Where a statement may be written. The baseline of the bench is the usual way of booking, with
/// its own SQL, and is measured against ours.
const SQL_FOLDERS: [&str; 2] = ["crates/store/", "bench/src/baseline"];

const DRIVERS: [&str; 5] =
    ["rusqlite", "tokio_postgres", "deadpool", "deadpool_postgres", "libsqlite3_sys"];

/// Where a driver may be named; behind them an engine is a detail of the store.
const DRIVER_FOLDERS: [&str; 5] = [
    "crates/store/src/sql/",
    "crates/store/src/migrate",
    "crates/store/src/testing",
    "crates/store/tests/",
    "bench/src/baseline",
];

/// Words that would make a decision depend on more than its arguments.
const NOT_IN_DOMAIN: [(&str, &str); 9] = [
    ("HashMap", "its order differs from run to run; use BTreeMap"),
    ("HashSet", "its order differs from run to run; use BTreeSet"),
    ("async", "domain decides and never waits"),
    ("await", "domain decides and never waits"),
    ("SystemTime", "the time is an argument"),
    ("Instant", "the time is an argument"),
    ("f32", "money and stock are whole numbers"),
    ("f64", "money and stock are whole numbers"),
    ("std::time", "the time is an argument"),
];

pub(super) fn check(source: &Source<'_>) -> Vec<Violation> {
    let mut found = sql(source);
    found.extend(drivers(source));
    if source.path.starts_with("crates/domain/src/") {
        found.extend(domain(source));
    }
    found.extend(re_exports(source));
    found
}

fn sql(source: &Source<'_>) -> Vec<Violation> {
    if is_under(source.path, &SQL_FOLDERS) {
        return vec![];
    }
    let statements = source.strings.iter().filter(|string| is_statement(&string.text));
    statements
        .map(|string| Violation::new(source.path, string.line, "SQL only in crates/store"))
        .collect()
}

/// A text that begins as a statement of SQL does, in capitals as we write it.
fn is_statement(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    let [first, second, rest @ ..] = words.as_slice() else { return false };
    match *first {
        "SELECT" => true,
        "INSERT" => ["INTO", "OR"].contains(second),
        "DELETE" => *second == "FROM",
        "UPDATE" => rest.first() == Some(&"SET"),
        "WITH" => rest.first() == Some(&"AS"),
        "CREATE" | "DROP" | "ALTER" => ["TABLE", "INDEX"].contains(second),
        _ => false,
    }
}

fn drivers(source: &Source<'_>) -> Vec<Violation> {
    if is_under(source.path, &DRIVER_FOLDERS) {
        return vec![];
    }
    let mut found = vec![];
    for (number, line) in source.numbered() {
        for driver in DRIVERS.iter().filter(|driver| has_word(&line.code, driver)) {
            let rule = format!("{driver} is named only in store's sql and migrate");
            found.push(Violation::new(source.path, number, rule));
        }
    }
    found
}

fn domain(source: &Source<'_>) -> Vec<Violation> {
    let mut found = vec![];
    for (number, line) in source.numbered() {
        for (word, why) in NOT_IN_DOMAIN.iter().filter(|(word, _)| has_word(&line.code, word)) {
            found.push(Violation::new(source.path, number, format!("no {word} in domain: {why}")));
        }
    }
    found
}

/// `pub use vacancy_store::Db` would let a crate name a store it may not depend on.
fn re_exports(source: &Source<'_>) -> Vec<Violation> {
    let mut found = vec![];
    let mut statement: Option<usize> = None;
    for (number, line) in source.numbered() {
        let code = line.code.trim_start();
        if code.starts_with("pub use ") || code.starts_with("pub extern crate ") {
            statement = Some(number);
        }
        if let Some(start) = statement {
            if names_our_crate(code) {
                found.push(Violation::new(source.path, start, "no re-export between our crates"));
                statement = None;
            } else if code.contains(';') {
                statement = None;
            }
        }
    }
    found
}

fn names_our_crate(code: &str) -> bool {
    code.match_indices("vacancy_").any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn is_under(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "crates/app/src/holds.rs";
    const DOMAIN: &str = "crates/domain/src/holds.rs";

    const NONE: [usize; 0] = [];

    fn broken(path: &str, text: &str) -> Vec<usize> {
        check(&Source::read(path, text)).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn sql_stands_only_in_the_store() {
        let statements = [
            concat!("SEL", "ECT 1"),
            concat!("INS", "ERT INTO hold VALUES (1)"),
            concat!("UPD", "ATE hold SET state = 1"),
            concat!("DEL", "ETE FROM hold"),
            concat!("WI", "TH old AS (x)"),
        ];
        for statement in statements {
            for text in [
                format!("\n\"{statement}\""),
                format!("\nf(r#\"{statement}\"#)"),
                format!("\nf(\"\\\n    {statement}\")"),
                format!("\n\"\n  {statement}\""),
            ] {
                assert_eq!(broken(APP, &text), [2], "{text}");
                assert_eq!(broken("crates/store/src/holds.rs", &text), NONE);
                assert_eq!(broken("bench/src/baseline.rs", &text), NONE);
                assert_eq!(broken("bench/src/main.rs", &text), [2]);
            }
            assert_eq!(broken(APP, &format!("// {statement}")), NONE);
        }
    }

    #[test]
    fn plain_words_are_no_sql() {
        for text in ["SELECT", "Select a room", "UPDATE ME", "DELETE", "WITH breakfast", ""] {
            assert_eq!(broken(APP, &format!("f(\"{text}\")")), NONE, "{text}");
        }
    }

    #[test]
    fn drivers_stay_behind_the_seam() {
        for driver in DRIVERS {
            let text = format!("use {driver}::Client;");
            assert_eq!(broken(APP, &text), [1]);
            assert_eq!(broken("crates/store/src/holds.rs", &text), [1]);
            assert_eq!(broken("crates/store/src/sql/lite.rs", &text), NONE);
            assert_eq!(broken("crates/store/src/migrate.rs", &text), NONE);
            assert_eq!(broken("crates/store/src/testing/mod.rs", &text), NONE);
            assert_eq!(broken(APP, &format!("// {driver} does this\nlet my_{driver} = 1;")), NONE);
        }
    }

    #[test]
    fn domain_depends_on_its_arguments_only() {
        for text in [
            "use std::collections::HashMap;",
            "let a: HashSet<u8> = b;",
            "async fn a() {}",
            "a.await;",
            "use std::time::Duration;",
            "let a = Instant::now();",
            "SystemTime::now()",
            "let a: f64 = b;",
            "let a = b as f32;",
        ] {
            assert_eq!(broken(DOMAIN, text).first(), Some(&1), "{text}");
            assert_eq!(broken(APP, text), NONE, "{text}");
            assert_eq!(broken(DOMAIN, &format!("// {text}")), NONE);
        }
        assert_eq!(broken(DOMAIN, "let a: BTreeMap<Day, Cell> = instantly(b);"), NONE);
    }

    #[test]
    fn no_crate_of_ours_passes_another_on() {
        assert_eq!(broken(APP, "pub use vacancy_store::Db;"), [1]);
        assert_eq!(broken(APP, "    pub use ::vacancy_store as store;"), [1]);
        assert_eq!(broken(APP, "pub use {\n    std::fmt,\n    vacancy_store::Db,\n};"), [1]);
        assert_eq!(broken(APP, "use vacancy_store::Db;\npub use std::fmt;"), NONE);
        assert_eq!(broken(APP, "pub use self::holds::Hold;\nuse vacancy_store::Db;"), NONE);
        assert_eq!(broken(APP, "pub(crate) use vacancy_store::Db;"), NONE);
    }
}
