//! Nights. A stay is slept from its first day up to, not including, its end day; all days are
//! civil days at the property.

use std::fmt;
use std::str::FromStr;

/// Longest stay one line may cover, in nights.
pub const STAY_NIGHTS_MAX: i64 = 90;

/// How far ahead a stay may begin, in days, unless an operator replays history.
pub const STAY_ADVANCE_DAYS_MAX: i64 = 730;

/// A civil day at the property: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

/// Text that is no date of the form `2027-03-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADay;

impl fmt::Display for NotADay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date of the form YYYY-MM-DD")
    }
}

impl std::error::Error for NotADay {}

impl Day {
    /// The first and the last day that the calendar names: the years -9999 and 9999.
    const CALENDAR: (i64, i64) = (-4_371_587, 2_932_896);

    /// The day `count` days later, or earlier when negative. Stops at the end of the number.
    #[must_use]
    pub fn plus(self, count: i64) -> Day {
        Day(self.0.saturating_add(count))
    }

    /// Year, month and day of the month; the nearest one for a day beyond the calendar.
    #[must_use]
    pub fn civil(self) -> jiff::civil::Date {
        let days = self.0.clamp(Day::CALENDAR.0, Day::CALENDAR.1);
        jiff::civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().days(days))
            .unwrap_or(jiff::civil::Date::MAX)
    }
}

impl From<jiff::civil::Date> for Day {
    fn from(date: jiff::civil::Date) -> Day {
        let since = date.duration_since(jiff::civil::date(1970, 1, 1));
        Day(since.as_hours() / 24)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.civil();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Day, NotADay> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(NotADay);
        }
        let digits = |range: std::ops::Range<usize>| -> Result<i16, NotADay> {
            let part = bytes.get(range).ok_or(NotADay)?;
            if !part.iter().all(u8::is_ascii_digit) {
                return Err(NotADay);
            }
            Ok(part.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
        };
        let month = i8::try_from(digits(5..7)?).map_err(|_| NotADay)?;
        let day = i8::try_from(digits(8..10)?).map_err(|_| NotADay)?;
        let date = jiff::civil::Date::new(digits(0..4)?, month, day).map_err(|_| NotADay)?;
        Ok(Day::from(date))
    }
}

/// A span of nights: `first_day` is slept, `end_day` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stay {
    pub first_day: Day,
    pub end_day: Day,
}

impl Stay {
    #[must_use]
    pub fn new(first_day: Day, end_day: Day) -> Stay {
        Stay { first_day, end_day }
    }

    /// Negative when check-out lies before check-in: whoever parses must look.
    #[must_use]
    pub fn nights(&self) -> i64 {
        self.end_day.0.saturating_sub(self.first_day.0)
    }

    /// Every night slept, in order.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = Day> + use<> {
        (self.first_day.0..self.end_day.0).map(Day)
    }

    #[must_use]
    pub fn covers(&self, day: Day) -> bool {
        self.first_day <= day && day < self.end_day
    }
}

impl fmt::Display for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first_day, self.end_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_survives_its_text() {
        for (text, days) in [("1970-01-01", 0), ("2027-03-10", 20_887), ("1969-12-31", -1)] {
            assert_eq!(text.parse(), Ok(Day(days)));
            assert_eq!(Day(days).to_string(), text);
        }
    }

    #[test]
    fn other_text_is_no_day() {
        for text in
            ["", "2027-3-10", "2027-02-30", "2027-13-01", "10-03-2027", "2027-03-1é", "+027-03-10"]
        {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
    }

    #[test]
    fn every_day_of_a_century_survives_its_text() {
        for days in 0..36_525 {
            assert_eq!(Day(days).to_string().parse(), Ok(Day(days)));
        }
    }

    #[test]
    fn the_calendar_ends_with_the_year_9999() {
        for text in ["9999-12-31", "0000-01-01", "7446-01-01"] {
            assert_eq!(text.parse().map(|day: Day| day.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Day(i64::MAX).civil(), jiff::civil::Date::MAX);
        assert_eq!(Day(i64::MIN).civil(), jiff::civil::Date::MIN);
    }

    #[test]
    fn no_day_wraps() {
        assert_eq!(Day(i64::MAX).plus(1), Day(i64::MAX));
        assert_eq!(Stay::new(Day(i64::MIN), Day(i64::MAX)).nights(), i64::MAX);
        assert_eq!(Stay::new(Day(i64::MAX), Day(i64::MIN)).nights(), i64::MIN);
    }

    #[test]
    fn the_night_of_check_out_is_not_slept() {
        let stay = Stay::new(Day(10), Day(12));
        assert_eq!(stay.days().collect::<Vec<_>>(), [Day(10), Day(11)]);
        assert!(stay.covers(Day(11)) && !stay.covers(Day(12)));
    }
}
