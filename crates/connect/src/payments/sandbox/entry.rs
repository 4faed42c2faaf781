//! One line of the sandbox's books: its JSON, and how it is read back. No rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vacancy_domain::money::Money;

use super::account::{Account, Paid};
use crate::payments::order::{Capture, OrderRequest, TestOutcome};
use crate::payments::standing::Method;

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) order_id: String,
    pub(super) at_ms: i64,
    #[serde(flatten)]
    pub(super) happening: Happening,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Happening {
    Created {
        payment_id: String,
        reservation_id: String,
        amount_minor: i64,
        currency: String,
        manual_capture: bool,
        return_url: String,
        description: String,
        expires_at_ms: i64,
        outcome: Option<String>,
        /// How it was paid in the same moment, without the guest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        charged: Option<Charged>,
    },
    Paid {
        provider_payment_id: String,
        method: String,
        settles_at_ms: i64,
    },
    Declined,
    Captured {
        amount_minor: i64,
    },
    Voided,
    Refunded {
        refund_id: String,
        provider_refund_id: String,
        amount_minor: i64,
    },
    /// The guest's bank took the payment back.
    Disputed {
        provider_dispute_id: String,
    },
    DisputeEnded {
        won: bool,
    },
}

/// What paid an order without its guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Charged {
    pub(super) provider_payment_id: String,
    pub(super) method: String,
}

/// A whole line that makes no sense: the file is not ours, or newer than we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry cannot be read: {0}")]
pub(super) struct Unreadable(pub(super) &'static str);

impl Happening {
    pub(super) fn created(request: &OrderRequest, charged: Option<Charged>) -> Happening {
        Happening::Created {
            payment_id: request.payment_id.to_string(),
            reservation_id: request.reservation_id.to_string(),
            amount_minor: request.amount.minor,
            currency: request.amount.currency.code().to_owned(),
            manual_capture: request.capture == Capture::Manual,
            return_url: request.return_url.clone(),
            description: request.description.clone(),
            expires_at_ms: request.expires_at_ms,
            outcome: request.test_outcome.map(|outcome| outcome.as_str().to_owned()),
            charged,
        }
    }
}

impl Entry {
    /// The order that a `created` entry opens.
    pub(super) fn into_account(self) -> Result<Account, Unreadable> {
        let Happening::Created {
            payment_id,
            reservation_id,
            amount_minor,
            currency,
            manual_capture,
            return_url,
            description,
            expires_at_ms,
            outcome,
            charged,
        } = self.happening
        else {
            return Err(Unreadable("an order before it was created"));
        };
        let outcome = match outcome {
            None => None,
            Some(text) => Some(TestOutcome::parse(&text).ok_or(Unreadable("a test outcome"))?),
        };
        let currency = currency.parse().map_err(|_| Unreadable("a currency"))?;
        Ok(Account {
            order_id: self.order_id,
            payment_id: payment_id.parse().map_err(|_| Unreadable("a payment id"))?,
            reservation_id: reservation_id.parse().map_err(|_| Unreadable("a reservation id"))?,
            amount: Money::new(amount_minor, currency),
            capture: if manual_capture { Capture::Manual } else { Capture::Automatic },
            return_url,
            description,
            created_at_ms: self.at_ms,
            expires_at_ms,
            outcome,
            paid: charged.map(|charged| Paid {
                provider_payment_id: charged.provider_payment_id,
                method: Method::parse(&charged.method),
                settles_at_ms: self.at_ms,
            }),
            declined: false,
            captured_minor: None,
            voided_at_ms: None,
            refunds: BTreeMap::new(),
            dispute: None,
        })
    }
}
