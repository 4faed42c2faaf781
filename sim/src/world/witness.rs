//! Stands before a provider and notes how our store and its books are at the moment when it is asked to
//! charge what paid before. Changes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;
use vacancy_connect::payments::disputes::{DisputeListing, DisputeLookUp, Disputed};
use vacancy_connect::payments::listing::{ListRequest, Listing};
use vacancy_connect::payments::order::{
    CaptureRequest, LookUp, Order, OrderRequest, Payer, RefundRequest, VoidRequest,
};
use vacancy_connect::payments::standing::{Refund, Standing};
use vacancy_connect::payments::webhook::{Event, Webhook, WebhookRefusal};
use vacancy_connect::payments::{Abilities, Answer, Provider};
use vacancy_store::sql::Db;
use vacancy_store::testing::money;

use crate::oracle::money::Charge;
use crate::provider::Till;

/// Charges that nobody has judged yet. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Charges(Arc<Mutex<Vec<Charge>>>);

impl Charges {
    pub(super) fn take(&self) -> Vec<Charge> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) struct Witness {
    pub(super) till: Till,
    pub(super) db: Db,
    pub(super) charges: Charges,
}

impl Witness {
    async fn notes(&self, request: &OrderRequest) {
        // A store that cannot be read has nothing to compare with.
        let Ok(ours) = money::all(&self.db).await else { return };
        let charge = Charge {
            payment: Uuid::from_u128(request.payment_id.0),
            minor: request.amount.minor,
            at_ms: request.now_ms,
            ours,
            theirs: self.till.taken(),
        };
        self.charges.0.lock().unwrap_or_else(PoisonError::into_inner).push(charge);
    }
}

impl Provider for Witness {
    fn abilities(&self) -> &Abilities {
        self.till.abilities()
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        Box::pin(async move {
            if matches!(request.payer, Payer::Again(_)) {
                self.notes(request).await;
            }
            self.till.create(request).await
        })
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        self.till.capture(request)
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        self.till.void(request)
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        self.till.refund(request)
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        self.till.look_up(request)
    }

    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing> {
        self.till.list(request)
    }

    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        self.till.dispute(request)
    }

    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        self.till.disputes(request)
    }

    fn parse_webhook(&self, webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        self.till.parse_webhook(webhook)
    }
}
