//! The report of a replay as a person reads it in a terminal. Only lays out; counts nothing.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::report::{Figures, Report};

/// The whole report as plain text. Amounts are in the hotel's currency with two decimals.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    write_all(report, &mut text).expect("writing to a string never fails");
    text
}

/// One line for a table of several replays side by side, under [`OVERBOOKING_HEADER`].
#[must_use]
pub fn overbooking_line(report: &Report) -> String {
    let refused: i64 = report.refused.values().sum();
    format!(
        "{:>9} {:>7} {:>8} {:>10} {:>10} {:>14} {:>8} {:>12} {:>12}",
        percent(report.overbook_bp),
        report.taken,
        refused,
        report.turned_away.bookings,
        report.total.room_nights,
        money(report.total.revenue_minor),
        report.over_capacity.peak_rooms,
        report.over_capacity.for_a_time,
        report.over_capacity.at_the_end,
    )
}

/// Head of the columns of [`overbooking_line`].
pub const OVERBOOKING_HEADER: &str = "overbooks   taken  refused  of stayed     nights        revenue    \
peak  over a time  over at end";

fn write_all(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(out, "{}: {} rooms", report.hotel, report.rooms)?;
    if 1 < report.pools.len() {
        let pools: Vec<String> =
            report.pools.iter().map(|pool| format!("{}={}", pool.code, pool.rooms)).collect();
        writeln!(out, "  {}", pools.join(" "))?;
    }
    writeln!(out, "  overbooks by {}", percent(report.overbook_bp))?;
    writeln!(out)?;
    write_counts(report, out)?;
    writeln!(out)?;
    write_months(report, out)
}

fn write_counts(report: &Report, out: &mut String) -> fmt::Result {
    let mut line = |label: &str, count: i64| writeln!(out, "{label:<44} {count:>9}");
    let count_of = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    line("rows", count_of(report.rows))?;
    line("  unreadable", report.unreadable.values().sum())?;
    each(&report.unreadable, &mut line)?;
    let day_use = report.day_use;
    line("  day use, no night", day_use.checked_out + day_use.canceled + day_use.no_show)?;
    line("    guest came", day_use.checked_out)?;
    line("    cancelled", day_use.canceled)?;
    line("    no-show", day_use.no_show)?;
    line("  bookings", count_of(report.bookings))?;
    line("    taken", report.taken)?;
    line("      checked out", report.checked_out)?;
    line("        on the day of arrival, no night", report.left_on_arrival_day)?;
    line("      cancelled", report.canceled)?;
    line("      no-shows", report.no_show)?;
    line("    refused", report.refused.values().sum())?;
    each(&report.refused, &mut line)?;
    if 0 < report.unanswered {
        line("    without an answer", report.unanswered)?;
    }
    line("  refused though the guest did stay", report.turned_away.bookings)?;
    line("    their room nights", report.turned_away.room_nights)?;
    line("later steps that failed", report.failed_steps.values().sum())?;
    each(&report.failed_steps, &mut line)?;
    line("repairs", report.repairs.values().sum())?;
    each(&report.repairs, &mut line)?;
    line("values unknown", report.unknown.values().sum())?;
    each(&report.unknown, &mut line)?;
    line("nights over capacity for a time", report.over_capacity.for_a_time)?;
    line("nights over capacity at the end", report.over_capacity.at_the_end)?;
    let peak_day = &report.over_capacity.peak_day;
    line(&format!("most rooms on the books ({peak_day})"), report.over_capacity.peak_rooms)
}

fn each(
    counts: &BTreeMap<String, i64>,
    line: &mut impl FnMut(&str, i64) -> fmt::Result,
) -> fmt::Result {
    counts.iter().try_for_each(|(code, count)| line(&format!("      {code}"), *count))
}

fn write_months(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "{:<8} {:>4} {:>10} {:>10} {:>14} {:>9} {:>9}",
        "month", "days", "occupancy", "nights", "revenue", "ADR", "RevPAR"
    )?;
    for month in &report.months {
        write!(out, "{:<8} {:>4} ", month.month, month.days)?;
        write_figures(month.figures, out)?;
    }
    let days: i64 = report.months.iter().map(|month| month.days).sum();
    write!(out, "{:<8} {days:>4} ", "all")?;
    write_figures(report.total, out)
}

fn write_figures(figures: Figures, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "{:>10} {:>10} {:>14} {:>9} {:>9}",
        percent(figures.occupancy_bp),
        figures.room_nights,
        money(figures.revenue_minor),
        money(figures.adr_minor),
        money(figures.revpar_minor)
    )
}

/// Basis points, or cents, with two decimals. Neither is ever negative in a report.
fn money(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn percent(bp: i64) -> String {
    format!("{} %", money(bp))
}
