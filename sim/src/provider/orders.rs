//! One order in a provider's books: where it stands, what was taken and given back, and what happens to
//! it by itself.

use std::collections::BTreeMap;

use vacancy_connect::payments::standing::{Method, RefundState, Standing};
use vacancy_domain::ids::{PaymentId, RefundId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::PaymentState;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Nobody has paid.
    Open,
    /// And nobody may any more.
    Closed,
    /// A bank thinks about it.
    Asked,
    /// A bank said no.
    Declined,
    /// Money waits for us to take it.
    Authorized,
    Taken,
    /// Money that nobody took went back by itself.
    GoneBack,
}

impl At {
    pub(super) fn word(self) -> PaymentState {
        match self {
            At::Open => PaymentState::Created,
            At::Closed | At::GoneBack => PaymentState::Canceled,
            At::Asked => PaymentState::Pending,
            At::Declined => PaymentState::Failed,
            At::Authorized => PaymentState::Authorized,
            At::Taken => PaymentState::Succeeded,
        }
    }
}

/// Money on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Back {
    pub(super) minor: i64,
    pub(super) state: RefundState,
    pub(super) ends_at_ms: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) payment: PaymentId,
    pub(super) asked: Money,
    pub(super) made_at_ms: i64,
    /// Stripe's sessions end by themselves.
    pub(super) ends_at_ms: Option<i64>,
    pub(super) at: At,
    /// Where it goes by itself, and when.
    pub(super) next: Option<(i64, At)>,
    pub(super) refunds: BTreeMap<RefundId, Back>,
}

impl Order {
    pub(super) fn captured_minor(&self) -> i64 {
        if self.at == At::Taken { self.asked.minor } else { 0 }
    }

    /// What failed on its way back is still here.
    pub(super) fn refunded_minor(&self) -> i64 {
        let gone = self.refunds.values().filter(|back| back.state != RefundState::Failed);
        gone.map(|back| back.minor).sum()
    }

    pub(super) fn standing(&self, order: &str) -> Standing {
        let has_money = matches!(self.at, At::Authorized | At::Taken);
        Standing {
            provider_order_id: order.to_owned(),
            state: self.at.word(),
            provider_payment_id: has_money.then(|| format!("pay of {order}")),
            amount: self.asked,
            captured_minor: self.captured_minor(),
            refunded_minor: self.refunded_minor(),
            method: has_money.then_some(Method::Card),
            surplus: Vec::new(),
        }
    }
}
