//! Turns the plain texts and numbers of a request into values of the trade, and back. Collects
//! what is wrong, so that a client hears of all its mistakes at once. Knows forms, not rules:
//! whether a day is too late or a room too small is for `domain` to say.
//!
//! ```ignore
//! let mut fields = Fields::new();
//! let hotel = fields.id::<PropertyId>("/hotelId", &ask.hotel_id);
//! let first_day = fields.day("/checkInDate", &ask.check_in_date);
//! let (Some(hotel), Some(first_day)) = (hotel, first_day) else { return Err(fields.problem()) };
//! ```

use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_domain::money::{AMOUNT_MINOR_MAX, Currency, Money};
use vacancy_domain::names::is_disruptive;
use vacancy_domain::stays::{Day, Stay};

use super::problem::{Problem, WrongField};

/// Longest text of one line: a name, an address, a reference.
pub const TEXT_CHARACTERS_MAX: usize = 255;

/// Longest e-mail address that mail can carry. Source: RFC 5321, 4.5.3.1.
pub const EMAIL_CHARACTERS_MAX: usize = 254;

/// Most units that a request may name in one number; what a hotel has is far less.
pub const UNITS_MAX: i64 = 100_000;

/// Money on the wire: whole minor units and an ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Amount {
    /// In the minor unit: 1120000 is INR 11,200.00.
    #[schema(example = 1_120_000)]
    pub amount: i64,
    #[schema(example = "INR", min_length = 3, max_length = 3)]
    pub currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        Amount { amount: money.minor, currency: money.currency.code().to_owned() }
    }
}

