//! What a plan may not do: read a whole table, walk a whole index, or expect far more rows than a
//! page where they have to be sorted first. On SQLite the plan's words are judged; on PostgreSQL
//! also its estimate. General statements are judged as planned with the values of the call, which
//! is how a session runs them unless a plan for any values is as cheap; the desk's as its sessions
//! run them, with plans for any values.

use std::collections::{BTreeMap, BTreeSet};

use vacancy_store::sql::dialect::Fork;
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::watch::Seen;
use vacancy_store::sql::{Db, Engine};

use crate::source::Place;

/// More rows than this from one table are not read on the way to an answer.
const ROWS_MAX: i64 = 5_000;

/// And than this where the property alone leads.
const PROPERTY_ROWS_MAX: i64 = 200;

/// Tables of a few rows, whatever the size of the store.
const TINY: [&str; 5] = ["fence", "pragma_journal_mode", "schema_info", "secret", "sqlite_schema"];

/// Tables that grow with every booking of a property.
const GROWING: [&str; 10] = [
    "cell",
    "dispute",
    "hold",
    "ledger",
    "payment",
    "refund",
    "reservation",
    "reservation_history",
    "reservation_request",
    "room_night",
];

/// Statements that may do what others may not: file, name (any, when empty), reason.
const MAY: [(&str, &str, &str); 8] = [
    ("verify/", "", "a proof reads everything there is"),
    ("figures.rs", "", "a report adds up all bookings of a property"),
    ("vitals.rs", "OPEN_WORK", "what waits for people is little, and its index holds nothing else"),
    ("disputes.rs", "LIST", "the open ones are few, and their index holds nothing else"),
    ("access.rs", "COUNT_ROLE", "asked once, when a server starts"),
    ("events/mod.rs", "PURGE", "the oldest rows, up to its limit"),
    ("locations.rs", "BY_PART", "places are some thousands, and most searches find enough before"),
    ("reservations.rs", "list", "a part of a name may stand in any booking of a business"),
];

/// What is wrong with these plans, and reasons that nothing needed.
pub(crate) fn judge(seen: &[Seen], places: &[Place]) -> (Vec<String>, Vec<String>) {
    let names: BTreeMap<(String, u32), &Place> =
        places.iter().map(|place| ((place.path(), place.line), place)).collect();
    let (mut wrong, mut used) = (BTreeMap::new(), BTreeSet::new());
    for statement in seen {
        let Some(place) = names.get(&(statement.file.to_owned(), statement.line)) else { continue };
        let faults = match statement.engine {
            Engine::Sqlite => of_sqlite(&statement.plan, &statement.text),
            Engine::Postgres => of_postgres(&statement.plan),
        };
        if faults.is_empty() {
            continue;
        }
        let excuse = MAY.iter().position(|(file, name, _)| {
            place.file.starts_with(file) && (name.is_empty() || *name == place.name)
        });
        if let Some(number) = excuse {
            used.insert(number);
            continue;
        }
        let (head, faults) = (format!("{:?} {place}", statement.engine), faults.join("; "));
        let plan = statement.plan.join("\n    ");
        // One plan of a statement is enough to see what is wrong.
        wrong.entry(head).or_insert(format!("{faults}\n    {plan}\n    {}", statement.text));
    }
    let wrong = wrong.into_iter().map(|(head, told)| format!("{head}: {told}"));
    let unused = (0..MAY.len()).filter(|number| !used.contains(number));
    (wrong.collect(), unused.map(|number| format!("{:?}", MAY[number])).collect())
}

fn of_sqlite(plan: &[String], text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for line in plan {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[kind, alias, ..] = &words[..] else { continue };
        // What the statement made for itself is as small as what it read.
        let made = [format!("CO-ROUTINE {alias}"), format!("MATERIALIZE {alias}")];
        let is_made = alias == "CONSTANT"
            || alias.starts_with('(')
            || made.iter().any(|by| plan.contains(by));
        let table = table_of(alias, text);
        // From the one end of an index, up to the statement's limit.
        let is_page =
            line.contains(" INDEX ") && text.contains(" LIMIT ") && !text.contains(" WHERE ");
        if kind == "SCAN" && !is_page && !is_made && !TINY.contains(&table) {
            faults.push(format!("reads all of {table}"));
        } else if kind == "SEARCH" && line.contains("(property=?)") && GROWING.contains(&table) {
            faults.push(format!("reads all of a property's {table}"));
        }
    }
    faults
}

