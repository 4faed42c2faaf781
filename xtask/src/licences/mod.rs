//! `cargo xtask licences`: every package of the lock file can be used under a licence we accept.
//!
//! It reads the lock file for all platforms and needs no list from the network. It must not make
//! exceptions for single packages: a package that fails is not used.

mod spdx;

use std::path::Path;

use crate::violation::{Violation, report};
use crate::workspace::{self, Package};

/// Licences that allow what MIT and Apache-2.0 allow our users, as long as their text is kept.
/// MPL-2.0 asks for changes to its own files only.
const ACCEPTED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

pub(crate) fn run(root: &Path) -> Result<(), String> {
    let packages = workspace::lock_file_packages(root)?;
    println!("licences: {} packages read", packages.len());
    report("licences", packages.iter().filter_map(check).collect())
}

fn check(package: &Package) -> Option<Violation> {
    let rule = match package.license.as_deref() {
        None => "states no licence".to_owned(),
        Some(expression) => match spdx::is_satisfied(expression, &ACCEPTED) {
            Ok(true) => return None,
            Ok(false) => format!("{expression} is not accepted"),
            Err(why) => format!("{expression} cannot be read: {why}"),
        },
    };
    let rule = format!("{} {}: {rule}", package.name, package.version);
    Some(Violation::new("Cargo.lock", 0, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(license: Option<&str>) -> Option<String> {
        let package = Package {
            name: "leaf".to_owned(),
            version: "1.2.3".to_owned(),
            license: license.map(str::to_owned),
            dependencies: vec![],
        };
        check(&package).map(|violation| violation.rule)
    }

    #[test]
    fn an_accepted_licence_passes() {
        assert_eq!(rule(Some("MIT OR Apache-2.0")), None);
        assert_eq!(rule(Some("(MIT OR Apache-2.0) AND Unicode-3.0")), None);
        assert_eq!(rule(Some("MIT OR Apache-2.0 OR LGPL-2.1-or-later")), None);
    }

    #[test]
    fn what_we_cannot_accept_is_named() {
        assert_eq!(rule(None).as_deref(), Some("leaf 1.2.3: states no licence"));
        assert_eq!(rule(Some("AGPL-3.0")).as_deref(), Some("leaf 1.2.3: AGPL-3.0 is not accepted"));
        assert!(rule(Some("MIT AND GPL-2.0-only")).is_some());
        assert!(rule(Some("MIT AND")).is_some_and(|rule| rule.contains("cannot be read")));
    }
}