/// An instant on the wire: RFC 3339 in UTC with `Z`, to the millisecond.
#[must_use]
pub fn instant(at_ms: i64) -> String {
    let instant = jiff::Timestamp::from_millisecond(at_ms);
    instant.map_or_else(|_| String::new(), |instant| format!("{instant:.3}"))
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub struct Fields {
    wrong: Vec<WrongField>,
    /// Whether any of them is malformed, not only impossible.
    is_malformed: bool,
}

impl Fields {
    #[must_use]
    pub fn new() -> Fields {
        Fields::default()
    }

    /// Notes a field that cannot be what it is: `400`.
    pub fn refuse(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        self.is_malformed = true;
        self.refuse_impossible(pointer, code, detail);
    }

    /// Notes a field that is well formed and still cannot be meant: `422`, if that is all.
    pub fn refuse_impossible(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        let (pointer, detail) = (pointer.into(), detail.into());
        self.wrong.push(WrongField { pointer, code: code.into(), detail });
    }

    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.wrong.is_empty()
    }

    /// `400` or `422`, with every field that was refused.
    #[must_use]
    pub fn problem(self) -> Problem {
        let status = if self.is_malformed {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Problem::wrong_fields(status, self.wrong)
    }

    /// # Errors
    /// When any field was refused.
    pub fn finish(self) -> Result<(), Problem> {
        if self.is_fine() { Ok(()) } else { Err(self.problem()) }
    }

    /// A UUID of one of our things.
    pub fn id<T: FromStr>(&mut self, pointer: &str, text: &str) -> Option<T> {
        self.parsed(pointer, text, "invalid_id", "must be an id as this API gives them")
    }

    /// A day at the property.
    pub fn day(&mut self, pointer: &str, text: &str) -> Option<Day> {
        self.parsed(pointer, text, "invalid_date", "must be a date as 2027-03-10")
    }

    /// Both days of a stay; a check-out that is not after the check-in is refused here, because
    /// such a request means no stay at all.
    pub fn stay(
        &mut self,
        (in_pointer, check_in): (&str, &str),
        (out_pointer, check_out): (&str, &str),
    ) -> Option<Stay> {
        let (first, end) = (self.day(in_pointer, check_in), self.day(out_pointer, check_out));
        let (first, end) = (first?, end?);
        if end <= first {
            let code = "check_out_before_check_in";
            self.refuse_impossible(out_pointer, code, "must be after check-in");
            return None;
        }
        Some(Stay::new(first, end))
    }

    /// A range of days, from the first up to, not including, the last.
    pub fn days(
        &mut self,
        (from_pointer, from): (&str, &str),
        (to_pointer, to): (&str, &str),
    ) -> Option<Stay> {
        let (first, end) = (self.day(from_pointer, from), self.day(to_pointer, to));
        let (first, end) = (first?, end?);
        if end <= first {
            self.refuse_impossible(to_pointer, "to_before_from", "must be after from");
            return None;
        }
        Some(Stay::new(first, end))
    }

    /// An ISO 4217 code in use.
    pub fn currency(&mut self, pointer: &str, text: &str) -> Option<Currency> {
        self.parsed(pointer, text, "invalid_currency", "must be an ISO 4217 code as EUR")
    }

    /// An amount of zero or more.
    pub fn money(&mut self, pointer: &str, amount: &Amount) -> Option<Money> {
        let currency = self.currency(&format!("{pointer}/currency"), &amount.currency);
        let pointer = format!("{pointer}/amount");
        let minor = self.whole(&pointer, amount.amount, 0..=AMOUNT_MINOR_MAX);
        Some(Money::new(minor?, currency?))
    }

    /// A whole number within a range.
    pub fn whole(&mut self, pointer: &str, number: i64, range: RangeInclusive<i64>) -> Option<i64> {
        if range.contains(&number) {
            return Some(number);
        }
        let (least, most) = range.into_inner();
        let detail = format!("must be from {least} to {most}");
        self.refuse(pointer, "out_of_range", detail);
        None
    }

    /// One line of text that says something, without blanks around it.
    pub fn text(&mut self, pointer: &str, text: &str, characters_max: usize) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            self.refuse(pointer, "empty", "must not be empty");
            return None;
        }
        if text.chars().any(is_disruptive) {
            self.refuse(pointer, "invalid_text", "must be one line of plain text");
            return None;
        }
        self.at_most(pointer, text, characters_max)
    }

    /// Text of any number of lines, also of none.
    pub fn long_text(
        &mut self,
        pointer: &str,
        text: &str,
        characters_max: usize,
    ) -> Option<String> {
        if text.chars().any(|c| is_disruptive(c) && !matches!(c, '\n' | '\r' | '\t')) {
            self.refuse(pointer, "invalid_text", "must be plain text");
            return None;
        }
        self.at_most(pointer, text.trim(), characters_max)
    }

    /// An address that mail can be sent to; whether it arrives shows later.
    pub fn email(&mut self, pointer: &str, text: &str) -> Option<String> {
        let text = self.text(pointer, text, EMAIL_CHARACTERS_MAX)?;
        let is_address = text.rsplit_once('@').is_some_and(|(name, host)| {
            let is_plain = |part: &str| {
                !part.is_empty()
                    && !part.contains(|c: char| c.is_whitespace() || ",;<>@".contains(c))
            };
            is_plain(name) && is_plain(host) && !host.starts_with('.') && !host.ends_with('.')
        });
        if !is_address {
            self.refuse(pointer, "invalid_email", "must be an e-mail address");
            return None;
        }
        Some(text)
    }

    /// A telephone number as people write them.
    pub fn phone(&mut self, pointer: &str, text: &str) -> Option<String> {
        let text = self.text(pointer, text, 40)?;
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_number = (5..=20).contains(&digits)
            && text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        if !is_number {
            self.refuse(pointer, "invalid_phone", "must be a telephone number as +351 21 000 0000");
            return None;
        }
        Some(text)
    }

    fn parsed<T: FromStr>(
        &mut self,
        pointer: &str,
        text: &str,
        code: &'static str,
        detail: &str,
    ) -> Option<T> {
        let read = text.parse().ok();
        if read.is_none() {
            self.refuse(pointer, code, detail);
        }
        read
    }

    fn at_most(&mut self, pointer: &str, text: &str, characters_max: usize) -> Option<String> {
        if characters_max < text.chars().count() {
            let detail = format!("must have at most {characters_max} characters");
            self.refuse(pointer, "too_long", detail);
            return None;
        }
        Some(text.to_owned())
    }
}

