//! Goal: every SQL text of the crate is prepared and run on both engines, none of them reads a
//! whole table where an index should lead, and every public function is called by a test.
//! Method: two stores are filled with some hundred thousand rows; then every function of the store
//! is called while `sql::watch` notes each statement, where its text was made and how the engine
//! plans to run it. The source is searched for the places where texts are made: a place that the
//! watch has not seen on both engines fails. So a new statement needs a call under `calls`, and
//! nobody keeps a list. Plans are judged in `plans`, with a reason for each scan that may be.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod fill;
mod plans;
mod run;
mod source;

use std::collections::BTreeSet;

use vacancy_store::sql::Engine;
use vacancy_store::sql::watch::Seen;

use run::seen;
use source::{Place, functions, statements, tests_text};

/// Texts that no call can reach, and who prepares them.
const ELSEWHERE: [(&str, &str, &str); 4] = [
    ("migrate.rs", "INFO_TABLE", "run by the driver at every migration"),
    ("migrate.rs", "INFO_WRITE", "run by the driver at every migration"),
    ("holds/load.rs", "READ_POOLS", "run by the desk's tests without a guard"),
    ("events/mod.rs", "FOLLOW_BY_NUMBER", "run by the simulator without a guard"),
];

/// One test, since filling the stores is most of its work.
#[test]
fn every_statement_runs_and_is_planned_as_it_should_be() {
    let Some(seen) = seen() else { return };
    every_statement_runs_on_both_engines(&seen);
    no_statement_reads_a_whole_table(&seen);
    every_index_leads_a_statement(&seen);
    a_list_of_reservations_walks_an_index_in_its_order_or_sorts_a_few(&seen);
}

fn is_elsewhere(place: &Place) -> bool {
    ELSEWHERE.iter().any(|(file, name, _)| *file == place.file && *name == place.name)
}

fn every_statement_runs_on_both_engines(seen: &[Seen]) {
    let made = statements();
    assert!(150 < made.len(), "the search finds the statements, {} of them", made.len());
    let mut missing = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let ran: BTreeSet<(&str, u32)> = seen
            .iter()
            .filter(|statement| statement.engine == engine)
            .map(|statement| (statement.file, statement.line))
            .collect();
        let of_engine = made.iter().filter(|place| !is_elsewhere(place));
        let unseen = of_engine.filter(|place| !ran.contains(&(place.path().as_str(), place.line)));
        missing.extend(unseen.map(|place| format!("{engine:?}: {place}")));
    }
    assert!(missing.is_empty(), "no call under tests/statements runs these:\n{}", lines(&missing));
}

#[test]
fn texts_that_run_elsewhere_are_still_there() {
    let made = statements();
    for (file, name, why) in ELSEWHERE {
        let is_there = made.iter().any(|place| place.file == file && place.name == name);
        assert!(is_there, "{file} {name}: {why}");
    }
}

fn no_statement_reads_a_whole_table(seen: &[Seen]) {
    let (wrong, unused) = plans::judge(seen, &statements());
    assert!(wrong.is_empty(), "{} plans read too much:\n{}", wrong.len(), lines(&wrong));
    assert!(unused.is_empty(), "these reasons excuse nothing:\n{}", lines(&unused));
}

/// An index that leads no statement costs every write an entry for nothing.
fn every_index_leads_a_statement(seen: &[Seen]) {
    let plans: Vec<&str> =
        seen.iter().flat_map(|statement| &statement.plan).map(String::as_str).collect();
    let names = indexes();
    assert!(15 < names.len(), "the search finds the indexes, {} of them", names.len());
    let leads = |index: &&String| {
        plans.iter().any(|line| {
            line.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| word == **index)
        })
    };
    let idle: Vec<String> = names.iter().filter(|index| !leads(index)).cloned().collect();
    assert!(idle.is_empty(), "no plan names these:\n{}", lines(&idle));
}

/// The indexes that the migrations leave behind, besides those of keys.
fn indexes() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for line in text.lines() {
            let words: Vec<&str> = line.split([' ', ';']).collect();
            match words.as_slice() {
                ["CREATE", "INDEX", name, ..] => names.insert((*name).to_owned()),
                ["DROP", "INDEX", name, ..] => names.remove(*name),
                _ => false,
            };
        }
    }
    names
}

fn a_list_of_reservations_walks_an_index_in_its_order_or_sorts_a_few(seen: &[Seen]) {
    let lists = seen.iter().filter(|list| list.text.contains("t.business = $1 AND t.id < $2"));
    let in_order = "SEARCH t USING INDEX reservation_by_business (business=? AND id<?)";
    let mut walks = 0;
    for list in lists {
        let is_walk = match list.engine {
            Engine::Sqlite => list.plan == [in_order],
            Engine::Postgres => list.plan[1].contains("Index Scan Backward"),
        };
        let sorted = list.plan.iter().find(|line| line.contains("Sort  ("));
        let is_short = sorted.is_some_and(|line| plans::rows(line) < 500);
        assert!(is_walk || is_short, "neither:\n{}", lines(&list.plan));
        walks += i64::from(is_walk);
    }
    assert!(4 <= walks, "most lists walk, {walks} of them");
}

#[test]
fn every_public_function_is_called_by_a_test() {
    let tests = tests_text();
    let made = functions();
    assert!(90 < made.len(), "the search finds the functions, {} of them", made.len());
    let is_called = |function: &&Place| {
        let module = function.module();
        let names = [format!("{module}::{}(", function.name), format!(".{}(", function.name)];
        let inside = format!("Db::{}(", function.name);
        tests.contains(&names[0])
            || (function.is_method && (tests.contains(&names[1]) || tests.contains(&inside)))
    };
    let missing: Vec<String> =
        made.iter().filter(|function| !is_called(function)).map(ToString::to_string).collect();
    assert!(missing.is_empty(), "no test calls these:\n{}", lines(&missing));
}

fn lines(of: &[String]) -> String {
    of.join("\n")
}
