//! Money, dates and counts as people read them: the only place where pages turn numbers into text.
//!
//! This file must not compute a price or a date that was not given to it, and it rounds nothing:
//! what is stored is what is shown.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vacancy_domain::money::Money;
use vacancy_domain::stays::Day;

/// Shown in place of an instant outside the calendar; stored data never holds one.
const OUT_OF_CALENDAR: &str = "—";

/// EUR 1234567 is `€12,345.67`, with the decimals of its currency: 0, 2 or 3.
///
/// Currencies whose sign is known the world over carry it; all others their code, so that no guest
/// has to guess which crown or which dollar is meant.
pub fn money(amount: Money) -> String {
    shown_money(amount, amount.currency.decimals())
}

/// As `money`, without decimals that are all zero: `€214` on a card, `€214.50` where it matters.
pub fn money_short(amount: Money) -> String {
    let decimals = amount.currency.decimals();
    let unit = 10_i64.pow(decimals);
    if amount.minor % unit == 0 {
        return shown_money(Money::new(amount.minor / unit, amount.currency), 0);
    }
    shown_money(amount, decimals)
}

fn shown_money(amount: Money, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    let magnitude = amount.minor.unsigned_abs();
    let mut text = String::new();
    if amount.minor < 0 {
        text.push('\u{2212}');
    }
    match sign(amount.currency.code()) {
        Some(sign) => text.push_str(sign),
        None => {
            text.push_str(amount.currency.code());
            text.push('\u{a0}');
        }
    }
    text.push_str(&grouped(magnitude / unit));
    if 0 < decimals {
        let width = usize::try_from(decimals).unwrap_or(2);
        text.push_str(&format!(".{:0width$}", magnitude % unit));
    }
    text
}

fn sign(code: &str) -> Option<&'static str> {
    match code {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "INR" => Some("₹"),
        "JPY" => Some("¥"),
        "USD" => Some("US$"),
        _ => None,
    }
}

fn grouped(whole: u64) -> String {
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `2 nights`, `1 night`: never `1 nights`.
pub fn count(units: i64, one: &str, many: &str) -> String {
    let noun = if units == 1 { one } else { many };
    format!(
        "{}{}\u{a0}{noun}",
        if units < 0 { "\u{2212}" } else { "" },
        grouped(units.unsigned_abs())
    )
}

/// `2027-03-10`, as date fields and addresses want it.
pub fn date_iso(day: Day) -> String {
    day.to_string()
}

/// `Wed 10 Mar 2027`.
pub fn date(day: Day) -> String {
    day.civil().strftime("%a %-d %b %Y").to_string()
}

/// `Wed 10 Mar`, where the year is plain from what stands beside it.
pub fn date_short(day: Day) -> String {
    day.civil().strftime("%a %-d %b").to_string()
}

/// `10 – 12 Mar 2027`, naming month and year only as often as needed.
pub fn date_range(first: Day, end: Day) -> String {
    let (first, end) = (first.civil(), end.civil());
    let first_form = if first.year() != end.year() {
        "%-d %b %Y"
    } else if first.month() != end.month() {
        "%-d %b"
    } else {
        "%-d"
    };
    format!("{} – {}", first.strftime(first_form), end.strftime("%-d %b %Y"))
}

/// `14:32` on the wall clock of this zone.
pub fn clock(at_ms: i64, zone: &TimeZone) -> String {
    at(at_ms, zone, "%H:%M")
}

/// `Wed 10 Mar 2027, 14:32` on the wall clock of this zone.
pub fn moment(at_ms: i64, zone: &TimeZone) -> String {
    at(at_ms, zone, "%a %-d %b %Y, %H:%M")
}

/// A guest score out of ten from tenths: `89` is `8.9`.
pub fn rating(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, (tenths % 10).abs())
}

/// The word beside a guest score.
pub fn rating_word(tenths: i64) -> &'static str {
    if 90 <= tenths {
        "Superb"
    } else if 80 <= tenths {
        "Very good"
    } else if 70 <= tenths {
        "Good"
    } else {
        "Fair"
    }
}

fn at(at_ms: i64, zone: &TimeZone, form: &str) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(
        |_| OUT_OF_CALENDAR.to_owned(),
        |instant| instant.to_zoned(zone.clone()).strftime(form).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-03-10.
    const DAY: Day = Day(20_887);

    fn euro_and_co(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().expect("a currency"))
    }

    #[test]
    fn money_shows_the_decimals_of_its_currency() {
        for (minor, code, text) in [
            (1_234_567, "EUR", "€12,345.67"),
            (18_500, "JPY", "¥18,500"),
            (185_250, "TND", "TND\u{a0}185.250"),
            (5, "INR", "₹0.05"),
            (-4_200, "DKK", "\u{2212}DKK\u{a0}42.00"),
            (i64::MIN, "USD", "\u{2212}US$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(money(euro_and_co(minor, code)), text);
        }
    }

    #[test]
    fn short_money_drops_only_zero_decimals() {
        for (minor, code, text) in [
            (21_400, "EUR", "€214"),
            (21_450, "EUR", "€214.50"),
            (185_000, "TND", "TND\u{a0}185"),
            (999, "JPY", "¥999"),
        ] {
            assert_eq!(money_short(euro_and_co(minor, code)), text);
        }
    }

    #[test]
    fn days_read_like_a_calendar() {
        assert_eq!(date(DAY), "Wed 10 Mar 2027");
        assert_eq!(date_short(DAY), "Wed 10 Mar");
        assert_eq!(date_iso(DAY), "2027-03-10");
    }

    #[test]
    fn a_range_names_month_and_year_once_when_it_can() {
        assert_eq!(date_range(DAY, DAY.plus(2)), "10 – 12 Mar 2027");
        assert_eq!(date_range(DAY, DAY.plus(25)), "10 Mar – 4 Apr 2027");
        assert_eq!(date_range(DAY.plus(-70), DAY.plus(-68)), "30 Dec 2026 – 1 Jan 2027");
    }

    #[test]
    fn instants_are_told_on_the_wall_clock_of_the_place() {
        let kyoto = TimeZone::get("Asia/Tokyo").expect("the zone is bundled");
        assert_eq!(clock(DAY.0 * 86_400_000, &kyoto), "09:00");
        assert_eq!(moment(DAY.0 * 86_400_000, &TimeZone::UTC), "Wed 10 Mar 2027, 00:00");
    }

    #[test]
    fn one_night_is_not_one_nights() {
        assert_eq!(count(1, "night", "nights"), "1\u{a0}night");
        assert_eq!(count(0, "night", "nights"), "0\u{a0}nights");
        assert_eq!(count(1_200, "stay", "stays"), "1,200\u{a0}stays");
    }

    #[test]
    fn scores_are_out_of_ten() {
        assert_eq!(rating(89), "8.9");
        assert_eq!((rating_word(94), rating_word(62)), ("Superb", "Fair"));
    }
}
