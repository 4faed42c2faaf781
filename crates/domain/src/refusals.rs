//! When the business says no: every refusal, with a stable code and the data a caller needs to do
//! better. A refusal is an answer, not an error.

use crate::ids::{LineId, PoolId};
use crate::money::Money;
use crate::stays::Day;

/// Why one pool cannot be had for the asked stay. Codes stand in the public contract, "Why not".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No night of the stay has enough.
    SoldOut {
        free_units: i64,
    },
    /// Some nights have enough, these have not.
    PartlySoldOut {
        days: Vec<Day>,
        free_units: i64,
    },
    Closed {
        days: Vec<Day>,
    },
    ClosedToArrival,
    ClosedToDeparture,
    MinimumStay {
        nights: i64,
    },
    MaximumStay {
        nights: i64,
    },
    /// Only stays of these lengths are sold, in nights.
    StayLengthNotOffered {
        lengths: Vec<i64>,
    },
    /// An arrival on the day of booking is sold until this time at the property.
    SameDayClosed {
        cutoff_minutes: i64,
    },
    /// The stay begins further ahead than the property sells.
    TooEarly {
        advance_days_max: i64,
    },
    /// The stay begins sooner than it may still be booked.
    TooLate {
        advance_days_min: i64,
    },
    AdultsExceeded {
        adults_max: i64,
    },
    ChildrenExceeded {
        children_max: i64,
    },
    /// Of children below two years.
    InfantsExceeded {
        infants_max: i64,
    },
    ChildTooYoung {
        age_min: i64,
    },
    AdultsOnly,
    OccupancyExceeded {
        guests_max: i64,
    },
    /// More rooms of the type than one booking may take.
    RoomsExceeded {
        rooms_max: i64,
    },
    /// The room type has no price for some night of the stay.
    RateNotOffered,
}

impl Reason {
    /// The stable code of the public contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Reason::SoldOut { .. } => "sold_out",
            Reason::PartlySoldOut { .. } => "partly_sold_out",
            Reason::Closed { .. } => "closed",
            Reason::ClosedToArrival => "closed_to_arrival",
            Reason::ClosedToDeparture => "closed_to_departure",
            Reason::MinimumStay { .. } => "minimum_stay",
            Reason::MaximumStay { .. } => "maximum_stay",
            Reason::StayLengthNotOffered { .. } => "stay_length_not_offered",
            Reason::SameDayClosed { .. } => "same_day_closed",
            Reason::TooEarly { .. } => "too_early",
            Reason::TooLate { .. } => "too_late",
            Reason::AdultsExceeded { .. } => "adults_exceeded",
            Reason::ChildrenExceeded { .. } => "children_exceeded",
            Reason::InfantsExceeded { .. } => "infants_exceeded",
            Reason::ChildTooYoung { .. } => "child_too_young",
            Reason::AdultsOnly => "adults_only",
            Reason::OccupancyExceeded { .. } => "occupancy_exceeded",
            Reason::RoomsExceeded { .. } => "rooms_exceeded",
            Reason::RateNotOffered => "rate_not_offered",
        }
    }

    /// Whether more stock on some night would turn this no into a yes.
    #[must_use]
    pub fn is_about_stock(&self) -> bool {
        matches!(self, Reason::SoldOut { .. } | Reason::PartlySoldOut { .. })
    }
}

/// Why one pool is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolReason {
    pub pool: PoolId,
    pub reason: Reason,
}

/// A no, with its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No line, no night or no unit asked.
    StayIsEmpty,
    StayTooLong {
        nights_max: i64,
    },
    StayInThePast {
        today: Day,
    },
    /// More units in one request than a guest may take.
    TooManyUnits {
        units_max: i64,
    },
    TooManyLines {
        lines_max: usize,
    },
    UnknownPool {
        pool: PoolId,
    },
    /// The property has no room type of this code.
    UnknownRoomType {
        code: String,
    },
    /// One request named pools of two properties.
    SpansProperties,
    /// At least one pool cannot be had; nothing was taken.
    Unavailable {
        reasons: Vec<PoolReason>,
    },
    PriceChanged {
        agreed: Money,
        current: Money,
    },
    /// The promised price can be had no more.
    QuoteExpired {
        expired_at_ms: i64,
    },
    QuoteNotFound,
    /// A sum left the range that money may have.
    AmountTooLarge,
    HoldNotFound,
    HoldExpired {
        expired_at_ms: i64,
    },
    /// The hold reached its total life.
    HoldLifeUsedUp {
        life_ms_max: i64,
    },
    ReservationNotFound,
    /// The action is not legal in the state it is in.
    InvalidTransition {
        from: &'static str,
        action: &'static str,
    },
    /// The stay has not begun: this can be done from that day on.
    TooSoon {
        from: Day,
    },
    /// What the client sent beside an order differs from what we hold.
    Mismatch {
        field: &'static str,
    },
    /// Same key, other request.
    KeyReused,
    PaymentNotFound,
    PaymentDeclined,
    /// The payment needs no more money, or may not have any.
    NothingDue,
    /// More than is left of a payment.
    RefundTooLarge {
        left: Money,
    },
    /// All of the payment went back or is on its way, or nothing came.
    NothingLeft,
    /// The guest's bank has taken money of the payment back: what went back besides would go twice.
    PaymentDisputed,
    /// The installation has no key to keep credentials of businesses with.
    PaymentAccountsOff,
    /// The business only tests, and this is for real money.
    TestMode,
    /// No rule of the hotel has this promotion: whoever names it expects another price.
    UnknownPromo {
        promo: String,
    },
    /// A forced outcome was asked where money is real.
    TestModeOnly,
    NoRoomFree {
        line: LineId,
    },
    UnknownRoom {
        number: String,
    },
    /// The named room is taken on this day.
    RoomTaken {
        number: String,
        day: Day,
    },
    /// The named room is of another type.
    RoomOfOtherType {
        number: String,
    },
    /// The reservation changed since the caller read it.
    Stale {
        version: i64,
    },
    StockOutOfRange {
        field: &'static str,
        max: i64,
    },
    RangeTooLong {
        days_max: i64,
    },
    /// Unblocking more than is blocked.
    NotBlocked {
        blocked_units: i64,
    },
}

