//! Goal: what a history's rows mean, the order of their replay, and the figures it comes to.
//! Method: rows in short form, and the answer as text. Only the `check_…` functions call the API.

use vacancy_domain::stays::Day;

use super::options::Rooms;
use super::plan::{self, PlanFault, Step};
use super::report::{Outcomes, Report};
use super::*;

const GOOD: [(&str, &str); 21] = [
    ("hotel", "Resort"),
    ("is_canceled", "0"),
    ("lead_time", "10"),
    ("arrival_date_year", "2016"),
    ("arrival_date_month", "March"),
    ("arrival_date_day_of_month", "30"),
    ("stays_in_weekend_nights", "1"),
    ("stays_in_week_nights", "2"),
    ("adults", "2"),
    ("children", "0"),
    ("babies", "0"),
    ("meal", "BB"),
    ("country", "PRT"),
    ("market_segment", "Direct"),
    ("distribution_channel", "Direct"),
    ("reserved_room_type", "A"),
    ("agent", "NULL"),
    ("company", "NULL"),
    ("adr", "80.5"),
    ("reservation_status", "Check-Out"),
    ("reservation_status_date", "2016-04-02"),
];

/// A good row with some columns changed.
fn row(changes: &[(&str, &str)]) -> Row {
    let mut fields: Vec<String> = Vec::new();
    for column in row::COLUMNS {
        let all = changes.iter().chain(&GOOD);
        let (_, value) = all.into_iter().find(|(name, _)| *name == column).expect("a column");
        fields.push((*value).to_owned());
    }
    Row { line: 2, fields: Ok(fields) }
}

fn check_row(changes: &[(&str, &str)], expected: &str) {
    let history = collect(&[row(changes)]);
    let repairs: Vec<_> = history.repairs.keys().map(|repair| repair.code()).collect();
    let seen = match (history.stays.first(), history.unreadable.first()) {
        (Some(booking), _) => format!(
            "booked {} stay {} end {:?} price {} adults {} {}",
            booking.booking_day,
            booking.stay,
            booking.end,
            booking.adr_minor,
            booking.adults,
            repairs.join(" ")
        ),
        (None, Some(unreadable)) => format!("unreadable {}", unreadable.why.code()),
        (None, None) => format!("{:?} {}", history.day_use, repairs.join(" ")),
    };
    assert_eq!(seen.trim_end(), expected, "{changes:?}");
}

/// The end that a status and its day come to.
fn check_end(status: &str, day: &str, expected: &str) {
    let flag = if status == "Check-Out" { "0" } else { "1" };
    let history = collect(&[row(&[
        ("is_canceled", flag),
        ("reservation_status", status),
        ("reservation_status_date", day),
    ])]);
    let end = match history.stays[0].end {
        End::CheckedOut { day } => format!("left {day}"),
        End::Canceled { day } => format!("canceled {day}"),
        End::NoShow => "no-show".to_owned(),
    };
    let repairs: String =
        history.repairs.keys().map(|repair| format!(" {}", repair.code())).collect();
    assert_eq!(end + &repairs, expected, "{status} {day}");
}

#[test]
fn a_row_says_when_it_was_booked_for_which_nights_and_at_what_price() {
    check_row(
        &[],
        "booked 2016-03-20 stay 2016-03-30..2016-04-02 end CheckedOut { day: Day(16893) } \
         price 8050 adults 2",
    );
}

#[test]
fn gaps_are_repaired_by_stated_rules() {
    let stay = "booked 2016-03-20 stay 2016-03-30..2016-04-02 end CheckedOut { day: Day(16893) }";
    for (column, value, rest) in [
        ("adr", "-6.38", "price 0 adults 2 price_negative"),
        ("adr", "80.505", "price 8051 adults 2 price_rounded"),
        ("adults", "0", "price 8050 adults 1 no_adult"),
        ("children", "NA", "price 8050 adults 2 children_unknown"),
        ("is_canceled", "1", "price 8050 adults 2 canceled_flag_disagrees"),
    ] {
        check_row(&[(column, value)], &format!("{stay} {rest}"));
    }
}

