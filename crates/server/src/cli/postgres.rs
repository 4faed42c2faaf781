//! PostgreSQL's own programs, called with the right version and with the password out of sight.

use std::path::PathBuf;
use std::process::Command;

use vacancy_store::sql::postgres_environment;

use crate::serve::StartFault;

/// Where Debian keeps the programs of each version.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// A program of PostgreSQL, at least of the server's version, told by its environment where the
/// database is.
pub(super) fn program(name: &str, url: &str, server_major: u32) -> Result<Command, StartFault> {
    let path = find(name, server_major).ok_or_else(|| {
        StartFault::Setting(format!(
            "no {name} of PostgreSQL {server_major} or newer on PATH or in {DEBIAN_FOLDER}; \
             install postgresql-client-{server_major}"
        ))
    })?;
    let mut command = Command::new(path);
    command.envs(postgres_environment(url)?);
    Ok(command)
}

/// Runs it to its end; what it has to say goes to the terminal.
pub(super) fn run(mut command: Command) -> Result<(), StartFault> {
    let name = command.get_program().display().to_string();
    let ended =
        command.status().map_err(|error| StartFault::Setting(format!("start {name}: {error}")))?;
    if ended.success() {
        return Ok(());
    }
    Err(StartFault::Setting(format!("{name} did not succeed: {ended}")))
}

fn find(name: &str, server_major: u32) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> =
        std::env::split_paths(&on_path).map(|folder| folder.join(name)).collect();
    let versions = std::fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten();
    places.extend(versions.map(|version| version.path().join("bin").join(name)));
    places.into_iter().find(|path| major_of(path).is_some_and(|major| server_major <= major))
}

fn major_of(path: &std::path::Path) -> Option<u32> {
    let said = Command::new(path).arg("--version").output().ok()?;
    major_in(&String::from_utf8_lossy(&said.stdout))
}

/// `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, or a server's `15.14`.
pub(super) fn major_in(text: &str) -> Option<u32> {
    let number =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    number?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_tell_them() {
        assert_eq!(major_in("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major_in("17beta1"), Some(17));
        assert_eq!(major_in("nothing"), None);
    }
}
