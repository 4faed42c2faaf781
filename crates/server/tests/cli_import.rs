//! Goal: the import commands do what they say from a folder with nothing in it, say what is wrong
//! before they begin, and print for programs what they are asked to.
//! Method: the binary itself, on small files.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::{Command, Output};

const HOTELS: &str = "\
id,name,lat,lon,city,country,stars,rooms,brand,kind,timezone,source,licence,as_of,dup_of
a,Casa A,42.5,1.5,La Massana,AD,3,12,,hotel,Europe/Andorra,osm,ODbL-1.0,2026-01,
b,Casa A bis,42.5,1.5,La Massana,AD,,,,hotel,Europe/Andorra,osm,ODbL-1.0,2026-01,a
c,7,42.6,1.5,Ordino,AD,3,12,,hotel,Europe/Andorra,osm,ODbL-1.0,2026-01,
";

const HISTORY_HEAD: &str = "hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,\
arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,\
country,market_segment,distribution_channel,reserved_room_type,agent,company,adr,\
reservation_status,reservation_status_date";

/// Two guests for the same two nights, the second of whom leaves a night early.
fn history() -> String {
    let row = |lead: i64, left: &str| {
        format!(
            "Resort,0,{lead},2016,March,10,0,2,2,0,0,BB,PRT,Direct,Direct,A,NULL,NULL,80.5,\
             Check-Out,2016-03-{left}"
        )
    };
    format!("{HISTORY_HEAD}\n{}\n{}\n", row(3, "12"), row(1, "11"))
}

/// Runs `vacancy import …` on a store in `folder`.
fn import(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vacancy"));
    command.arg("import").args(arguments).arg("--data").arg(folder.join("data"));
    command.current_dir(folder).output().unwrap()
}

/// The exit code and a part of what was said.
fn check(folder: &Path, arguments: &[&str], code: i32, said: &str) -> String {
    let output = import(folder, arguments);
    let (out, err) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {out}{err}");
    assert!(format!("{out}{err}").contains(said), "{arguments:?}: {out}{err}");
    out
}

#[test]
fn each_row_of_a_list_has_its_fate_beside_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("hotels.csv"), HOTELS).unwrap();
    let list = ["hotels", "hotels.csv", "--sample-rates"];
    check(folder, &list, 0, "3 rows: 1 taken, 0 already there, 1 merged, 1 refused");
    let fates = std::fs::read_to_string(folder.join("hotels.result.csv")).unwrap();
    assert_eq!(
        fates,
        "line,id,fate,reason,into\n2,a,taken,,\n3,b,merged,dup_of,a\n\
         4,c,refused,name_without_letter: 7,\n"
    );
    check(folder, &list, 0, "3 rows: 0 taken, 1 already there, 1 merged, 1 refused");
}

#[test]
fn a_history_is_replayed_told_and_proved() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("history.csv"), history()).unwrap();
    let replay = ["bookings", "history.csv", "--as-of-each-day"];
    check(folder, &replay, 0, "verify: everything agrees: 2 reservations");
    let with = |more: &[&'static str]| [&replay[..], more].concat();
    let out = check(folder, &with(&["--json", "--report", "report.json"]), 0, "everything agrees");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["total"]["room_nights"], 3);
    assert_eq!(report["total"]["revenue_minor"], 3 * 8_050);
    assert_eq!(std::fs::read_to_string(folder.join("report.json")).unwrap(), out);
    let table = check(folder, &with(&["--rooms", "all=1"]), 0, "overbooks");
    assert_eq!(table.lines().filter(|line| line.contains(" % ")).count(), 4);
}

#[test]
fn a_learned_table_is_read_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows: String = (0..7).map(|weekday| format!("{weekday},0,0,11000\n")).collect();
    let table = format!("weekday,leadDaysFrom,fillBpFrom,factorBp\n{rows}");
    std::fs::write(folder.join("table.csv"), &table).unwrap();
    std::fs::write(folder.join("hole.csv"), table.replace("3,0,0,11000\n", "")).unwrap();
    let nobody = "00000000-0000-0000-0000-000000000001";
    let of = |file: &'static str| ["prices", file, "--hotel", nobody];
    check(folder, &of("hole.csv"), 1, "must name every weekday");
    check(folder, &of("none.csv"), 1, "open none.csv: No such file");
    check(folder, &["prices", "table.csv", "--hotel", "7"], 2, "is no id of a hotel");
    assert!(!folder.join("data").exists(), "a store was made for nothing");
    std::fs::write(folder.join("hotels.csv"), HOTELS).unwrap();
    check(folder, &["hotels", "hotels.csv"], 0, "1 taken");
    check(folder, &of("table.csv"), 1, "");
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("history.csv"), history()).unwrap();
    let history = ["bookings", "history.csv", "--as-of-each-day"];
    let with = |more: &[&'static str]| [&history[..], more].concat();
    check(folder, &["bookings", "history.csv"], 2, "--as-of-each-day");
    check(folder, &with(&["--rooms", "all=many"]), 2, "needs a whole number");
    check(folder, &with(&["--overbook-bp", "2%"]), 2, "is not a whole number");
    check(folder, &with(&["--rooms", "B=4"]), 1, "A (2 bookings)");
    check(folder, &with(&["--report", "history.csv"]), 1, "that is the file being imported");
    check(folder, &["hotels", "nothing.csv"], 1, "open nothing.csv: No such file");
    check(folder, &["hotels", "history.csv"], 1, "the column id is missing");
    assert!(!folder.join("data").exists(), "a store was made for nothing");
}
