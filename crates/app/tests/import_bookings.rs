//! Goal: the plan and the report of a booking history are right, and do not merely agree with
//! themselves.
//! Method: a script in another language, written from the rules alone, computes the same figures;
//! both must be equal to the cent, on the real history and on made-up ones full of contradictions.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it must be"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

mod real_data;

use serde_json::Value;
use vacancy_app::import::bookings::options::Rooms;
use vacancy_app::import::bookings::report::{Outcomes, Report};
use vacancy_app::import::bookings::{plan, read, row};

/// What the report knows that the script has no say in: the options, and what was answered.
const OURS_ALONE: [&str; 9] = [
    "failed_steps",
    "hotel",
    "overbook_bp",
    "pools",
    "refused",
    "taken",
    "turned_away",
    "unanswered",
    "unreadable",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares report and script on the CSV at `path`; `rooms` as in `all=187`, or none for ample.
fn check(path: &Path, rooms: Option<i64>) {
    let mut script = Command::new("python3");
    script.arg(repository().join("tests/oracle/bookings_oracle.py")).arg(path);
    if let Some(rooms) = rooms {
        script.args(["--rooms", &rooms.to_string()]);
    }
    let answer = script.output().expect("run python3, which the comparison needs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let theirs: Value = serde_json::from_slice(&answer.stdout).unwrap();

    let history = read(path).unwrap();
    assert_eq!(history.unreadable, []);
    let rooms = rooms.map_or(Rooms::Ample, |rooms| Rooms::All { rooms });
    let plan = plan::build(&history, &rooms, 0).unwrap();
    let report = Report::new(&history, &plan, &Outcomes::all_taken(&history));
    let mut ours: Value = serde_json::from_str(&report.to_json()).unwrap();
    for name in OURS_ALONE {
        ours.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(ours, theirs);
}

/// Writes the unpacked form, so that the script needs no program beside Python.
fn unpack(packed: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("bookings.csv");
    let bytes = zstd::decode_all(std::fs::File::open(packed).unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn the_real_history_comes_to_what_the_independent_script_says() {
    let Some(packed) = real_data::find("hotel_bookings_resort.csv.zst") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = unpack(&packed, folder.path());
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

/// A multiplicative generator (Park and Miller): enough to shuffle, the same everywhere.
struct Dice(i64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 % bound
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[usize::try_from(self.below(i64::try_from(choices.len()).unwrap())).unwrap()]
    }
}

/// Rows with every end on every kind of day: before the booking, within the stay, after it.
fn make_up(seed: i64, row_count: usize) -> String {
    let mut dice = Dice(seed * 7919);
    let mut text = row::COLUMNS.join(",") + "\n";
    for _ in 0..row_count {
        let arrival = dice.below(400);
        let (weekend_nights, week_nights) = (dice.below(3), dice.below(9));
        let lead = dice.below(60);
        let status = dice.of(&["Check-Out", "Check-Out", "Check-Out", "Canceled", "No-Show"]);
        let nights = weekend_nights + week_nights;
        let moved = match dice.below(4) {
            0 => nights,
            1 => 0,
            2 => -lead,
            _ => dice.below(nights + 6) - 3,
        };
        let first: vacancy_domain::stays::Day = "2016-01-01".parse().unwrap();
        let arrival = first.plus(arrival);
        let civil = arrival.civil();
        let canceled = if dice.below(20) == 0 {
            dice.of(&["0", "1"])
        } else if status == "Check-Out" {
            "0"
        } else {
            "1"
        };
        let price = format!("{}{}", dice.of(&["", "", "", "", "-"]), dice.below(300));
        let decimals = dice.of(&["", ".5", ".07", ".005", ".995", ".0049", ".120"]);
        writeln!(
            text,
            "Made up,{canceled},{lead},{},{},{},{weekend_nights},{week_nights},{},{},{},{},{},{},{},{},{},{},{price}{decimals},{status},{}",
            civil.year(),
            civil.strftime("%B"),
            civil.day(),
            dice.below(4),
            dice.of(&["0", "1", "NA"]),
            dice.below(2),
            dice.of(&["BB", "Undefined"]),
            dice.of(&["PRT", "NULL", "CN"]),
            dice.of(&["Direct", "Undefined"]),
            dice.of(&["Direct", "TA/TO"]),
            dice.of(&["A", "B", "C"]),
            dice.of(&["240", "NULL"]),
            dice.of(&["NULL", ""]),
            arrival.plus(moved),
        )
        .unwrap();
    }
    text
}