/// The table behind an alias.
fn table_of<'t>(alias: &'t str, text: &'t str) -> &'t str {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "(),".contains(c)).collect();
    let named = words.windows(3).find(|words| words[1] == "AS" && words[2] == alias);
    named.map_or(alias, |words| words[0])
}

fn of_postgres(plan: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let is_sorted = plan.iter().any(|line| line.contains("Sort") || line.contains("Aggregate"));
    let is_page = plan.iter().any(|line| line.contains("Limit")) && !is_sorted;
    for (at, line) in plan.iter().enumerate() {
        let Some((node, rest)) = line.split_once(" on ").filter(|(node, _)| node.contains("Scan"))
        else {
            continue;
        };
        let table = rest.split_whitespace().next().unwrap_or("");
        let below = || plan[at + 1..].iter().take_while(|below| !below.contains("->"));
        let says = |word: &str| below().any(|below| below.trim_start().starts_with(word));
        if TINY.contains(&table) {
            continue;
        } else if node.contains("Seq Scan") {
            faults.push(format!("reads all of {table}"));
        } else if node.contains("Index") && !says("Index Cond:") && (!is_page || says("Filter:")) {
            faults.push(format!("walks an index of {table} from end to end"));
        } else if !is_page
            && PROPERTY_ROWS_MAX < rows(line)
            && GROWING.contains(&table)
            && is_whole_property(&below().collect::<Vec<_>>())
        {
            faults.push(format!("reads all of a property's {table}"));
        } else if !is_page && ROWS_MAX < rows(line) {
            faults.push(format!("expects {} rows of {table}", rows(line)));
        }
    }
    faults
}

/// Whether the property alone leads the index.
fn is_whole_property(below: &[&String]) -> bool {
    let led =
        below.iter().find_map(|line| line.trim_start().strip_prefix("Index Cond: (property = "));
    led.is_some_and(|by| !by.contains(" AND "))
}

/// The planner's estimate in a line like `Index Scan … (cost=0.41..8.43 rows=1 width=57)`.
pub(crate) fn rows(line: &str) -> i64 {
    let number = line.split_once("rows=").map_or("", |(_, rest)| rest);
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().unwrap_or(0)
}

/// The desk's statements again, each with the plan that its session keeps for any values.
pub(crate) async fn generic_of_desk(db: &Db, seen: &[Seen]) -> Vec<Seen> {
    const PREPARED: Sql = Sql::forked(
        "SELECT '', '', 0",
        "SELECT name, statement, cardinality(parameter_types)::bigint FROM pg_prepared_statements \
         WHERE statement NOT LIKE 'EXPLAIN %'",
        Fork::Catalogue,
    );
    let read = db.write_desk(|tx| {
        Box::pin(async move {
            let mut plans = BTreeMap::new();
            for (name, text, count) in tx.query::<(String, String, i64)>(&PREPARED, &[]).await? {
                let values = vec!["NULL"; usize::try_from(count).unwrap()].join(", ");
                let values = if values.is_empty() { values } else { format!("({values})") };
                let explain = Sql::new(format!("EXPLAIN EXECUTE {name}{values}").leak());
                let lines: Vec<(String,)> = tx.query(&explain, &[]).await?;
                plans.insert(text, lines.into_iter().map(|(line,)| line).collect::<Vec<_>>());
            }
            Ok(plans)
        })
    });
    let plans = read.await.unwrap();
    let of_desk = seen.iter().filter(|statement| statement.engine == Engine::Postgres);
    of_desk
        .map(|statement| {
            let plan = plans.get(&statement.text).cloned();
            Seen { plan: plan.expect("the desk prepared what it ran"), ..statement.clone() }
        })
        .collect()
}
