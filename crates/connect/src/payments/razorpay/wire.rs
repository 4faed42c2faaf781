//! Razorpay's objects as far as we read them, and what they say in our words. A word that we do not
//! know is read as text and means pending, never success.

use serde::Deserialize;
use vacancy_domain::money::Money;
use vacancy_domain::payments::PaymentState;

use crate::payments::listing::Listed;
use crate::payments::standing::{Method, RefundState, Standing, Surplus};

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    amount: i64,
    currency: String,
    status: String,
    pub(super) receipt: Option<String>,
    #[serde(default)]
    pub(super) created_at: i64,
    /// Only where they were asked for.
    payments: Option<Collection<Payment>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Payment {
    id: String,
    amount: i64,
    currency: String,
    status: String,
    captured: Option<bool>,
    #[serde(default)]
    amount_refunded: i64,
    method: Option<String>,
    #[serde(default)]
    created_at: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    amount: i64,
    currency: String,
    pub(super) receipt: Option<String>,
    status: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Collection<T> {
    pub(super) items: Vec<T>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: ErrorOf,
}

#[derive(Debug, Deserialize)]
pub(super) struct ErrorOf {
    pub(super) code: String,
    pub(super) field: Option<String>,
}

/// An order of ours with every attempt to pay it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) standing: Standing,
    pub(super) payment_ids: Vec<String>,
}

/// The body of a webhook. What it says beyond the ids is not read: the provider is asked.
#[derive(Debug, Deserialize)]
pub(super) struct EventBody {
    pub(super) event: String,
    #[serde(default)]
    payload: Payload,
}

#[derive(Debug, Default, Deserialize)]
struct Payload {
    order: Option<Entity<Named>>,
    payment: Option<Entity<NamedPayment>>,
    dispute: Option<Entity<Named>>,
}

#[derive(Debug, Deserialize)]
struct Entity<T> {
    entity: T,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
}

#[derive(Debug, Deserialize)]
struct NamedPayment {
    id: String,
    order_id: Option<String>,
}

impl EventBody {
    pub(super) fn dispute_id(&self) -> Option<String> {
        self.payload.dispute.as_ref().map(|dispute| dispute.entity.id.clone())
    }

    pub(super) fn order_id(&self) -> Option<String> {
        let Payload { order, payment, .. } = &self.payload;
        let named = order.as_ref().map(|order| order.entity.id.clone());
        named.or_else(|| payment.as_ref()?.entity.order_id.clone())
    }

    pub(super) fn payment_id(&self) -> Option<String> {
        self.payload.payment.as_ref().map(|payment| payment.entity.id.clone())
    }
}

impl Order {
    pub(super) fn money(&self) -> Option<Money> {
        money(self.amount, &self.currency)
    }

    /// The order in a list, if it is one of ours. `page` says where it can be paid.
    pub(super) fn listed(&self, page: impl Fn(&str) -> String) -> Option<Listed> {
        let payment_id = self.receipt.as_ref()?.parse().ok()?;
        let attempts = self.payments.as_ref().map_or(&[][..], |list| list.items.as_slice());
        let standing = self.found(attempts)?.standing;
        Some(Listed { payment_id, checkout_url: Some(page(&self.id)), standing })
    }

    /// How the order stands: as the best of its payments does. Nothing when an amount is none of
    /// ours.
    pub(super) fn found(&self, payments: &[Payment]) -> Option<Found> {
        let best = payments.iter().min_by_key(|payment| (payment.rank(), payment.created_at));
        let state = match best {
            Some(payment) => payment.state(),
            None if self.status == "created" => PaymentState::Created,
            None => PaymentState::Pending,
        };
        let paid = best.filter(|_| state == PaymentState::Succeeded);
        let has_money = matches!(state, PaymentState::Authorized | PaymentState::Succeeded);
        let amount = self.money()?;
        let captured = match paid {
            Some(payment) => money(payment.amount, &payment.currency)?,
            None => Money::zero(amount.currency),
        };
        // An order is paid once. Whoever paid it twice has the later one back.
        let is_surplus = |one: &&Payment| {
            one.state() == PaymentState::Succeeded
                && one.amount_refunded < one.amount
                && paid.is_some_and(|paid| paid.id != one.id)
        };
        let surplus = payments.iter().filter(is_surplus).filter_map(Payment::left).collect();
        let standing = Standing {
            provider_order_id: self.id.clone(),
            state,
            provider_payment_id: best.filter(|_| has_money).map(|payment| payment.id.clone()),
            // Money of another currency is none of this order's: the caller compares.
            amount: Money::new(amount.minor, captured.currency),
            captured_minor: captured.minor,
            refunded_minor: paid.map_or(0, |payment| payment.amount_refunded),
            method: best.and_then(|payment| payment.method.as_deref()).map(method),
            surplus,
        };
        let payment_ids = payments.iter().map(|payment| payment.id.clone()).collect();
        Some(Found { standing, payment_ids })
    }
}

