//! What the sandbox derives from its secret: ids that nobody can guess, and signatures.

use std::slice::from_ref;

use serde::{Deserialize, Serialize};
use vacancy_domain::ids::{PaymentId, RefundId};
use vacancy_domain::payments::PaymentState;

use super::account::Account;
use super::page::SignedWebhook;
use crate::payments::webhook::{self, Event, Webhook, WebhookRefusal};
use crate::secret::Secret;

/// The header of the sandbox's webhooks.
pub const SIGNATURE_HEADER: &str = "Sandbox-Signature";

/// Hex digits of an id: 128 bits.
const ID_DIGITS: usize = 32;

/// One secret, one purpose each.
#[derive(Debug)]
pub(super) struct Keys {
    returns: Secret,
    ids: Secret,
    webhooks: Secret,
}

/// The body of a webhook.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    id: String,
    event: String,
    payment_order_id: String,
    provider_payment_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispute_id: Option<String>,
    created_at_ms: i64,
}

impl Keys {
    pub(super) fn new(secret: &Secret) -> Keys {
        Keys {
            returns: secret.clone(),
            ids: secret.derive("sandbox ids"),
            webhooks: secret.derive("sandbox webhooks"),
        }
    }

    /// The same payment id gives the same order id, and only who has the secret can tell it.
    pub(super) fn order_id(&self, payment_id: PaymentId) -> String {
        self.id("order", &payment_id.to_string())
    }

    pub(super) fn payment_id(&self, order_id: &str) -> String {
        self.id("pay", order_id)
    }

    pub(super) fn refund_id(&self, refund_id: RefundId) -> String {
        self.id("rfnd", &refund_id.to_string())
    }

    pub(super) fn dispute_id(&self, order_id: &str) -> String {
        self.id("dsp", order_id)
    }

    fn id(&self, kind: &str, of: &str) -> String {
        let tag = self.ids.sign(&[kind.as_bytes(), b":", of.as_bytes()]);
        format!("{kind}_{}", &tag[..ID_DIGITS])
    }

    /// What the guest brings back, as Razorpay does it: hex HMAC of `order|payment`. Only once the
    /// money is there.
    pub(super) fn signature(&self, account: &Account, now_ms: i64) -> Option<String> {
        let paid = account.paid.as_ref()?;
        match account.state(now_ms) {
            PaymentState::Authorized | PaymentState::Succeeded => Some(self.returns.sign(&[
                account.order_id.as_bytes(),
                b"|",
                paid.provider_payment_id.as_bytes(),
            ])),
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Failed
            | PaymentState::Canceled => None,
        }
    }

    pub(super) fn verifies(&self, order_id: &str, payment_id: &str, signature: &str) -> bool {
        self.returns.verifies(&[order_id.as_bytes(), b"|", payment_id.as_bytes()], signature)
    }

    pub(super) fn webhook(&self, account: &Account, now_ms: i64) -> Option<SignedWebhook> {
        let event = match account.state(now_ms) {
            PaymentState::Created | PaymentState::Pending => return None,
            PaymentState::Authorized => "payment.authorized",
            PaymentState::Succeeded => "payment.captured",
            PaymentState::Failed => "payment.failed",
            PaymentState::Canceled => "order.canceled",
        };
        self.event(event, account, now_ms)
    }

    /// What happened to a dispute last.
    pub(super) fn dispute_event(&self, account: &Account, now_ms: i64) -> Option<SignedWebhook> {
        let event = match account.dispute.as_ref()?.won {
            None => "payment.dispute.created",
            Some(true) => "payment.dispute.won",
            Some(false) => "payment.dispute.lost",
        };
        self.event(event, account, now_ms)
    }

    /// An event of this name, whether it is true of the order or not.
    pub(super) fn event(
        &self,
        event: &str,
        account: &Account,
        now_ms: i64,
    ) -> Option<SignedWebhook> {
        let dispute = account.dispute.as_ref().filter(|_| event.contains(".dispute."));
        let body = Body {
            id: self.id("evt", &format!("{event}:{}", account.order_id)),
            event: event.to_owned(),
            payment_order_id: account.order_id.clone(),
            provider_payment_id: account.paid.as_ref().map(|paid| paid.provider_payment_id.clone()),
            dispute_id: dispute.map(|dispute| dispute.provider_dispute_id.clone()),
            created_at_ms: now_ms,
        };
        let body = serde_json::to_string(&body).ok()?;
        Some(SignedWebhook {
            signature: webhook::sign(&self.webhooks, body.as_bytes(), now_ms),
            body,
        })
    }

    pub(super) fn parse(&self, delivery: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        let signature =
            delivery.header(SIGNATURE_HEADER).ok_or(WebhookRefusal::SignatureMissing)?;
        webhook::verify(from_ref(&self.webhooks), signature, delivery.body, delivery.now_ms)?;
        let body: Body =
            serde_json::from_slice(delivery.body).map_err(|_| WebhookRefusal::Malformed)?;
        Ok(Event {
            event_id: body.id,
            kind: body.event,
            provider_order_id: Some(body.payment_order_id),
            provider_payment_id: body.provider_payment_id,
            provider_dispute_id: body.dispute_id,
        })
    }
}