#[test]
fn the_day_of_the_end_is_moved_into_the_stay() {
    check_end("Check-Out", "2016-04-02", "left 2016-04-02");
    check_end("Check-Out", "2016-03-31", "left 2016-03-31");
    check_end("Check-Out", "2016-03-30", "left 2016-03-30");
    check_end("Check-Out", "2016-03-29", "left 2016-03-30 left_before_arrival");
    check_end("Check-Out", "2016-04-03", "left 2016-04-02 left_after_departure");
    check_end("Canceled", "2016-03-20", "canceled 2016-03-20");
    check_end("Canceled", "2016-03-30", "canceled 2016-03-30");
    check_end("Canceled", "2016-03-19", "canceled 2016-03-20 canceled_before_booked");
    check_end("Canceled", "2016-03-31", "canceled 2016-03-30 canceled_after_arrival");
    check_end("No-Show", "2016-03-30", "no-show");
    check_end("No-Show", "2016-03-28", "no-show no_show_moved");
}

#[test]
fn rows_without_a_night_are_day_use() {
    let none = [("stays_in_weekend_nights", "0"), ("stays_in_week_nights", "0")];
    check_row(
        &[none[0], none[1], ("reservation_status_date", "2016-03-30"), ("adults", "0")],
        "DayUse { checked_out: 1, canceled: 0, no_show: 0 } no_adult",
    );
}

#[test]
fn what_cannot_be_read_is_named_by_its_column() {
    for (column, values) in [
        ("lead_time", ["-1", "", "4000"]),
        ("stays_in_week_nights", ["400", "366", "two"]),
        ("adults", ["NULL", "-2", "9999999999999999999999"]),
        ("children", ["x", "-1", "1001"]),
        ("adr", ["", "1e3", "NULL"]),
        ("reservation_status", ["", "check-out", "Paid"]),
        ("reservation_status_date", ["", "2016-02-30", "01/07/2016"]),
        ("reserved_room_type", ["", "NULL", "Undefined"]),
        ("hotel", ["", "NULL", "NA"]),
    ] {
        for value in values {
            check_row(&[(column, value)], &format!("unreadable {column}"));
        }
    }
    for (column, value) in [
        ("arrival_date_month", "march"),
        ("arrival_date_day_of_month", "32"),
        ("arrival_date_year", "99999"),
        ("arrival_date_year", "-5"),
    ] {
        check_row(&[(column, value)], "unreadable arrival_date");
    }
}

#[test]
fn a_row_of_another_hotel_is_left_out() {
    let history = collect(&[row(&[]), row(&[("hotel", "City")])]);
    assert_eq!((history.stays.len(), history.unreadable[0].why.code()), (1, "another_hotel"));
}

/// Rows as (lead, arrival day in March 2016, nights, status, status day in March).
fn history_of(rows: &[(&str, &str, &str, &str, &str)]) -> History {
    let rows: Vec<Row> = rows
        .iter()
        .map(|(lead, arrival, nights, status, day)| {
            row(&[
                ("is_canceled", if *status == "Check-Out" { "0" } else { "1" }),
                ("lead_time", lead),
                ("arrival_date_day_of_month", arrival),
                ("stays_in_weekend_nights", "0"),
                ("stays_in_week_nights", nights),
                ("reservation_status", status),
                ("reservation_status_date", &format!("2016-03-{day}")),
            ])
        })
        .collect();
    collect(&rows)
}

#[test]
fn a_day_runs_in_its_stated_order() {
    let history = history_of(&[
        ("0", "10", "2", "No-Show", "10"),
        ("0", "10", "2", "Check-Out", "10"),
        ("0", "10", "2", "Check-Out", "12"),
        ("3", "10", "2", "Canceled", "10"),
        ("0", "10", "2", "Canceled", "10"),
        ("5", "8", "3", "Check-Out", "10"),
    ]);
    let plan = plan::build(&history, &Rooms::Ample, 0).expect("a plan");
    let day: Day = "2016-03-10".parse().expect("a day");
    let tenth = plan.days.iter().find(|plan| plan.day == day).expect("steps on the 10th");
    assert_eq!(
        tenth.steps,
        [
            Step::Cancel { stay: 3 },
            Step::Book { stay: 0 },
            Step::Book { stay: 1 },
            Step::Book { stay: 2 },
            Step::Book { stay: 4 },
            Step::Cancel { stay: 4 },
            Step::CheckOut { stay: 5, nights_returned: 1 },
            Step::CheckIn { stay: 1 },
            Step::CheckIn { stay: 2 },
            Step::CheckOut { stay: 1, nights_returned: 2 },
            Step::NoShow { stay: 0 },
        ]
    );
    assert!(plan.days.is_sorted_by_key(|plan| plan.day));
}

