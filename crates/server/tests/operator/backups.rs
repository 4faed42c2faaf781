//! Backup, restore, export.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use vacancy_store::sql::Engine;

use super::guests::Hotel;
use super::place::{Place, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_amid_bookings_has_all_that_was_answered_before_on_sqlite() {
    back_up_and_restore(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_amid_bookings_has_all_that_was_answered_before_on_postgres() {
    back_up_and_restore(Engine::Postgres).await;
}

async fn back_up_and_restore(engine: Engine) {
    let Some(place) = Place::open(engine).await else { return };
    let server = place.serve();
    let key = place.admin_key();
    let hotel = Arc::new(Hotel::build(&server.url, &key).await);
    let mut crowd = hotel.crowd();
    let before = crowd.answered(60).await;
    let file = place.file("backup");
    let place = tokio::task::spawn_blocking({
        let file = file.clone();
        move || {
            let told = place.well(&["backup", &file]);
            assert!(told.contains("everything that was answered before"), "{told}");
            place
        }
    });
    let place = place.await.unwrap();
    let after = crowd.stop().await;
    assert!(!after.is_empty(), "guests were answered meanwhile");
    check_file(&place, &file);

    let elsewhere = Place::empty(engine).await.unwrap();
    let told = elsewhere.well(&["restore", &file]);
    assert!(
        told.contains("its checksum is right") && told.contains("Everything agrees."),
        "{told}"
    );
    let there = reservations(&elsewhere);
    let lost: Vec<_> = before.iter().filter(|id| !there.contains(*id)).collect();
    assert!(lost.is_empty(), "answered before the backup began, and not in it: {lost:?}");
    let known: BTreeSet<String> = before.iter().chain(&after).cloned().collect();
    assert!(there.is_subset(&known), "everything in it was answered to somebody");

    // It is a store as any other: it serves, takes bookings, and knows its keys.
    let second = elsewhere.serve();
    let again = Hotel::build(&second.url, &key).await;
    assert!(again.book(1).await.is_some());
    drop((server, second));
    place.remove().await;
    elsewhere.remove().await;
}

/// One file that only its owner may read, with its checksum; not replaced by accident.
fn check_file(place: &Place, file: &str) {
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let sum = std::process::Command::new("sha256sum").arg(file).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let beside = std::fs::read_to_string(format!("{file}.sha256")).unwrap();
    assert_eq!(sum.split_whitespace().next(), beside.split_whitespace().next());
    place.refused(&["backup", file], "--force");
    place.well(&["backup", file, "--force"]);
}

fn reservations(place: &Place) -> BTreeSet<String> {
    let file = place.file("reservations.jsonl");
    place.well(&["export", &file, "--force"]);
    rows(file).iter().map(|row| row["reservation_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_on_sqlite_refuses_what_is_wrong_and_keeps_what_was_there() {
    let place = Place::open(Engine::Sqlite).await.unwrap();
    let server = place.serve();
    let hotel = Hotel::build(&server.url, &place.admin_key()).await;
    let first = hotel.book(1).await.unwrap();
    let file = place.file("backup");
    place.well(&["backup", &file]);
    let second = hotel.book(2).await.unwrap();
    place.refused(&["restore", &file], "stop it first");
    drop(server);

    let whole = std::fs::read(&file).unwrap();
    let mut broken = whole.clone();
    broken[whole.len() / 2] ^= 1;
    std::fs::write(&file, &broken).unwrap();
    place.refused(&["restore", &file], "is not what was backed up");
    std::fs::write(place.file("text"), "a text").unwrap();
    place.refused(&["restore", &place.file("text")], "check the copy");
    place.refused(&["restore", &place.file("nothing")], "No such file");
    assert_eq!(reservations(&place), [first.clone(), second.clone()].into(), "nothing happened");

    std::fs::write(&file, &whole).unwrap();
    let told = place.well(&["restore", &file]);
    assert_eq!(reservations(&place), [first.clone()].into());
    let aside = told.lines().find_map(|line| line.split_once("is kept as ")).unwrap().1;
    let aside = aside.trim_end_matches('.').to_owned();
    // What was there can be put back as it was put away.
    let told = place.well(&["restore", &aside]);
    assert!(told.contains("there is no checksum beside it"), "{told}");
    assert_eq!(reservations(&place), [first, second].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_on_postgres_wants_an_empty_database() {
    let Some(place) = Place::open(Engine::Postgres).await else { return };
    let file = place.file("backup");
    place.well(&["backup", &file]);
    place.refused(&["restore", &file], "restore into a new one");
    place.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_exported_beside_a_running_server_and_are_no_formulas() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::open(engine).await else { continue };
        let server = place.serve();
        let hotel = Hotel::build(&server.url, &place.admin_key()).await;
        for number in 0..3 {
            hotel.book(number).await.unwrap();
        }
        for (what, rows_count, column) in [
            ("reservations", 3, "guest_name"),
            ("ledger", 3, "line_id"),
            ("payments", 0, ""),
            ("disputes", 0, ""),
            ("guests", 3, "guest_name"),
        ] {
            let (sheet, lines) = (place.file("table.csv"), place.file("table.jsonl"));
            place.well(&["export", "--what", what, &sheet, "--force"]);
            place.well(&["export", "--what", what, &lines, "--force"]);
            let text = std::fs::read_to_string(&sheet).unwrap();
            assert_eq!(text.lines().count(), 1 + rows_count, "{what}: {text}");
            assert!(text.lines().next().unwrap().contains(column));
            assert!(!text.contains(",=Ana") && !text.contains("\"=Ana"), "{text}");
            assert_eq!(text.matches("'=Ana Sousa").count() > 0, column == "guest_name", "{text}");
            assert_eq!(rows(&lines).len(), rows_count);
            assert!(
                rows(&lines)
                    .iter()
                    .all(|row| column != "guest_name" || row[column] == "=Ana Sousa")
            );
        }
        let none = "00000000-0000-0000-0000-000000000001";
        let told = place.well(&["export", "--hotel", none, &place.file("none.csv")]);
        assert!(told.contains("0 rows"), "{told}");
        place.refused(&["export", &place.file("table.xls")], ".csv or .jsonl");
        place.refused(&["export", &place.file("table.csv")], "--force");
        drop(server);
        place.remove().await;
    }
}
