//! What paid before pays again, without its guest: whoever agreed to that is a customer of Stripe's, and
//! the means of the payment is kept with it. A guest who did not agree has no customer.

use vacancy_domain::payments::Payment;

use super::asks;
use super::calls::{Calls, INTENT_WHOLE, SESSION_WHOLE, is_intent, order_of_intent};
use super::wire::{Intent, Named, Session};
use crate::http::encoded;
use crate::payments::failure::{Code, Failure, refused};
use crate::payments::order::{Order, OrderRequest};

impl Calls {
    /// Whom the means of this payment is kept for. Nobody, where our key may not write customers: then
    /// the guest can pay all the same, and is asked for the rest.
    pub(super) async fn customer(&self, request: &OrderRequest) -> Result<Option<String>, Failure> {
        let key = format!("customer-{}", request.payment_id);
        let asked = self.post("/v1/customers", Some(&key), &asks::customer(request));
        match self.read("make a customer", asked).await {
            Ok(Named { id }) => Ok(Some(id)),
            Err(Failure::Refused { code: Code::KeyRefused }) => {
                tracing::error!("stripe's key may not write customers: no rest can be charged");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Refused where the guest did not agree to it; declined where the bank has to ask them.
    pub(super) async fn charge_again(
        &self,
        request: &OrderRequest,
        earlier: &Payment,
    ) -> Result<Order, Failure> {
        const ATTEMPTED: &str = "look at what paid before";
        let id = encoded(&earlier.provider_order_id);
        let paid = if is_intent(&earlier.provider_order_id) {
            let path = format!("/v1/payment_intents/{id}?{INTENT_WHOLE}");
            let intent: Intent = self.read(ATTEMPTED, self.get(&path)).await?;
            intent
        } else {
            let path = format!("/v1/checkout/sessions/{id}?{SESSION_WHOLE}");
            let session: Session = self.read(ATTEMPTED, self.get(&path)).await?;
            session.into_intent().ok_or(refused(Code::NothingKept))?
        };
        let (customer, means) = paid.pays_again().ok_or(refused(Code::NothingKept))?;
        let form = asks::again(request, customer, means)?;
        let key = format!("order-{}", request.payment_id);
        let asked = self.post("/v1/payment_intents", Some(&key), &form);
        let intent: Intent = self.read("charge again", asked).await?;
        let order = order_of_intent(intent);
        // Nobody is there to use it.
        Ok(Order { client_secret: None, ..order })
    }
}