/// An id out of the path. One that cannot be ours is simply not found.
///
/// # Errors
/// `404`.
pub fn path_id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

#[cfg(test)]
mod tests {
    use vacancy_domain::ids::PropertyId;

    use super::*;

    /// What a check says of a text: its value, or the code of the refusal.
    #[track_caller]
    fn check<T>(read: impl Fn(&mut Fields, &str) -> Option<T>, text: &str, code: Option<&str>) {
        let mut fields = Fields::new();
        let value = read(&mut fields, text);
        assert_eq!(value.is_some(), code.is_none(), "{text:?}");
        let found = fields.wrong.first().map(|field| field.code.as_ref());
        assert_eq!(found, code, "{text:?}");
    }

    #[test]
    fn a_day_is_a_day_of_the_calendar() {
        let day = |fields: &mut Fields, text: &str| fields.day("/d", text);
        check(day, "2028-02-29", None);
        for text in ["2027-02-29", "2027-2-9", "10.03.2027", "", "2027-03-10T00:00", "9999999-1-1"]
        {
            check(day, text, Some("invalid_date"));
        }
    }

    #[test]
    fn a_stay_ends_after_it_begins() {
        let stay = |fields: &mut Fields, text: &str| {
            fields.stay(("/checkInDate", "2027-03-10"), ("/checkOutDate", text))
        };
        check(stay, "2027-03-11", None);
        check(stay, "2027-03-10", Some("check_out_before_check_in"));
        check(stay, "2027-03-09", Some("check_out_before_check_in"));
        check(stay, "soon", Some("invalid_date"));
    }

    #[test]
    fn text_has_something_to_say_and_an_end() {
        let text = |fields: &mut Fields, text: &str| fields.text("/t", text, 5);
        check(text, " Añil ", None);
        check(text, "  ", Some("empty"));
        check(text, "sixsix", Some("too_long"));
        check(text, "a\nb", Some("invalid_text"));
        check(text, "a\u{202e}b", Some("invalid_text"));
        let long = |fields: &mut Fields, text: &str| fields.long_text("/t", text, 5);
        check(long, "a\nb", None);
        check(long, "", None);
        check(long, "a\u{7}", Some("invalid_text"));
        check(long, "a\u{2066}", Some("invalid_text"));
    }

    #[test]
    fn addresses_and_numbers_look_like_some() {
        let email = |fields: &mut Fields, text: &str| fields.email("/e", text);
        for good in ["ana@example.com", "a.b+c@host", "\u{fc}ber@d\u{f6}main.example"] {
            check(email, good, None);
        }
        for bad in ["ana", "@host", "ana@", "a b@host", "a@b@c", "a@.host", "<a@host>", "a,b@host"]
        {
            check(email, bad, Some("invalid_email"));
        }
        let phone = |fields: &mut Fields, text: &str| fields.phone("/p", text);
        check(phone, "+351 (21) 000-0000", None);
        for bad in ["1234", "call me", "+351 21 000 0000 ext 5", "123456789012345678901"] {
            check(phone, bad, Some("invalid_phone"));
        }
    }

    #[test]
    fn money_is_whole_and_of_a_currency() {
        let money = |amount: i64, currency: &str, code: Option<&str>| {
            let wire = Amount { amount, currency: currency.to_owned() };
            check(|fields, _| fields.money("/m", &wire), "", code);
        };
        money(0, "EUR", None);
        money(-1, "EUR", Some("out_of_range"));
        money(i64::MAX, "EUR", Some("out_of_range"));
        money(1, "eur", Some("invalid_currency"));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut fields = Fields::new();
        let _none: Option<PropertyId> = fields.id("/hotelId", "17");
        let _none = fields.day("/checkInDate", "soon");
        let problem = fields.problem();
        assert_eq!(problem.code(), "invalid_request");
    }

    #[test]
    fn an_instant_is_told_in_utc_to_the_millisecond() {
        assert_eq!(instant(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(instant(1_805_000_000_120), "2027-03-14T04:53:20.120Z");
        assert_eq!(instant(i64::MAX), "");
    }
}
