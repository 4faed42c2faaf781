//! `cargo xtask layers`: each crate names only what `crates/layers.toml` allows, and the arrow
//! between our crates points one way.
//!
//! The arrow is written here and not in the table, so that a line in the table cannot turn it.
//! Development dependencies do not count: a test may use what it likes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::violation::{Violation, report};
use crate::workspace::{self, Package};

const TABLE: &str = "crates/layers.toml";

/// How far up a crate of ours stands. It may name what stands strictly below.
const ARROW: [(&str, u8); 11] = [
    ("vacancy-domain", 0),
    ("vacancy-store", 1),
    ("vacancy-search", 1),
    ("vacancy-connect", 1),
    ("vacancy-documents", 1),
    ("vacancy-app", 2),
    ("vacancy-server", 3),
    // Not shipped: they see app and below.
    ("vacancy-sim", 3),
    ("vacancy-bench", 3),
    ("vacancy-chaos", 3),
    ("vacancy-xtask", 0),
];

/// The table: a reason for every name.
#[derive(Deserialize)]
struct Table {
    /// What every crate may name that says `common = true`.
    common: BTreeMap<String, String>,
    #[serde(rename = "crate")]
    crates: BTreeMap<String, Allowed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    common: bool,
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
}

pub(crate) fn run(root: &Path) -> Result<(), String> {
    let text =
        std::fs::read_to_string(root.join(TABLE)).map_err(|e| format!("read {TABLE}: {e}"))?;
    let members = workspace::members(root)?;
    println!("layers: {} crates read", members.len());
    report("layers", check(&text, &members)?)
}

fn check(table: &str, members: &[Package]) -> Result<Vec<Violation>, String> {
    let table: Table = toml::from_str(table).map_err(|e| format!("read {TABLE}: {e}"))?;
    let mut found = vec![];
    for member in members {
        let named: BTreeSet<&str> = member
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
            .map(|dependency| dependency.name.as_str())
            .collect();
        found.extend(arrow(&member.name, &named));
        match table.crates.get(&member.name) {
            Some(allowed) => found.extend(compare(&table, &member.name, allowed, &named)),
            None => found.push(broken(format!("{} has no entry", member.name))),
        }
    }
    let known = |name: &String| members.iter().any(|member| member.name == *name);
    for gone in table.crates.keys().filter(|name| !known(name)) {
        found.push(broken(format!("{gone} is not in the workspace")));
    }
    Ok(found)
}

fn compare(
    table: &Table,
    member: &str,
    allowed: &Allowed,
    named: &BTreeSet<&str>,
) -> Vec<Violation> {
    let mut found = vec![];
    for name in named {
        let common = allowed.common && table.common.contains_key(*name);
        if !common && !allowed.dependencies.contains_key(*name) {
            found.push(broken(format!("{member} may not name {name}")));
        }
    }
    for (name, reason) in &allowed.dependencies {
        if !named.contains(name.as_str()) {
            found.push(broken(format!("{member} no longer names {name}: remove the line")));
        }
        if reason.trim().is_empty() {
            found.push(broken(format!("{member} names {name} without a reason")));
        }
    }
    found
}

fn arrow(member: &str, named: &BTreeSet<&str>) -> Vec<Violation> {
    let Some(own) = height(member) else {
        return vec![broken(format!("{member} has no place on the arrow of xtask/src/layers.rs"))];
    };
    let ours = named.iter().filter(|name| name.starts_with("vacancy-"));
    ours.filter(|name| height(name).is_none_or(|other| own <= other))
        .map(|name| broken(format!("{member} names {name}, which is not below it")))
        .collect()
}

fn height(name: &str) -> Option<u8> {
    ARROW.iter().find(|(known, _)| *known == name).map(|(_, height)| *height)
}

fn broken(rule: String) -> Violation {
    Violation::new(TABLE, 0, rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    const SMALL: &str = r#"
        [common]
        serde = "wire forms"
        [crate.vacancy-domain]
        common = false
        dependencies = { jiff = "time zones" }
        [crate.vacancy-store]
        common = true
        dependencies = { vacancy-domain = "types" }
    "#;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies.iter().map(|(name, kind)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        });
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            dependencies: dependencies.collect(),
        }
    }

    fn rules(domain: &[(&str, Option<&str>)], store: &[(&str, Option<&str>)]) -> Vec<String> {
        let members = [package("vacancy-domain", domain), package("vacancy-store", store)];
        let found = check(SMALL, &members).expect("the table of the test");
        found.into_iter().map(|violation| violation.rule).collect()
    }

    const JIFF: (&str, Option<&str>) = ("jiff", None);
    const DOMAIN: (&str, Option<&str>) = ("vacancy-domain", None);

    #[test]
    fn the_tree_keeps_to_its_table() {
        assert_eq!(run(&workspace::root().expect("a root")), Ok(()));
    }

    #[test]
    fn what_is_allowed_passes() {
        assert_eq!(rules(&[JIFF], &[DOMAIN]), [""; 0]);
        assert_eq!(rules(&[JIFF], &[DOMAIN, ("serde", None)]), [""; 0]);
    }

    #[test]
    fn tests_may_name_anything() {
        assert_eq!(rules(&[JIFF, ("proptest", Some("dev"))], &[DOMAIN]), [""; 0]);
    }

    #[test]
    fn what_is_not_listed_is_refused() {
        assert_eq!(rules(&[JIFF], &[DOMAIN, ("rand", None)]), ["vacancy-store may not name rand"]);
        let build = [JIFF, ("cc", Some("build"))];
        assert_eq!(rules(&build, &[DOMAIN]), ["vacancy-domain may not name cc"]);
    }

    #[test]
    fn the_common_list_is_not_for_domain() {
        let found = rules(&[JIFF, ("serde", None)], &[DOMAIN]);
        assert_eq!(found, ["vacancy-domain may not name serde"]);
    }

    #[test]
    fn a_line_nobody_needs_is_removed() {
        assert_eq!(rules(&[], &[DOMAIN]), ["vacancy-domain no longer names jiff: remove the line"]);
    }

    #[test]
    fn a_reason_is_given_for_every_name() {
        let table = SMALL.replace("time zones", " ");
        let members = [package("vacancy-domain", &[JIFF]), package("vacancy-store", &[DOMAIN])];
        assert_eq!(check(&table, &members).expect("the table of the test").len(), 1);
    }

    #[test]
    fn every_crate_has_its_entry_and_every_entry_its_crate() {
        let found =
            check(SMALL, &[package("vacancy-domain", &[JIFF]), package("vacancy-app", &[])]);
        let rules: Vec<String> =
            found.expect("the table of the test").into_iter().map(|v| v.rule).collect();
        assert_eq!(rules, ["vacancy-app has no entry", "vacancy-store is not in the workspace"]);
    }

    #[test]
    fn the_arrow_points_one_way_whatever_the_table_says() {
        let up = |from: &str, to: &str| arrow(from, &BTreeSet::from([to])).len();
        assert_eq!(up("vacancy-server", "vacancy-app"), 0);
        assert_eq!(up("vacancy-app", "vacancy-store"), 0);
        assert_eq!(up("vacancy-app", "vacancy-server"), 1);
        assert_eq!(up("vacancy-domain", "vacancy-store"), 1);
        assert_eq!(up("vacancy-store", "vacancy-connect"), 1);
        assert_eq!(up("vacancy-sim", "vacancy-server"), 1);
        assert_eq!(up("vacancy-app", "vacancy-unknown"), 1);
        assert_eq!(up("vacancy-unknown", "serde"), 1);
    }
}