impl Refusal {
    /// The stable code of the public contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::StayIsEmpty => "stay_is_empty",
            Refusal::StayTooLong { .. } => "stay_too_long",
            Refusal::StayInThePast { .. } => "stay_in_the_past",
            Refusal::TooManyUnits { .. } => "too_many_units",
            Refusal::TooManyLines { .. } => "too_many_lines",
            Refusal::UnknownPool { .. } | Refusal::UnknownRoomType { .. } => "unknown_room_type",
            Refusal::UnknownPromo { .. } => "unknown_promo_code",
            Refusal::SpansProperties => "spans_properties",
            Refusal::Unavailable { reasons } => unavailable_code(reasons),
            Refusal::PriceChanged { .. } => "price_changed",
            Refusal::QuoteExpired { .. } => "quote_expired",
            Refusal::QuoteNotFound => "quote_not_found",
            Refusal::AmountTooLarge => "amount_too_large",
            Refusal::HoldNotFound => "hold_not_found",
            Refusal::HoldExpired { .. } => "hold_expired",
            Refusal::HoldLifeUsedUp { .. } => "hold_life_used_up",
            Refusal::ReservationNotFound => "reservation_not_found",
            Refusal::InvalidTransition { .. } => "invalid_transition",
            Refusal::TooSoon { .. } => "too_soon",
            Refusal::Mismatch { .. } => "mismatch",
            Refusal::KeyReused => "idempotency_key_reused",
            Refusal::PaymentNotFound => "payment_not_found",
            Refusal::PaymentDeclined => "payment_declined",
            Refusal::NothingDue => "nothing_due",
            Refusal::NothingLeft => "nothing_to_refund",
            Refusal::RefundTooLarge { .. } => "refund_too_large",
            Refusal::PaymentDisputed => "payment_disputed",
            Refusal::PaymentAccountsOff => "payment_accounts_off",
            Refusal::TestMode => "test_mode",
            Refusal::TestModeOnly => "test_mode_only",
            Refusal::NoRoomFree { .. } => "no_room_free",
            Refusal::UnknownRoom { .. } => "unknown_room",
            Refusal::RoomTaken { .. } => "room_taken",
            Refusal::RoomOfOtherType { .. } => "room_of_other_type",
            Refusal::Stale { .. } => "stale",
            Refusal::StockOutOfRange { .. } => "out_of_range",
            Refusal::RangeTooLong { .. } => "range_too_long",
            Refusal::NotBlocked { .. } => "not_blocked",
        }
    }

    /// Whether lapsing overdue holds could turn this no into a yes.
    #[must_use]
    pub fn is_about_stock(&self) -> bool {
        match self {
            Refusal::Unavailable { reasons } => {
                reasons.iter().all(|refused| refused.reason.is_about_stock())
            }
            Refusal::StayIsEmpty
            | Refusal::StayTooLong { .. }
            | Refusal::StayInThePast { .. }
            | Refusal::TooManyUnits { .. }
            | Refusal::TooManyLines { .. }
            | Refusal::UnknownPool { .. }
            | Refusal::UnknownRoomType { .. }
            | Refusal::SpansProperties
            | Refusal::PriceChanged { .. }
            | Refusal::QuoteExpired { .. }
            | Refusal::QuoteNotFound
            | Refusal::AmountTooLarge
            | Refusal::HoldNotFound
            | Refusal::HoldExpired { .. }
            | Refusal::HoldLifeUsedUp { .. }
            | Refusal::ReservationNotFound
            | Refusal::InvalidTransition { .. }
            | Refusal::TooSoon { .. }
            | Refusal::Mismatch { .. }
            | Refusal::KeyReused
            | Refusal::UnknownPromo { .. }
            | Refusal::PaymentNotFound
            | Refusal::PaymentDeclined
            | Refusal::NothingDue
            | Refusal::NothingLeft
            | Refusal::RefundTooLarge { .. }
            | Refusal::PaymentDisputed
            | Refusal::PaymentAccountsOff
            | Refusal::TestMode
            | Refusal::TestModeOnly
            | Refusal::NoRoomFree { .. }
            | Refusal::UnknownRoom { .. }
            | Refusal::RoomTaken { .. }
            | Refusal::RoomOfOtherType { .. }
            | Refusal::Stale { .. }
            | Refusal::StockOutOfRange { .. }
            | Refusal::RangeTooLong { .. }
            | Refusal::NotBlocked { .. } => false,
        }
    }
}

/// Sold out speaks first: it is what most callers act on.
fn unavailable_code(reasons: &[PoolReason]) -> &'static str {
    if reasons.iter().any(|refused| refused.reason.is_about_stock()) {
        return "sold_out";
    }
    reasons.first().map_or("sold_out", |refused| refused.reason.code())
}
