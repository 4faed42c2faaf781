//! What tests of booking histories share: the independent script, histories to give it, and which
//! figures of a report it has a say in.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vacancy_app::import::bookings::report::Report;
use vacancy_app::import::bookings::row;

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

/// The figures of the CSV at `path` by the script; `rooms` as in `all=187`, or none for ample.
pub(crate) fn by_script(path: &Path, rooms: Option<i64>) -> Value {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut script = Command::new("python3");
    script.arg(repository.join("tests/oracle/bookings_oracle.py")).arg(path);
    if let Some(rooms) = rooms {
        script.args(["--rooms", &rooms.to_string()]);
    }
    let answer = script.output().expect("run python3, which the comparison needs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).unwrap()
}

/// The same figures as a report has them.
pub(crate) fn by_report(report: &Report) -> Value {
    let mut ours: Value = serde_json::from_str(&report.to_json()).unwrap();
    for name in OURS_ALONE {
        ours.as_object_mut().unwrap().remove(name);
    }
    ours
}

/// Writes the unpacked form, so that the script needs no program beside Python. Of the rows, at
/// most `rows_max` from the top.
pub(crate) fn unpack(packed: &Path, folder: &Path, rows_max: usize) -> PathBuf {
    let path = folder.join("bookings.csv");
    let bytes = zstd::decode_all(std::fs::File::open(packed).unwrap()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().take(rows_max.saturating_add(1)).collect();
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
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
pub(crate) fn make_up(seed: i64, row_count: usize) -> String {
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
