//! Goal: the plan and the report of a booking history are right, and do not merely agree with
//! themselves; and a replay leaves in the store exactly what they say.
//! Method: a script in another language, written from the rules alone, computes the same figures;
//! both must be equal to the cent, on the real history and on made-up ones full of contradictions.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it must be"
)]

use std::collections::BTreeMap;
use std::path::Path;

mod histories;
mod real_data;

use histories::{by_report, by_script, make_up, unpack};
use vacancy_app::import::bookings::options::Rooms;
use vacancy_app::import::bookings::report::{Outcomes, Report};
use vacancy_app::import::bookings::{History, plan, read};
use vacancy_app::import::replay::{self, Replayed};
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::{on_both_engines, on_engine};

const BOOKINGS: &str = "hotel_bookings_resort.csv.zst";

/// Compares report and script on the CSV at `path`; `rooms` as in `all=187`, or none for ample.
fn check(path: &Path, rooms: Option<i64>) {
    let history = read(path).unwrap();
    assert_eq!(history.unreadable, []);
    let asked = rooms.map_or(Rooms::Ample, |rooms| Rooms::All { rooms });
    let plan = plan::build(&history, &asked, 0).unwrap();
    let report = Report::new(&history, &plan, &Outcomes::all_taken(&history));
    assert_eq!(by_report(&report), by_script(path, rooms));
}

/// Replays in a store; whatever the rooms, the store must hold what was answered, and prove it.
async fn replay(db: &Db, history: &History, rooms: &Rooms, overbook_bp: i64) -> Replayed {
    let plan = plan::build(history, rooms, overbook_bp).unwrap();
    let replayed = replay::run(db, history, &plan).await.unwrap();
    assert_eq!(replayed.differences, Vec::<String>::new());
    assert_eq!(replayed.verified.findings, []);
    assert!(replayed.is_right(), "{:?}", replayed.report);
    replayed
}

/// With ample rooms nobody is refused, and the store's figures are the script's.
async fn check_ample(db: &Db, path: &Path) {
    let history = read(path).unwrap();
    let Replayed { report, verified, .. } = replay(db, &history, &Rooms::Ample, 0).await;
    assert_eq!(report.refused, BTreeMap::new());
    assert_eq!(verified.looked.reservations_count, report.taken);
    assert_eq!(by_report(&report), by_script(path, None));
}

#[test]
fn the_real_history_comes_to_what_the_independent_script_says() {
    let Some(packed) = real_data::find(BOOKINGS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = unpack(&packed, folder.path(), usize::MAX);
    check(&path, None);
    check(&path, Some(187));
}

#[test]
fn made_up_histories_full_of_contradictions_come_to_the_same_in_both() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 1..=8 {
        let path = folder.path().join(format!("seed-{seed}.csv"));
        std::fs::write(&path, make_up(seed, 700)).unwrap();
        check(&path, None);
        check(&path, Some(9));
    }
}

#[test]
fn the_real_history_replayed_leaves_exactly_its_figures_in_sqlite() {
    let Some(packed) = real_data::find(BOOKINGS) else { return };
    on_engine(Engine::Sqlite, &Time::Engine, |db| {
        let packed = packed.clone();
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            check_ample(&db, &unpack(&packed, folder.path(), usize::MAX)).await;
        })
    });
}

#[test]
fn two_thousand_rows_replayed_leave_exactly_their_figures_in_postgres() {
    let Some(packed) = real_data::find(BOOKINGS) else { return };
    on_engine(Engine::Postgres, &Time::Engine, |db| {
        let packed = packed.clone();
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            check_ample(&db, &unpack(&packed, folder.path(), 2_000)).await;
        })
    });
}

#[test]
fn made_up_histories_replayed_leave_exactly_their_figures() {
    on_both_engines(|db| {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            for seed in 1..=2 {
                let path = folder.path().join(format!("seed-{seed}.csv"));
                std::fs::write(&path, make_up(seed, 300)).unwrap();
                check_ample(&db, &path).await;
            }
        })
    });
}

#[test]
fn a_full_house_refuses_what_it_cannot_keep_and_overbooks_as_far_as_it_was_told() {
    on_both_engines(|db| {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("history.csv");
            std::fs::write(&path, make_up(3, 300)).unwrap();
            let history = read(&path).unwrap();
            let mut taken_before = 0;
            // Five rooms, and 20 % more is one.
            for (overbook_bp, most_rooms) in [(0, 5), (1_999, 5), (2_000, 6)] {
                let rooms = Rooms::All { rooms: 5 };
                let Replayed { report, .. } = replay(&db, &history, &rooms, overbook_bp).await;
                let refused: Vec<&str> = report.refused.keys().map(String::as_str).collect();
                assert_eq!(refused, ["sold_out"]);
                assert_eq!(report.over_capacity.peak_rooms, most_rooms);
                assert_eq!(report.over_capacity.for_a_time == 0, most_rooms == 5);
                assert!(taken_before <= report.taken);
                taken_before = report.taken;
            }
        })
    });
}

#[test]
fn each_room_type_is_a_stock_of_its_own() {
    on_both_engines(|db| {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("history.csv");
            std::fs::write(&path, make_up(4, 120)).unwrap();
            let history = read(&path).unwrap();
            let rooms: Rooms = "A=200,B=0,C=200".parse().unwrap();
            let Replayed { report, .. } = replay(&db, &history, &rooms, 0).await;
            let of_b = history.stays.iter().filter(|booking| booking.room_type == "B").count();
            assert_eq!(report.refused["sold_out"], i64::try_from(of_b).unwrap());
        })
    });
}
