//! Rules about several files together: the clippy settings and the two migration folders.
//!
//! It must not look inside Rust files.

use std::collections::BTreeMap;
use std::path::Path;

use crate::violation::Violation;

const MIGRATIONS: &str = "crates/store/migrations";
const ENGINES: [&str; 2] = ["sqlite", "postgres"];
const LINTS: &str = "clippy.toml";

pub(super) fn check(root: &Path, paths: &[String]) -> Result<Vec<Violation>, String> {
    let mut found = migrations(paths);
    let shared = read_toml(root, LINTS)?;
    for path in paths.iter().filter(|path| path.ends_with(&format!("/{LINTS}"))) {
        found.extend(lint_settings(path, &shared, &read_toml(root, path)?));
        found.extend(misplaced(path, paths));
    }
    Ok(found)
}

/// A crate's own clippy.toml replaces the shared one, so it must repeat what that one says.
fn lint_settings(path: &str, shared: &toml::Table, own: &toml::Table) -> Vec<Violation> {
    let mut found = vec![];
    for (key, wanted) in shared {
        let kept = match (wanted, own.get(key)) {
            (toml::Value::Array(wanted), Some(toml::Value::Array(own))) => {
                wanted.iter().all(|entry| own.contains(entry))
            }
            (wanted, Some(own)) => wanted == own,
            (_, None) => false,
        };
        if !kept {
            let rule = format!("{key} must repeat what the shared {LINTS} says");
            found.push(Violation::new(path, 0, rule));
        }
    }
    found
}

/// Clippy reads the settings beside the manifest and nowhere else.
fn misplaced(path: &str, paths: &[String]) -> Option<Violation> {
    let manifest = path.replace(LINTS, "Cargo.toml");
    let beside = paths.contains(&manifest);
    (!beside).then(|| Violation::new(path, 0, format!("no Cargo.toml beside this {LINTS}")))
}

/// Both engines have the same history: every number once in each folder.
fn migrations(paths: &[String]) -> Vec<Violation> {
    let mut found = vec![];
    let mut numbers: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for engine in ENGINES {
        let folder = format!("{MIGRATIONS}/{engine}/");
        for path in paths.iter().filter(|path| path.starts_with(&folder)) {
            match migration_number(&path[folder.len()..]) {
                Some(number) => numbers.entry(number).or_default().push(engine),
                None => found.push(Violation::new(path, 0, "a migration is V<number>__<name>.sql")),
            }
        }
    }
    for (number, engines) in numbers {
        if engines != ENGINES {
            let rule = format!("V{number} must be once in each folder, is in: {engines:?}");
            found.push(Violation::new(MIGRATIONS, 0, rule));
        }
    }
    found
}

fn migration_number(name: &str) -> Option<u32> {
    let (number, rest) = name.strip_prefix('V')?.split_once("__")?;
    let word = rest.strip_suffix(".sql")?;
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { number.parse().ok() } else { None }
}

fn read_toml(root: &Path, path: &str) -> Result<toml::Table, String> {
    let text = std::fs::read_to_string(root.join(path)).map_err(|e| format!("read {path}: {e}"))?;
    text.parse().map_err(|e| format!("read {path}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lints(shared: &str, own: &str) -> Vec<String> {
        let shared = shared.parse().expect("a table of the test");
        let own = own.parse().expect("a table of the test");
        let found = lint_settings("crates/domain/clippy.toml", &shared, &own);
        found.into_iter().map(|violation| violation.rule).collect()
    }

    fn histories(files: &[&str]) -> usize {
        let paths: Vec<String> = files.iter().map(|file| format!("{MIGRATIONS}/{file}")).collect();
        migrations(&paths).len()
    }

    #[test]
    fn own_lint_settings_repeat_the_shared_ones() {
        let shared = "lines = 70\nbanned = [{ path = \"a\" }, { path = \"b\" }]";
        assert_eq!(lints(shared, shared), [""; 0]);
        let more =
            "lines = 70\nbanned = [{ path = \"c\" }, { path = \"b\" }, { path = \"a\" }]\nx = 1";
        assert_eq!(lints(shared, more), [""; 0]);
        assert_eq!(lints(shared, "lines = 70").len(), 1);
        assert_eq!(lints(shared, "lines = 70\nbanned = [{ path = \"a\" }]").len(), 1);
        assert_eq!(lints(shared, &shared.replace("70", "71")).len(), 1);
        assert_eq!(lints(shared, "").len(), 2);
    }

    #[test]
    fn lint_settings_stand_beside_a_manifest() {
        let paths = ["crates/domain/Cargo.toml".to_owned()];
        assert_eq!(misplaced("crates/domain/clippy.toml", &paths), None);
        assert!(misplaced("crates/domain/src/clippy.toml", &paths).is_some());
    }

    #[test]
    fn both_engines_have_the_same_migrations() {
        assert_eq!(histories(&[]), 0);
        assert_eq!(histories(&["sqlite/V1__core.sql", "postgres/V1__core.sql"]), 0);
        assert_eq!(histories(&["sqlite/V1__core.sql"]), 1);
        assert_eq!(histories(&["sqlite/V1__core.sql", "postgres/V2__core.sql"]), 2);
        let twice = ["sqlite/V1__a.sql", "sqlite/V1__b.sql", "postgres/V1__a.sql"];
        assert_eq!(histories(&twice), 1);
    }

    #[test]
    fn a_migration_has_a_number_and_a_name() {
        assert_eq!(migration_number("V12__guest_names.sql"), Some(12));
        for name in ["V1_core.sql", "1__core.sql", "V__core.sql", "V1__.sql", "V1__core.txt"] {
            assert_eq!(migration_number(name), None, "{name}");
        }
    }
}
