//! Money at a provider for a payment that is not in this store, as after a restore from an older copy.
//! No booking will come of it, so people decide whether it goes back.

use serde::{Deserialize, Serialize};
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::standing::Standing;
use vacancy_domain::ids::{
    BusinessId, PaymentAccountId, PaymentId, PropertyId, ReservationId, WorkItemId,
};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{NewPayment, Payment, PaymentState};
use vacancy_store::work_items::{NewWorkItem, WorkKind};
use vacancy_store::{businesses, hotels, payment_accounts};

use super::Payments;
use super::inbox::About;
use crate::errors::Error;

/// What is known of such a payment: all that its provider needs to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    provider: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    payment: String,
    order: String,
    amount_minor: i64,
    currency: String,
}

impl Stray {
    /// As our payment would stand, had we kept it; `None` when the text was tampered with.
    pub(super) fn payment(&self) -> Option<Payment> {
        let account = match &self.account {
            Some(id) => Some(id.parse().ok()?),
            None => None,
        };
        let amount = Money::new(self.amount_minor, self.currency.parse().ok()?);
        let begun = Payment::begun(NewPayment {
            id: self.payment.parse().ok()?,
            reservation: ReservationId(0),
            provider: self.provider.clone(),
            account,
            amount,
        });
        let state = PaymentState::Pending;
        Some(Payment { provider_order_id: self.order.clone(), state, version: 0, ..begun })
    }
}

impl Payments {
    /// Puts such money before the business that it came to; where nobody knows which, the log has it.
    pub(super) async fn tell_of_stray(
        &self,
        provider: &dyn Provider,
        account: Option<PaymentAccountId>,
        id: PaymentId,
        standing: &Standing,
    ) -> Result<(), Error> {
        let name = provider.abilities().name;
        self.count(name, WorkKind::PaymentUnknown.word());
        let (order, amount) = (&standing.provider_order_id, standing.amount);
        tracing::error!(
            payment.id = %id, provider.order = order,
            "{name} has money for a payment that is not in this store: was it restored from an older copy?"
        );
        let Some(property) = self.whose(account).await? else { return Ok(()) };
        let stray = Stray {
            provider: name.to_owned(),
            account: account.map(|account| account.to_string()),
            payment: id.to_string(),
            order: order.clone(),
            amount_minor: amount.minor,
            currency: amount.currency.to_string(),
        };
        let about = About { stray: Some(stray), ..About::default() };
        self.file_unless_dismissed(NewWorkItem {
            property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: WorkKind::PaymentUnknown,
            subject: id.to_string(),
            detail: format!(
                "{name} has {amount} in order {order} for a payment that is not in this store: it was \
                 restored from an older copy, or another installation uses the same account"
            ),
            data: about.to_text(),
        })
        .await
    }

    /// A hotel of the business that the money came to: the account's, or the only one there is.
    pub(super) async fn whose(
        &self,
        account: Option<PaymentAccountId>,
    ) -> Result<Option<PropertyId>, Error> {
        let found = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                let business = match account {
                    Some(id) => payment_accounts::by_id(tx, id).await?.map(|known| known.business),
                    None => {
                        let all = businesses::list(tx, BusinessId(0), 2).await?;
                        if let [only] = all.as_slice() { Some(only.id) } else { None }
                    }
                };
                let Some(business) = business else { return Ok(None) };
                let hotels = hotels::by_business(tx, business, PropertyId(0), 1).await?;
                Ok(hotels.first().map(|hotel| hotel.id))
            })
        });
        Ok(found.await?)
    }
}
