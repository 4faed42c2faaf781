//! What a guest asks for, read from an address or a form: dates, people, rooms. What cannot be
//! meant is noted beside its field; what is missing gets a fair default. Whether it can be had is
//! for `app` to say.

use std::collections::BTreeMap;

use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX, STAY_NIGHTS_MAX, Stay};

use super::forms::Values;
use super::links;
use super::views::parts::Field;
use super::views::search_form::{ADULTS_MAX, SearchForm};

/// How far ahead the dates stand that a guest did not choose, and for how many nights.
const DEFAULT_DAYS_AHEAD: i64 = 14;
const DEFAULT_NIGHTS: i64 = 2;
const DEFAULT_ADULTS: i64 = 2;
/// Most people and rooms that a page reads from an address.
const ADULTS_READ_MAX: i64 = 40;
const ROOMS_READ_MAX: i64 = 20;

pub(super) const CHECK_IN: &str = "checkInDate";
pub(super) const CHECK_OUT: &str = "checkOutDate";
pub(super) const UNITS: &str = "units.";

/// A question as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) ask: links::Ask,
    /// Whether the guest gave any date.
    pub(super) has_dates: bool,
    /// Field name and sentence.
    pub(super) wrong: Vec<(&'static str, String)>,
    typed: [String; 2],
}

impl Question {
    /// Reads place, dates and party. `today` is today there, or the earliest there is.
    pub(super) fn read(values: &Values, today: Day) -> Question {
        let typed = [CHECK_IN, CHECK_OUT].map(|name| values.text(name).to_owned());
        let has_dates = typed.iter().any(|text| !text.is_empty());
        let default = today.plus(DEFAULT_DAYS_AHEAD);
        let [check_in, check_out] = typed.each_ref().map(|text| text.parse::<Day>().ok());
        let mut wrong = Vec::new();
        if has_dates {
            match (check_in, check_out) {
                (Some(first), Some(end)) => wrong.extend(defect(Stay::new(first, end), today)),
                (None, _) => wrong.push((CHECK_IN, "Enter the day you arrive".to_owned())),
                (Some(_), None) => wrong.push((CHECK_OUT, "Enter the day you leave".to_owned())),
            }
        }
        let check_in = check_in.unwrap_or(default);
        let check_out = check_out.unwrap_or(check_in.plus(DEFAULT_NIGHTS));
        Question {
            ask: links::Ask {
                place: values.text("place").to_owned(),
                check_in,
                check_out,
                adults: number(values, "adults", DEFAULT_ADULTS, ADULTS_READ_MAX),
                room_count: number(values, "roomCount", 1, ROOMS_READ_MAX),
            },
            has_dates,
            wrong,
            typed,
        }
    }

    pub(super) fn stay(&self) -> Stay {
        Stay::new(self.ask.check_in, self.ask.check_out)
    }

    /// The stay, if the guest asked for one that can be.
    pub(super) fn good_stay(&self) -> Option<Stay> {
        (self.has_dates && self.wrong.is_empty()).then(|| self.stay())
    }

    /// The form with what was typed, and what is wrong with it.
    pub(super) fn form(&self, place_name: &str, today: Day) -> SearchForm {
        let mut form = SearchForm::new(&self.ask, place_name, today);
        if 0 < self.ask.adults - ADULTS_MAX {
            // A number from an address that the list does not have still stands in it.
            form.adults.options.push(super::views::parts::Choice {
                value: self.ask.adults.to_string(),
                label: self.ask.adults.to_string(),
                is_selected: true,
            });
        }
        form.check_in = self.marked(form.check_in, 0);
        form.check_out = self.marked(form.check_out, 1);
        form
    }

    /// A date field with what was typed into it and what is wrong with that.
    pub(super) fn marked(&self, field: Field, at: usize) -> Field {
        let typed = self.typed.get(at).filter(|_| self.has_dates);
        let field = match typed {
            Some(typed) => field.with_value(typed),
            None => field,
        };
        match self.wrong.iter().find(|(name, _)| *name == field.name) {
            Some((_, error)) => field.with_error(error),
            None => field,
        }
    }
}

/// Units by room type code; none of a type is not named, and a number that is none is none.
pub(super) fn units(values: &Values) -> BTreeMap<String, i64> {
    let mut units: BTreeMap<String, i64> = BTreeMap::new();
    for (code, text) in values.under(UNITS) {
        if let Ok(count) = text.parse::<i64>()
            && 0 < count
        {
            units.entry(code.to_owned()).or_insert(count);
        }
    }
    units
}

fn number(values: &Values, name: &str, default: i64, max: i64) -> i64 {
    values.read(name).filter(|number| (1..=max).contains(number)).unwrap_or(default)
}

/// What is wrong with a stay, as a person would say it.
fn defect(stay: Stay, today: Day) -> Option<(&'static str, String)> {
    if stay.first_day < today {
        return Some((CHECK_IN, "This day is over; choose today or later".to_owned()));
    }
    if stay.nights() < 1 {
        return Some((CHECK_OUT, "Check-out must be after check-in".to_owned()));
    }
    if STAY_NIGHTS_MAX < stay.nights() {
        return Some((CHECK_OUT, format!("A stay has at most {STAY_NIGHTS_MAX} nights")));
    }
    if today.plus(STAY_ADVANCE_DAYS_MAX) < stay.first_day {
        let sentence = "This is further ahead than anybody sells; choose an earlier day";
        return Some((CHECK_IN, sentence.to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day(20_000);

    fn read(query: &str) -> Question {
        Question::read(&Values::parse(query.as_bytes()).expect("a query"), TODAY)
    }

    #[track_caller]
    fn check(dates: (i64, i64), expected: Option<&str>) {
        let (first, end) = (TODAY.plus(dates.0), TODAY.plus(dates.1));
        let question = read(&format!("checkInDate={first}&checkOutDate={end}"));
        let wrong: Vec<&str> = question.wrong.iter().map(|(name, _)| *name).collect();
        assert_eq!(wrong, expected.into_iter().collect::<Vec<_>>(), "{dates:?}");
    }

    #[test]
    fn impossible_dates_are_told_beside_their_field() {
        check((0, 1), None);
        check((0, 90), None);
        check((-1, 1), Some(CHECK_IN));
        check((3, 3), Some(CHECK_OUT));
        check((3, 2), Some(CHECK_OUT));
        check((0, 91), Some(CHECK_OUT));
        check((731, 732), Some(CHECK_IN));
    }

    #[test]
    fn what_is_no_date_is_kept_as_typed() {
        let question = read("checkInDate=soon&checkOutDate=2030-01-01");
        let form = question.form("Lisbon", TODAY);
        assert_eq!(form.check_in.value, "soon");
        assert!(form.check_in.error.is_some() && question.good_stay().is_none());
    }

    #[test]
    fn who_gives_no_dates_sees_two_nights_in_two_weeks() {
        let question = read("place=+Lisbon+&adults=0&roomCount=many");
        assert_eq!(question.stay(), Stay::new(TODAY.plus(14), TODAY.plus(16)));
        assert!(!question.has_dates && question.wrong.is_empty());
        let ask = question.ask;
        assert_eq!((ask.place.as_str(), ask.adults, ask.room_count), ("Lisbon", 2, 1));
    }

    #[test]
    fn rooms_of_none_are_not_asked_for() {
        let values = Values::parse(b"units.TWIN=2&units.SUITE=0&units.X=-1&units.Y=a&other=1");
        let units = units(&values.expect("a query"));
        assert_eq!(units, BTreeMap::from([("TWIN".to_owned(), 2)]));
    }
}
