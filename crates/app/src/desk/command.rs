//! What the desk is asked, and what it answers.

use tokio::time::Instant;
use vacancy_domain::codes::Code;
use vacancy_domain::disputes;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, PaymentId, PoolId, PropertyId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{News, Payment};
use vacancy_domain::pools::StockPatch;
use vacancy_domain::prices::Price;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::money::GivenBack;
use vacancy_domain::reservations::refunds::RefundAsk;
use vacancy_domain::reservations::{Book, Guest, Reservation, ReservedLine};
use vacancy_domain::rooms::Assignment;
use vacancy_domain::stays::Day;

/// One thing to do to the stock of a property, or to a reservation on it.
#[derive(Debug, Clone)]
pub enum Command {
    /// A bare hold.
    Place(Place),
    /// A hold and its reservation.
    Book(Box<Book>),
    /// A wish that is refused before it reaches the stock. It comes to the desk all the same: its
    /// key may have been answered with a yes before.
    Refuse(Refusal),
    Extend {
        hold: HoldId,
    },
    /// `reference` must be the one given at the placing, when there is one.
    Confirm {
        hold: HoldId,
        reference: Option<String>,
    },
    Cancel {
        hold: HoldId,
        reference: Option<String>,
        reason: String,
    },
    Lapse {
        hold: HoldId,
    },
    Edit {
        hold: HoldId,
        guest: Guest,
        guest_requests: String,
        version: Option<i64>,
    },
    Reschedule {
        hold: HoldId,
        lines: Vec<ReservedLine>,
        price: Price,
        /// The most that the guest agreed to for the whole stay; a worse price is refused.
        agreed: Option<Money>,
        advance_days_max: Option<i64>,
        /// The reservation as the caller priced it: a change in between is refused.
        version: i64,
    },
    CheckIn {
        hold: HoldId,
        rooms: Vec<Assignment>,
    },
    CheckOut {
        hold: HoldId,
    },
    NoShow {
        hold: HoldId,
    },
    /// The guest goes to pay.
    BeginPayment {
        hold: HoldId,
        payment: Box<Payment>,
    },
    /// The provider made an order of our intent.
    NamePayment {
        hold: HoldId,
        payment: PaymentId,
        order_id: String,
        checkout_url: String,
    },
    /// A provider told something.
    HearPayment {
        hold: HoldId,
        news: News,
    },
    /// A provider told of a dispute.
    HearDispute {
        hold: HoldId,
        news: Box<disputes::News>,
    },
    /// Staff want money back to the guest.
    AskRefund {
        hold: HoldId,
        ask: RefundAsk,
    },
    RecordRefund {
        hold: HoldId,
        back: GivenBack,
    },
    SetStock {
        pool: PoolId,
        first_day: Day,
        end_day: Day,
        patch: StockPatch,
    },
    /// `from_day` must not lie after today at the property.
    SetDefault {
        pool: PoolId,
        capacity: Option<i64>,
        overbook_bp: Option<i64>,
        from_day: Day,
    },
    /// Decides nothing and panics; for the test that a batch survives it.
    #[cfg(feature = "mutants")]
    Panic,
}

impl Command {
    /// The hold that the command names; a new one is not named.
    #[must_use]
    pub fn hold(&self) -> Option<HoldId> {
        match self {
            Command::Place(_)
            | Command::Book(_)
            | Command::Refuse(_)
            | Command::SetStock { .. }
            | Command::SetDefault { .. } => None,
            Command::Extend { hold }
            | Command::Confirm { hold, .. }
            | Command::Cancel { hold, .. }
            | Command::Lapse { hold }
            | Command::Edit { hold, .. }
            | Command::Reschedule { hold, .. }
            | Command::CheckIn { hold, .. }
            | Command::CheckOut { hold }
            | Command::NoShow { hold }
            | Command::BeginPayment { hold, .. }
            | Command::NamePayment { hold, .. }
            | Command::HearPayment { hold, .. }
            | Command::HearDispute { hold, .. }
            | Command::AskRefund { hold, .. }
            | Command::RecordRefund { hold, .. } => Some(*hold),
            #[cfg(feature = "mutants")]
            Command::Panic => None,
        }
    }

    /// Whether the command needs a transaction of its own: it locks a pool that others share.
    #[must_use]
    pub fn runs_alone(&self) -> bool {
        matches!(self, Command::SetStock { .. } | Command::SetDefault { .. })
    }
}

/// A client's own name for its request, under which the outcome is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyName {
    /// `requestId` of a reservation: kept for ever.
    Request { property: PropertyId, request_id: String },
    /// `Idempotency-Key` of a credential or route: kept for 24 hours.
    Scoped { scope: String, key: String },
}

/// A key and the digest of what came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub name: KeyName,
    pub body_hash: String,
}

/// A command with everything the desk needs to know about it.
#[derive(Debug, Clone)]
pub struct Order {
    pub property: PropertyId,
    /// Who asks, for the history: `guest`, `staff …`, `job …`.
    pub actor: String,
    pub command: Command,
    pub key: Option<Key>,
    /// When the caller stops waiting. An order past it is dropped before its batch starts.
    pub deadline: Option<Instant>,
}

impl Order {
    #[must_use]
    pub fn new(property: PropertyId, actor: impl Into<String>, command: Command) -> Order {
        Order { property, actor: actor.into(), command, key: None, deadline: None }
    }

    #[must_use]
    pub fn with_key(mut self, key: Key) -> Order {
        self.key = Some(key);
        self
    }

    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Order {
        self.deadline = Some(deadline);
        self
    }
}

/// A reservation was made. The first answer and every replay are rendered from this alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    pub reservation: ReservationId,
    pub property: PropertyId,
    pub hold: HoldId,
    pub code: Code,
    pub expires_at_ms: i64,
    pub decided_at_ms: i64,
    pub price: Price,
    /// Codes of the room types, one for each line of the price.
    pub room_types: Vec<String>,
}

/// A bare hold was placed, extended or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub hold: HoldId,
    pub state: vacancy_domain::holds::HoldState,
    pub reference: String,
    pub expires_at_ms: i64,
    pub decided_at_ms: i64,
}

/// Money is to go back. Whether it has is a read of the refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAsked {
    pub refund: RefundId,
    pub payment: PaymentId,
    pub amount: Money,
    pub reason: String,
    pub decided_at_ms: i64,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Booked(Box<Booked>),
    Held(Held),
    RefundAsked(RefundAsked),
    /// The reservation as it stands now.
    Reservation(Box<Reservation>),
    /// A replay: the order of this key moved the reservation before. How it stands now is a read.
    Known(ReservationId),
    /// Stock was set.
    Done,
}

/// An outcome, and whether it was decided now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    pub is_replay: bool,
}
