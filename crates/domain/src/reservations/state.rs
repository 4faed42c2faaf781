//! The two stored states of a reservation and the status computed from both. Words only: who may
//! move them stands in the parent.

/// Where the stay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StayState {
    Held,
    /// The deadline passed while a payment was under way; still occupies.
    Releasing,
    Confirmed,
    CheckedIn,
    Completed,
    Released,
    Expired,
    Canceled,
    NoShow,
}

impl StayState {
    pub const ALL: [StayState; 9] = [
        StayState::Held,
        StayState::Releasing,
        StayState::Confirmed,
        StayState::CheckedIn,
        StayState::Completed,
        StayState::Released,
        StayState::Expired,
        StayState::Canceled,
        StayState::NoShow,
    ];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StayState::Held => "held",
            StayState::Releasing => "releasing",
            StayState::Confirmed => "confirmed",
            StayState::CheckedIn => "checked_in",
            StayState::Completed => "completed",
            StayState::Released => "released",
            StayState::Expired => "expired",
            StayState::Canceled => "canceled",
            StayState::NoShow => "no_show",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<StayState> {
        StayState::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether it ended before the stay, with the nights given back by right: nothing is due any
    /// more but an agreed fee. A guest who did not come had the nights kept for them.
    #[must_use]
    pub fn has_ended_unused(self) -> bool {
        matches!(self, StayState::Released | StayState::Expired | StayState::Canceled)
    }
}

/// Where the money stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MoneyState {
    Unpaid,
    Pending,
    Authorized,
    Paid,
    PartiallyRefunded,
    Refunded,
    Failed,
}

impl MoneyState {
    pub const ALL: [MoneyState; 7] = [
        MoneyState::Unpaid,
        MoneyState::Pending,
        MoneyState::Authorized,
        MoneyState::Paid,
        MoneyState::PartiallyRefunded,
        MoneyState::Refunded,
        MoneyState::Failed,
    ];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            MoneyState::Unpaid => "unpaid",
            MoneyState::Pending => "pending",
            MoneyState::Authorized => "authorized",
            MoneyState::Paid => "paid",
            MoneyState::PartiallyRefunded => "partially_refunded",
            MoneyState::Refunded => "refunded",
            MoneyState::Failed => "failed",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<MoneyState> {
        MoneyState::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether a payment is under way that may still bring money.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, MoneyState::Pending | MoneyState::Authorized)
    }
}

/// The one status that most clients read.
#[must_use]
pub fn status(stay: StayState, money: MoneyState) -> &'static str {
    match (stay, money) {
        (StayState::Held | StayState::Releasing, _) => "PENDING_PAYMENT",
        (StayState::Confirmed, _) => "CONFIRMED",
        (StayState::CheckedIn, _) => "CHECKED_IN",
        (StayState::Completed, _) => "COMPLETED",
        (StayState::NoShow, _) => "NO_SHOW",
        (StayState::Released | StayState::Canceled | StayState::Expired, MoneyState::Refunded) => {
            "REFUNDED"
        }
        (StayState::Released | StayState::Canceled, _) => "CANCELED",
        (StayState::Expired, _) => "EXPIRED",
    }
}