impl Payment {
    fn state(&self) -> PaymentState {
        match (self.status.as_str(), self.captured) {
            ("captured", _) | ("refunded", Some(true)) => PaymentState::Succeeded,
            ("authorized", _) => PaymentState::Authorized,
            ("failed", _) => PaymentState::Failed,
            // Authorised, taken by nobody, gone back by itself.
            ("refunded", Some(false)) => PaymentState::Canceled,
            (_, _) => PaymentState::Pending,
        }
    }

    fn left(&self) -> Option<Surplus> {
        let left = money(self.amount.checked_sub(self.amount_refunded)?, &self.currency)?;
        Some(Surplus { provider_payment_id: self.id.clone(), left })
    }

    /// The lowest decides for the order: money that is there, then money that may come.
    fn rank(&self) -> u8 {
        match self.state() {
            PaymentState::Succeeded => 0,
            PaymentState::Authorized => 1,
            PaymentState::Created | PaymentState::Pending => 2,
            PaymentState::Failed => 3,
            PaymentState::Canceled => 4,
        }
    }
}

impl Refund {
    pub(super) fn money(&self) -> Option<Money> {
        money(self.amount, &self.currency)
    }

    pub(super) fn state(&self) -> RefundState {
        match self.status.as_deref() {
            Some("processed") => RefundState::Succeeded,
            Some("failed") => RefundState::Failed,
            Some(_) | None => RefundState::Pending,
        }
    }
}

fn method(word: &str) -> Method {
    match word {
        "card" | "emi" => Method::Card,
        "upi" => Method::Upi,
        "wallet" => Method::Wallet,
        "netbanking" => Method::NetBanking,
        "bank_transfer" => Method::BankTransfer,
        _ => Method::Other,
    }
}

fn money(minor: i64, currency: &str) -> Option<Money> {
    Some(Money::new(minor, currency.parse().ok()?))
}

#[cfg(test)]
mod tests {
    //! Every state of a payment, and which of several decides.

    use super::*;

    #[track_caller]
    fn check(order: &str, payments: &[(&str, Option<bool>)], state: PaymentState) {
        let order = Order {
            id: "order_1".to_owned(),
            amount: 100,
            currency: "INR".to_owned(),
            status: order.to_owned(),
            receipt: None,
            created_at: 0,
            payments: None,
        };
        let payments: Vec<Payment> = payments
            .iter()
            .zip(0..)
            .map(|((status, captured), created_at)| Payment {
                id: format!("pay_{created_at}"),
                amount: 100,
                currency: "INR".to_owned(),
                status: (*status).to_owned(),
                captured: *captured,
                amount_refunded: 0,
                method: None,
                created_at,
            })
            .collect();
        let found = order.found(&payments).expect("amounts of ours");
        assert_eq!(found.standing.state, state, "{payments:?}");
    }

    #[test]
    fn the_best_payment_decides_for_the_order() {
        let no = Some(false);
        check("created", &[], PaymentState::Created);
        check("attempted", &[("failed", no)], PaymentState::Failed);
        check("attempted", &[("created", no)], PaymentState::Pending);
        check("attempted", &[("failed", no), ("created", no)], PaymentState::Pending);
        check("attempted", &[("authorized", no), ("failed", no)], PaymentState::Authorized);
        check("paid", &[("failed", no), ("captured", Some(true))], PaymentState::Succeeded);
        check("paid", &[("refunded", Some(true))], PaymentState::Succeeded);
        // Nobody took it, and it went back by itself.
        check("attempted", &[("refunded", no)], PaymentState::Canceled);
    }

    #[test]
    fn a_word_that_nobody_here_knows_is_pending() {
        check("on_the_moon", &[], PaymentState::Pending);
        check("paid", &[], PaymentState::Pending);
        check("paid", &[("on_the_moon", Some(true))], PaymentState::Pending);
        check("paid", &[("refunded", None)], PaymentState::Pending);
    }
}
