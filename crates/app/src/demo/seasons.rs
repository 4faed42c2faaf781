//! What the demonstration's rooms cost: more in the season of their city, and more again on Friday
//! and Saturday nights. Computed from the day alone, so the same day gives the same prices.

use vacancy_domain::stays::{Day, Stay};

use super::data::Place;

/// A time of the year, from a month and day up to, not including, another.
struct Season {
    first: (i8, i8),
    end: (i8, i8),
    percent: i64,
}

const SUMMER: Season = Season { first: (6, 15), end: (9, 15), percent: 125 };
const NEW_YEAR: Season = Season { first: (12, 27), end: (1, 3), percent: 140 };
const COOL: Season = Season { first: (11, 1), end: (3, 1), percent: 130 };
const BLOSSOM: Season = Season { first: (3, 22), end: (4, 12), percent: 150 };
const MAPLE: Season = Season { first: (11, 10), end: (12, 5), percent: 140 };
const SPRING: Season = Season { first: (3, 15), end: (5, 15), percent: 120 };

/// Friday and Saturday nights, on top of the season.
const WEEKEND_PERCENT: i64 = 115;
/// Weekends ahead that have a price of their own.
const WEEKENDS: i64 = 26;

/// Rates of a room type, the later over the earlier: seasons first, then weekends.
pub(super) fn rates(place: &Place, decimals: u32, base_minor: i64, today: Day) -> Vec<(Stay, i64)> {
    let year = today.civil().year();
    let mut spans: Vec<(Stay, i64)> = Vec::new();
    for season in seasons_of(place) {
        // Last year's New Year may still go on.
        let years = year - 1..=year + 1;
        spans.extend(years.filter_map(|year| Some((season.span(year)?, season.percent))));
    }
    spans.retain(|(stay, _)| today.plus(-7) < stay.end_day);
    let percent_on = |day: Day| {
        spans.iter().rev().find(|(stay, _)| stay.covers(day)).map_or(100, |(_, percent)| *percent)
    };
    let mut rates: Vec<(Stay, i64)> = spans
        .iter()
        .map(|(stay, percent)| (*stay, rounded(base_minor * percent / 100, decimals)))
        .collect();
    for week in 0..WEEKENDS {
        let friday = first_friday(today.plus(-7)).plus(week * 7);
        let percent = percent_on(friday) * WEEKEND_PERCENT;
        let stay = Stay::new(friday, friday.plus(2));
        rates.push((stay, rounded(base_minor * percent / 10_000, decimals)));
    }
    rates
}

/// In the order in which they count: the later over the earlier.
fn seasons_of(place: &Place) -> &'static [Season] {
    match place.location_id {
        "jaipur-in" | "mumbai-in" | "mexico-city-mx" => &[COOL, NEW_YEAR],
        "kyoto-jp" => &[BLOSSOM, MAPLE],
        "marrakesh-ma" | "tunis-tn" => &[SPRING, NEW_YEAR],
        _ => &[SUMMER, NEW_YEAR],
    }
}

impl Season {
    /// The season that begins in a year; it may end in the next.
    fn span(&self, year: i16) -> Option<Stay> {
        let day = |year, (month, day)| jiff::civil::Date::new(year, month, day).ok().map(Day::from);
        let end_year = if self.first < self.end { year } else { year + 1 };
        Some(Stay::new(day(year, self.first)?, day(end_year, self.end)?))
    }
}

fn first_friday(from: Day) -> Day {
    let days = (0..7).map(|count| from.plus(count));
    let is_friday = |day: &Day| day.civil().weekday() == jiff::civil::Weekday::Friday;
    days.into_iter().find(is_friday).unwrap_or(from)
}

/// Down to a whole unit of the currency; to hundreds of one without decimals.
fn rounded(minor: i64, decimals: u32) -> i64 {
    let unit = if decimals == 0 { 100 } else { 10_i64.pow(decimals) };
    minor - minor % unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::data::PLACES;

    fn on(location_id: &str, today: &str, day: &str) -> i64 {
        let place = PLACES.iter().find(|place| place.location_id == location_id).expect("a place");
        let day: Day = day.parse().expect("a day");
        let rates = rates(place, 2, 10_000, today.parse().expect("a day"));
        let found = rates.iter().rev().find(|(stay, _)| stay.covers(day));
        found.map_or(10_000, |(_, amount_minor)| *amount_minor)
    }

    #[test]
    fn summer_and_weekends_cost_more_in_lisbon() {
        let today = "2027-06-01";
        assert_eq!(on("lisbon-pt", today, "2027-06-02"), 10_000); // a Wednesday
        assert_eq!(on("lisbon-pt", today, "2027-06-04"), 11_500); // a Friday
        assert_eq!(on("lisbon-pt", today, "2027-06-06"), 10_000); // a Sunday
        assert_eq!(on("lisbon-pt", today, "2027-07-07"), 12_500);
        assert_eq!(on("lisbon-pt", today, "2027-07-09"), 14_300); // 143.75, down
        assert_eq!(on("lisbon-pt", today, "2027-12-31"), 14_000); // beyond the weekends
    }

    #[test]
    fn a_season_over_new_year_counts_on_both_sides() {
        assert_eq!(on("lisbon-pt", "2028-01-01", "2028-01-02"), 14_000);
        assert_eq!(on("mumbai-in", "2028-01-10", "2028-01-12"), 13_000);
    }

    #[test]
    fn amounts_are_whole_units() {
        assert_eq!(
            (rounded(14_375, 2), rounded(14_375, 0), rounded(14_375, 3)),
            (14_300, 14_300, 14_000)
        );
    }

    #[test]
    fn every_city_with_a_season_of_its_own_is_there() {
        for id in
            ["jaipur-in", "mumbai-in", "mexico-city-mx", "kyoto-jp", "marrakesh-ma", "tunis-tn"]
        {
            assert!(PLACES.iter().any(|place| place.location_id == id), "{id}");
        }
    }
}