#[test]
fn ample_rooms_are_as_many_as_the_books_ever_needed() {
    let history = history_of(&[
        ("9", "10", "2", "Canceled", "05"),
        ("9", "11", "2", "Check-Out", "13"),
        ("1", "10", "2", "Check-Out", "12"),
    ]);
    let plan = plan::build(&history, &Rooms::Ample, 0).expect("a plan");
    assert_eq!(plan.rooms(), 2);
}

#[test]
fn a_room_type_without_rooms_is_named_before_anything_runs() {
    let history = history_of(&[("9", "10", "2", "Canceled", "05")]);
    let fault = plan::build(&history, &"B=4".parse().expect("rooms"), 0).expect_err("no type A");
    assert_eq!(
        fault.to_string(),
        "rooms: give a number for these types of the file too: A (1 bookings)"
    );
    let empty = plan::build(&history_of(&[]), &Rooms::Ample, 0);
    assert_eq!(empty, Err(PlanFault::NothingToReplay));
}

#[test]
fn months_count_nights_stayed_and_ratios_round_half_up_once() {
    // Two nights in March and one in April at 80.50; one refused; one left early.
    let mut history = collect(&[row(&[])]);
    history.stays.extend(
        history_of(&[("9", "10", "2", "Check-Out", "12"), ("9", "10", "3", "Check-Out", "11")])
            .stays,
    );
    let plan = plan::build(&history, &"all=2".parse().expect("rooms"), 500).expect("a plan");
    let mut outcomes = Outcomes::all_taken(&history);
    outcomes.refused(1, "sold_out");
    let report = Report::new(&history, &plan, &outcomes);
    let months: Vec<String> = report
        .months
        .iter()
        .map(|month| {
            let figures = month.figures;
            format!(
                "{} {} of {}: {} bp, {} adr {} revpar {}",
                month.month,
                figures.room_nights,
                figures.rooms_available,
                figures.occupancy_bp,
                figures.revenue_minor,
                figures.adr_minor,
                figures.revpar_minor
            )
        })
        .collect();
    assert_eq!(
        months,
        [
            "2016-03 3 of 62: 484 bp, 24150 adr 8050 revpar 390",
            "2016-04 1 of 60: 167 bp, 8050 adr 8050 revpar 134"
        ]
    );
    assert_eq!((report.taken, report.refused["sold_out"]), (2, 1));
    assert_eq!((report.turned_away.bookings, report.turned_away.room_nights), (1, 2));
}

#[test]
fn nights_over_capacity_are_counted_for_a_time_and_at_the_end() {
    let history = history_of(&[
        ("9", "10", "2", "Check-Out", "12"),
        ("9", "10", "1", "Check-Out", "11"),
        ("9", "11", "1", "Canceled", "05"),
    ]);
    let plan = plan::build(&history, &"all=1".parse().expect("rooms"), 0).expect("a plan");
    let over = Report::new(&history, &plan, &Outcomes::all_taken(&history)).over_capacity;
    assert_eq!((over.for_a_time, over.at_the_end, over.peak_rooms), (2, 1, 2));
}

#[test]
fn bookings_nobody_answered_show_up() {
    let history = history_of(&[("9", "10", "2", "Check-Out", "12")]);
    let plan = plan::build(&history, &Rooms::Ample, 0).expect("a plan");
    let report = Report::new(&history, &plan, &Outcomes::unanswered(&history));
    assert_eq!((report.unanswered, report.total.room_nights), (1, 0));
}
