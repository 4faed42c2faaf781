//! How a no of the business is told: the status, a sentence and the data of each refusal and of
//! each reason. Codes come from `domain`; nothing is decided here.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use vacancy_domain::money::Money;
use vacancy_domain::refusals::{PoolReason, Reason, Refusal};
use vacancy_domain::stays::Day;

use super::problem::Problem;
use super::{errors, fields, hotel_views, test_mode};

/// A refusal as an answer.
#[must_use]
pub fn problem(refusal: &Refusal) -> Problem {
    with_data(refusal, Problem::new(status(refusal), refusal.code(), detail(refusal)))
}

/// Impossible for ever is 422; impossible as things stand now is 409.
fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::StayIsEmpty
        | Refusal::StayTooLong { .. }
        | Refusal::StayInThePast { .. }
        | Refusal::TooManyUnits { .. }
        | Refusal::TooManyLines { .. }
        | Refusal::UnknownPool { .. }
        | Refusal::UnknownRoomType { .. }
        | Refusal::UnknownPromo { .. }
        | Refusal::SpansProperties
        | Refusal::AmountTooLarge
        | Refusal::RefundTooLarge { .. }
        | Refusal::KeyReused
        | Refusal::UnknownRoom { .. }
        | Refusal::RoomOfOtherType { .. }
        | Refusal::StockOutOfRange { .. }
        | Refusal::RangeTooLong { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Unavailable { .. }
        | Refusal::PriceChanged { .. }
        | Refusal::HoldLifeUsedUp { .. }
        | Refusal::InvalidTransition { .. }
        | Refusal::TooSoon { .. }
        | Refusal::Mismatch { .. }
        | Refusal::PaymentDeclined
        | Refusal::NothingDue
        | Refusal::NothingLeft
        | Refusal::PaymentDisputed
        | Refusal::PaymentAccountsOff
        | Refusal::TestMode
        | Refusal::NoRoomFree { .. }
        | Refusal::RoomTaken { .. }
        | Refusal::NotBlocked { .. } => StatusCode::CONFLICT,
        Refusal::TestModeOnly => StatusCode::BAD_REQUEST,
        Refusal::HoldNotFound
        | Refusal::ReservationNotFound
        | Refusal::PaymentNotFound
        | Refusal::QuoteNotFound => StatusCode::NOT_FOUND,
        Refusal::HoldExpired { .. } | Refusal::QuoteExpired { .. } => StatusCode::GONE,
        Refusal::Stale { .. } => StatusCode::PRECONDITION_FAILED,
    }
}

/// One sentence for people.
fn detail(refusal: &Refusal) -> Cow<'static, str> {
    match refusal {
        Refusal::StayIsEmpty => "a stay has one night and one room at least".into(),
        Refusal::StayTooLong { nights_max } => {
            format!("a stay has at most {nights_max} nights").into()
        }
        Refusal::StayInThePast { today } => {
            format!("check-in is before today, which is {today} at the property").into()
        }
        Refusal::TooManyUnits { units_max } => {
            format!("one request may take at most {units_max} rooms").into()
        }
        Refusal::TooManyLines { lines_max } => {
            format!("one request may name at most {lines_max} room types").into()
        }
        Refusal::UnknownPool { .. } => "the hotel has no such room type".into(),
        Refusal::UnknownRoomType { code } => format!("the hotel has no room type {code}").into(),
        Refusal::UnknownPromo { promo } => format!("the hotel has no promotion {promo}").into(),
        Refusal::SpansProperties => "one request stays within one hotel".into(),
        Refusal::Unavailable { .. } => "not to be had for these dates; nothing was taken".into(),
        Refusal::PriceChanged { .. } => "the price is not the agreed one any more".into(),
        Refusal::AmountTooLarge => "the sum leaves the range that can be paid".into(),
        Refusal::HoldNotFound | Refusal::ReservationNotFound | Refusal::PaymentNotFound => {
            "there is nothing here that you may see".into()
        }
        Refusal::QuoteNotFound => "there is no such quote, or it has been forgotten".into(),
        Refusal::QuoteExpired { .. } => "the quote has run out; ask for a new one".into(),
        Refusal::HoldExpired { .. } => "the time to pay has passed; the rooms are free".into(),
        Refusal::HoldLifeUsedUp { .. } => "the rooms cannot be kept longer without payment".into(),
        Refusal::InvalidTransition { from, action } => {
            format!("{action} is not possible while it is {from}").into()
        }
        Refusal::TooSoon { from } => format!("this can be done from {from} on").into(),
        Refusal::Mismatch { field } => format!("{} is not what we hold", camel(field)).into(),
        Refusal::KeyReused => errors::KEY_REUSED.into(),
        Refusal::PaymentDeclined => "the payment was declined".into(),
        Refusal::NothingLeft => "nothing of this payment is left to go back".into(),
        Refusal::NothingDue => "there is nothing to pay".into(),
        Refusal::RefundTooLarge { left } => format!("at most {left} can go back").into(),
        Refusal::PaymentDisputed => {
            "the guest's bank has taken money of this payment back; it would go twice".into()
        }
        Refusal::TestMode => "a business in test mode takes no real money".into(),
        Refusal::TestModeOnly => {
            "forces outcomes for businesses in test mode, and payments at the sandbox".into()
        }
        Refusal::PaymentAccountsOff => {
            "credentials cannot be kept here until the operator sets `secrets.key`".into()
        }
        Refusal::NoRoomFree { .. } => "no room of the type is free".into(),
        Refusal::UnknownRoom { number } => format!("the hotel has no room {number}").into(),
        Refusal::RoomTaken { number, day } => format!("room {number} is taken on {day}").into(),
        Refusal::RoomOfOtherType { number } => format!("room {number} is of another type").into(),
        Refusal::Stale { .. } => errors::STALE.into(),
        Refusal::StockOutOfRange { field, max } => {
            format!("{} must be from 0 to {max}", camel(field)).into()
        }
        Refusal::RangeTooLong { days_max } => {
            format!("a range covers at most {days_max} days").into()
        }
        Refusal::NotBlocked { blocked_units } => format!("only {blocked_units} are blocked").into(),
    }
}

