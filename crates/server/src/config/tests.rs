//! Goal: whoever speaks louder is heard, and a mistake names its key and its place.
//! Method: text in, one line out.

use std::io::Write;

use super::*;

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("write the file");
    file
}

#[track_caller]
fn check_fault(flags: &[(&str, &str)], env: &[(&str, &str)], text: &str, expected: &str) {
    let file = file(text);
    let told = load(&pairs(flags), &pairs(env), Some(file.path()));
    let told: Vec<String> =
        told.err().unwrap_or_default().iter().map(ConfigFault::to_string).collect();
    let path = file.path().display().to_string();
    let told: Vec<String> = told.iter().map(|line| line.replace(&path, "FILE")).collect();
    assert_eq!(told.join("\n"), expected);
}

#[test]
fn the_loudest_is_heard() {
    let file =
        file("listen = \"127.0.0.1:3\"\n[http]\ndrain_ms_max = 3\n[limits]\nloopback = true");
    let env = pairs(&[("VACANCY_LISTEN", "127.0.0.1:2"), ("VACANCY_HTTP_DRAIN_MS_MAX", "2")]);
    let flags = pairs(&[("listen", "127.0.0.1:1")]);
    let config = load(&flags, &env, Some(file.path())).expect("a configuration");
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.http.drain_ms_max, 2);
    assert!(config.limits.loopback);
    assert_eq!(config.http.body_bytes_max, 262_144);
    assert_eq!(config.database, Database::Sqlite("./data/vacancy.db".into()));
}

#[test]
fn an_empty_variable_says_nothing() {
    let config = load(&[], &pairs(&[("VACANCY_LISTEN", "")]), None).expect("a configuration");
    assert_eq!(config.listen.port(), 8080);
}

#[test]
fn a_mistake_names_its_key_and_its_place() {
    check_fault(
        &[],
        &[("VACANCY_LISTEN", "here")],
        "",
        "listen: must be an address and a port, as 127.0.0.1:8080; it is \"here\" \
         (from the environment, VACANCY_LISTEN)",
    );
    check_fault(
        &[],
        &[],
        "[http]\nbody_bytes_max = 1",
        "http.body_bytes_max: must be a whole number from 1024 to 67108864; it is \"1\" (from FILE)",
    );
    check_fault(
        &[],
        &[],
        "listn = \"127.0.0.1:1\"",
        "listn: no such setting; is listen meant? (from FILE)",
    );
    check_fault(
        &[],
        &[],
        "[http]\nlisten = [1]\n",
        "http.listen: no such setting; `vacancy config default` lists them (from FILE)",
    );
    check_fault(
        &[("workers", "-1")],
        &[],
        "[log]\nformat = \"xml\"",
        "workers: must be a whole number from 0 to 1024; it is \"-1\" (from the command line)\n\
         log.format: must be auto, human or json; it is \"xml\" (from FILE)",
    );
}

#[test]
fn a_broken_file_names_its_line() {
    check_fault(
        &[],
        &[],
        "listen = \"127.0.0.1:1\"\nworkers = = 2",
        "FILE: line 2: extra `=`, expected nothing (from FILE)",
    );
}

#[test]
fn a_password_is_never_shown() {
    let secret = "mysql://root:hunter2@host/db";
    check_fault(
        &[("database", secret)],
        &[],
        "",
        "database: must be postgres://user:password@host/name, or nothing for SQLite \
         (from the command line)",
    );
    let good = pairs(&[("database", "postgres://root:hunter2@host/db")]);
    let config = load(&good, &[], None).expect("a configuration");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_name_in_the_environment_that_nobody_reads_is_found() {
    let env = pairs(&[("VACANCY_LISTN", "x"), ("VACANCY_LISTEN", "y"), ("PATH", "z")]);
    assert_eq!(unknown_env_names(&env), ["VACANCY_LISTN"]);
}

#[test]
fn another_setting_is_another_fingerprint_and_a_password_is_not_in_it() {
    let of = |flags: &[(&str, &str)]| {
        let flags: Vec<(String, String)> =
            flags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        load(&flags, &[], None).expect("readable").fingerprint
    };
    assert_eq!(of(&[]), of(&[]));
    assert_ne!(of(&[]), of(&[("http.drain_ms_max", "5000")]));
    let on_postgres = of(&[("database", "postgres://a:one@host/x")]);
    assert_ne!(of(&[]), on_postgres);
    assert_eq!(on_postgres, of(&[("database", "postgres://a:two@host/x")]));
}
