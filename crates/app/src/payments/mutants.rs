//! Ways to lose money, each behind a guard that only a test takes away. No release has them.

use vacancy_connect::payments::webhook::Event;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::RefundId;
use vacancy_domain::money::Money;
use vacancy_domain::payments::{News, PaymentState};
use vacancy_store::payments as stored;

use super::Payments;
use crate::errors::Error;

/// Books what a webhook says and asks nobody; `None` while the guard is on, or when it says nothing.
pub(super) async fn believe(
    payments: &Payments,
    provider: &str,
    event: &Event,
) -> Option<Result<(), Error>> {
    if !guards::is_off(Guard::FetchedTruth) {
        return None;
    }
    let state = match event.kind.as_str() {
        "checkout.session.completed" | "payment.captured" | "order.paid" => PaymentState::Succeeded,
        "checkout.session.expired" => PaymentState::Canceled,
        kind if kind.ends_with("failed") => PaymentState::Failed,
        _ => return None,
    };
    let (provider, order) = (provider.to_owned(), event.provider_order_id.clone()?);
    let read = payments
        .bookings
        .db
        .read(move |tx| Box::pin(async move { stored::by_order(tx, &provider, &order).await }));
    let payment = match read.await {
        Ok(payment) => payment?,
        Err(fault) => return Some(Err(fault.into())),
    };
    let captured = match state {
        PaymentState::Succeeded => payment.amount,
        PaymentState::Created
        | PaymentState::Pending
        | PaymentState::Authorized
        | PaymentState::Failed
        | PaymentState::Canceled => Money::zero(payment.amount.currency),
    };
    let (provider_payment_id, method) = (String::new(), String::new());
    let news = News { payment: payment.id, state, provider_payment_id, captured, method };
    Some(payments.tell(&payment, news).await.map(|_| ()))
}

impl Payments {
    /// The same attempt under another name.
    pub(super) fn another_refund(&self, refund: RefundId) -> RefundId {
        if guards::is_off(Guard::RefundKey) {
            return RefundId(self.bookings.ids.next_id());
        }
        refund
    }
}