/// What a program needs to do better, and the field that is to blame.
fn with_data(refusal: &Refusal, problem: Problem) -> Problem {
    match refusal {
        Refusal::StayIsEmpty => problem.blaming("/checkOutDate"),
        Refusal::StayTooLong { nights_max } => {
            problem.blaming("/checkOutDate").with("nightsMax", *nights_max)
        }
        Refusal::StayInThePast { today } => {
            problem.blaming("/checkInDate").with("today", today.to_string())
        }
        Refusal::TooManyUnits { units_max } => {
            problem.blaming("/rooms").with("unitsMax", *units_max)
        }
        Refusal::TooManyLines { lines_max } => {
            problem.blaming("/rooms").with("linesMax", *lines_max)
        }
        Refusal::UnknownPool { .. } => problem.blaming("/rooms"),
        Refusal::UnknownRoomType { .. } => problem.blaming("/rooms"),
        Refusal::UnknownPromo { .. } => problem.blaming("/promoCode"),
        Refusal::Unavailable { reasons } => {
            problem.with("reasons", reasons.iter().map(pool_reason).collect::<Vec<_>>())
        }
        Refusal::PriceChanged { agreed, current } => {
            problem.with("agreed", money(*agreed)).with("current", money(*current))
        }
        Refusal::QuoteExpired { expired_at_ms } => {
            problem.blaming("/quoteId").with("expiredAt", fields::instant(*expired_at_ms))
        }
        Refusal::QuoteNotFound => problem.blaming("/quoteId"),
        Refusal::HoldExpired { expired_at_ms } => {
            problem.with("expiredAt", fields::instant(*expired_at_ms))
        }
        Refusal::HoldLifeUsedUp { life_ms_max } => {
            problem.with("lifeSecondsMax", life_ms_max / 1_000)
        }
        Refusal::InvalidTransition { from, action } => {
            problem.with("from", *from).with("action", *action)
        }
        Refusal::TooSoon { from } => problem.with("from", from.to_string()),
        Refusal::TestModeOnly => problem.blaming(test_mode::HEADER),
        Refusal::Mismatch { field } => problem.blaming(&format!("/{}", camel(field))),
        Refusal::NoRoomFree { line } => problem.with("lineId", line.to_string()),
        Refusal::UnknownRoom { number } | Refusal::RoomOfOtherType { number } => {
            problem.with("roomNumber", &**number)
        }
        Refusal::RoomTaken { number, day } => {
            problem.with("roomNumber", &**number).with("date", day.to_string())
        }
        Refusal::Stale { version } => problem.with("version", *version),
        Refusal::StockOutOfRange { field, max } => {
            problem.blaming(&format!("/{}", camel(field))).with("max", *max)
        }
        Refusal::RangeTooLong { days_max } => problem.with("daysMax", *days_max),
        Refusal::NotBlocked { blocked_units } => problem.with("blockedUnits", *blocked_units),
        Refusal::RefundTooLarge { left } => {
            problem.blaming("/amount").with("refundable", money(*left))
        }
        Refusal::SpansProperties
        | Refusal::AmountTooLarge
        | Refusal::HoldNotFound
        | Refusal::ReservationNotFound
        | Refusal::KeyReused
        | Refusal::PaymentNotFound
        | Refusal::PaymentDeclined
        | Refusal::NothingDue
        | Refusal::NothingLeft
        | Refusal::PaymentDisputed
        | Refusal::PaymentAccountsOff
        | Refusal::TestMode => problem,
    }
}

