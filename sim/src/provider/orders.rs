//! One order in a provider's books: where it stands, what was taken and given back, and what happens to
//! it by itself.

use std::collections::BTreeMap;

use vacancy_connect::payments::standing::{Method, RefundState, Standing, Surplus};
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
    /// How it ends.
    pub(super) fails: bool,
}

/// Money on its way back, by our ids.
pub(super) type Refunds = BTreeMap<RefundId, Back>;

/// One more payment of an order that was paid already.
#[derive(Debug, Clone)]
pub(super) struct Extra {
    pub(super) name: String,
    pub(super) money: Money,
    pub(super) refunds: Refunds,
}

impl Extra {
    pub(super) fn left(&self) -> Money {
        Money::new(self.money.minor - gone_minor(&self.refunds), self.money.currency)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) payment: PaymentId,
    pub(super) asked: Money,
    /// What came where that is something else.
    pub(super) came: Option<Money>,
    /// Whether what pays it may pay again, as its guest agreed.
    pub(super) pays_again: bool,
    /// Nobody is on its page: what paid before pays this one.
    pub(super) is_charge: bool,
    pub(super) made_at_ms: i64,
    /// Stripe's sessions end by themselves.
    pub(super) ends_at_ms: Option<i64>,
    pub(super) at: At,
    /// Where it goes by itself, and when.
    pub(super) next: Option<(i64, At)>,
    pub(super) refunds: Refunds,
    pub(super) extras: Vec<Extra>,
}

/// What failed on its way back is still here.
pub(super) fn gone_minor(refunds: &Refunds) -> i64 {
    let gone = refunds.values().filter(|back| back.state != RefundState::Failed);
    gone.map(|back| back.minor).sum()
}

impl Order {
    /// What it stands for: what was asked, or what came in its place.
    pub(super) fn money(&self) -> Money {
        self.came.filter(|_| self.at == At::Taken).unwrap_or(self.asked)
    }

    pub(super) fn captured_minor(&self) -> i64 {
        if self.at == At::Taken { self.money().minor } else { 0 }
    }

    pub(super) fn standing(&self, order: &str) -> Standing {
        let has_money = matches!(self.at, At::Authorized | At::Taken);
        Standing {
            provider_order_id: order.to_owned(),
            state: self.at.word(),
            provider_payment_id: has_money.then(|| payment_name(order)),
            amount: self.money(),
            captured_minor: self.captured_minor(),
            refunded_minor: gone_minor(&self.refunds),
            method: has_money.then_some(Method::Card),
            surplus: self
                .extras
                .iter()
                .filter(|extra| 0 < extra.left().minor)
                .map(surplus)
                .collect(),
        }
    }
}

/// The provider's name for the payment of an order.
pub(super) fn payment_name(order: &str) -> String {
    format!("pay of {order}")
}

fn surplus(extra: &Extra) -> Surplus {
    Surplus { provider_payment_id: extra.name.clone(), left: extra.left() }
}