/// Why one pool is refused, with its id, as it stands in `reasons`.
fn pool_reason(refused: &PoolReason) -> Value {
    let mut json = reason(&refused.reason);
    json.insert("roomTypeId".to_owned(), refused.pool.to_string().into());
    Value::Object(json)
}

/// A reason with its code and its data: the shape of "Why not" in the contract.
#[must_use]
pub fn reason(reason: &Reason) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("code".to_owned(), reason.code().into());
    let mut put = |name: &str, value: Value| json.insert(name.to_owned(), value);
    match reason {
        Reason::SoldOut { free_units } => {
            put("roomsLeft", (*free_units).into());
        }
        Reason::PartlySoldOut { days, free_units } => {
            put("dates", dates(days));
            put("roomsLeft", (*free_units).into());
        }
        Reason::Closed { days } => {
            put("dates", dates(days));
        }
        Reason::MinimumStay { nights } | Reason::MaximumStay { nights } => {
            put("nights", (*nights).into());
        }
        Reason::TooEarly { advance_days_max } => {
            put("maxAdvanceDays", (*advance_days_max).into());
        }
        Reason::TooLate { advance_days_min } => {
            put("minAdvanceDays", (*advance_days_min).into());
        }
        Reason::AdultsExceeded { adults_max } => {
            put("max", (*adults_max).into());
        }
        Reason::ChildrenExceeded { children_max } => {
            put("max", (*children_max).into());
        }
        Reason::OccupancyExceeded { guests_max } => {
            put("max", (*guests_max).into());
        }
        Reason::InfantsExceeded { infants_max } => {
            put("max", (*infants_max).into());
        }
        Reason::RoomsExceeded { rooms_max } => {
            put("max", (*rooms_max).into());
        }
        Reason::ChildTooYoung { age_min } => {
            put("minAge", (*age_min).into());
        }
        Reason::StayLengthNotOffered { lengths } => {
            put("lengths", lengths.clone().into());
        }
        Reason::SameDayClosed { cutoff_minutes } => {
            put("cutoffTime", hotel_views::time_of_day(*cutoff_minutes).into());
        }
        Reason::ClosedToArrival
        | Reason::ClosedToDeparture
        | Reason::AdultsOnly
        | Reason::RateNotOffered => {}
    }
    json
}

fn dates(days: &[Day]) -> Value {
    days.iter().map(Day::to_string).collect::<Vec<_>>().into()
}

fn money(amount: Money) -> Value {
    json!({"amount": amount.minor, "currency": amount.currency.code()})
}

/// A field of ours as the contract writes it: `out_of_order` is `outOfOrder`.
fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.extend(letters);
        name
    })
}

#[cfg(test)]
mod tests {
    use vacancy_domain::ids::PoolId;

    use super::*;

    #[track_caller]
    fn check(refusal: Refusal, status: u16, code: &str) {
        let problem = problem(&refusal);
        assert_eq!((problem.status().as_u16(), problem.code()), (status, code));
        assert!(!problem.detail().is_empty());
    }

    #[test]
    fn impossible_wishes_are_unprocessable_and_late_ones_conflict() {
        check(Refusal::StayIsEmpty, 422, "stay_is_empty");
        check(Refusal::StayTooLong { nights_max: 90 }, 422, "stay_too_long");
        check(Refusal::UnknownPool { pool: PoolId(1) }, 422, "unknown_room_type");
        check(Refusal::HoldExpired { expired_at_ms: 0 }, 410, "hold_expired");
        check(Refusal::ReservationNotFound, 404, "reservation_not_found");
        check(Refusal::Stale { version: 2 }, 412, "stale");
        check(Refusal::NothingDue, 409, "nothing_due");
        check(Refusal::NothingLeft, 409, "nothing_to_refund");
        let from = "COMPLETED";
        check(Refusal::InvalidTransition { from, action: "cancel" }, 409, "invalid_transition");
        let reasons =
            vec![PoolReason { pool: PoolId(1), reason: Reason::SoldOut { free_units: 0 } }];
        check(Refusal::Unavailable { reasons }, 409, "sold_out");
    }

    #[test]
    fn a_reason_carries_its_dates() {
        let told = reason(&Reason::PartlySoldOut { days: vec![Day(20_000)], free_units: 1 });
        let expected = json!({"code": "partly_sold_out", "dates": ["2024-10-04"], "roomsLeft": 1});
        assert_eq!(Value::Object(told), expected);
    }

    #[test]
    fn our_field_names_are_told_as_the_contract_writes_them() {
        assert_eq!(camel("out_of_order"), "outOfOrder");
        assert_eq!(camel("amount"), "amount");
    }
}
