//! Stripe's objects as far as we read them, and what they say in our words. A word that we do not
//! know is read as text and means pending, never success.

use std::collections::BTreeMap;

use serde::Deserialize;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::PaymentState;

use super::amounts::from_stripe;
use crate::payments::standing::{Method, RefundState, Standing};

/// Our payment's id in the metadata of what we made.
pub(super) const PAYMENT_ID: &str = "payment_id";
/// Our refund's id in the metadata of a refund.
pub(super) const REFUND_ID: &str = "refund_id";

pub(super) type Metadata = Option<BTreeMap<String, String>>;

/// An object, or only its id where it was not asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Whole(Box<T>),
}

impl<T> Expandable<T> {
    fn whole(&self) -> Option<&T> {
        match self {
            Expandable::Whole(whole) => Some(whole),
            Expandable::Id(_) => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    status: Option<String>,
    amount_total: Option<i64>,
    currency: Option<String>,
    pub(super) url: Option<String>,
    pub(super) client_reference_id: Option<String>,
    payment_intent: Option<Expandable<Intent>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    status: String,
    amount: Option<i64>,
    amount_received: Option<i64>,
    currency: Option<String>,
    pub(super) client_secret: Option<String>,
    latest_charge: Option<Expandable<Charge>>,
    customer: Option<Expandable<Named>>,
    payment_method: Option<Expandable<Named>>,
    pub(super) metadata: Metadata,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Charge {
    amount_refunded: i64,
    payment_method_details: Option<MethodDetails>,
}

#[derive(Debug, Clone, Deserialize)]
struct MethodDetails {
    r#type: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    amount: i64,
    currency: String,
    status: Option<String>,
    pub(super) metadata: Metadata,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: ErrorOf,
}

#[derive(Debug, Deserialize)]
pub(super) struct ErrorOf {
    pub(super) r#type: String,
    pub(super) code: Option<String>,
}

/// The body of a webhook. What it says beyond the ids is not read: the provider is asked.
#[derive(Debug, Deserialize)]
pub(super) struct EventBody {
    pub(super) id: String,
    pub(super) r#type: String,
    pub(super) data: EventData,
}

#[derive(Debug, Deserialize)]
pub(super) struct EventData {
    pub(super) object: EventObject,
}

#[derive(Debug, Deserialize)]
pub(super) struct EventObject {
    id: Option<String>,
    object: Option<String>,
    pub(super) payment_intent: Option<Expandable<Named>>,
    client_reference_id: Option<String>,
    metadata: Metadata,
}

/// An object of which only the id matters.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

impl Expandable<Named> {
    pub(super) fn id(&self) -> &str {
        match self {
            Expandable::Id(id) => id,
            Expandable::Whole(whole) => &whole.id,
        }
    }
}

impl EventObject {
    pub(super) fn dispute_id(&self) -> Option<&str> {
        let is_dispute = self.object.as_deref() == Some("dispute");
        self.id.as_deref().filter(|_| is_dispute)
    }
}

impl EventBody {
    /// The order of ours that it is about: a session, or an intent that no session made.
    pub(super) fn order_id(&self) -> Option<&str> {
        let object = &self.data.object;
        let is_ours = match object.object.as_deref()? {
            "checkout.session" => object.client_reference_id.is_some(),
            "payment_intent" => noted(&object.metadata, PAYMENT_ID).is_some(),
            _ => false,
        };
        object.id.as_deref().filter(|_| is_ours)
    }
}

impl Session {
    /// How the session stands. Nothing when it names no amount of ours.
    pub(super) fn standing(&self) -> Option<Standing> {
        let amount = money(self.amount_total?, self.currency.as_deref()?)?;
        let intent = self.payment_intent.as_ref().and_then(Expandable::whole);
        let by_itself = match self.status.as_deref() {
            Some("open") => PaymentState::Created,
            Some("expired") => PaymentState::Canceled,
            Some(_) | None => PaymentState::Pending,
        };
        let is_complete = self.status.as_deref() == Some("complete");
        let state = match intent.map(|intent| intent.status.as_str()) {
            None | Some("requires_confirmation" | "requires_action") => by_itself,
            // Who left a complete session with nothing to pay by was declined afterwards.
            Some("requires_payment_method") if is_complete => PaymentState::Failed,
            Some("requires_payment_method") => by_itself,
            Some(status) => intent_state(status),
        };
        standing(&self.id, state, amount, intent)
    }

    /// The intent under it, if it was shown whole.
    pub(super) fn into_intent(self) -> Option<Intent> {
        match self.payment_intent? {
            Expandable::Whole(intent) => Some(*intent),
            Expandable::Id(_) => None,
        }
    }

    /// What refunds are made on; none before the guest has paid.
    pub(super) fn intent_id(&self) -> Option<&str> {
        let intent = self.payment_intent.as_ref().and_then(Expandable::whole);
        intent.map(|intent| intent.id.as_str())
    }
}

impl Intent {
    /// Customer and means, where the guest agreed that they pay again.
    pub(super) fn pays_again(&self) -> Option<(&str, &str)> {
        Some((self.customer.as_ref()?.id(), self.payment_method.as_ref()?.id()))
    }

    /// How an intent that we made ourselves stands. A declined card leaves it open for another one.
    pub(super) fn standing(&self) -> Option<Standing> {
        let amount = money(self.amount?, self.currency.as_deref()?)?;
        let state = match self.status.as_str() {
            "requires_payment_method" | "requires_confirmation" | "requires_action" => {
                PaymentState::Created
            }
            status => intent_state(status),
        };
        standing(&self.id, state, amount, Some(self))
    }
}

fn intent_state(status: &str) -> PaymentState {
    match status {
        "succeeded" => PaymentState::Succeeded,
        "requires_capture" => PaymentState::Authorized,
        "canceled" => PaymentState::Canceled,
        _ => PaymentState::Pending,
    }
}

fn standing(
    order_id: &str,
    state: PaymentState,
    amount: Money,
    intent: Option<&Intent>,
) -> Option<Standing> {
    let charge = intent.and_then(|intent| intent.latest_charge.as_ref()?.whole());
    let ours = |units: i64| from_stripe(units, amount.currency);
    let captured = match state {
        PaymentState::Succeeded => intent.and_then(|intent| intent.amount_received)?,
        PaymentState::Created
        | PaymentState::Pending
        | PaymentState::Authorized
        | PaymentState::Failed
        | PaymentState::Canceled => 0,
    };
    // An authorisation that was let go counts as given back there; it never was ours.
    let refunded = match state {
        PaymentState::Succeeded => charge.map_or(0, |charge| charge.amount_refunded),
        PaymentState::Created
        | PaymentState::Pending
        | PaymentState::Authorized
        | PaymentState::Failed
        | PaymentState::Canceled => 0,
    };
    let details = charge.and_then(|charge| charge.payment_method_details.as_ref());
    Some(Standing {
        provider_order_id: order_id.to_owned(),
        state,
        provider_payment_id: charge.and(intent).map(|intent| intent.id.clone()),
        amount,
        captured_minor: ours(captured)?,
        refunded_minor: ours(refunded)?,
        method: details.map(|details| method(&details.r#type)),
        surplus: Vec::new(),
    })
}

fn method(word: &str) -> Method {
    match word {
        "card" | "card_present" | "link" => Method::Card,
        "upi" => Method::Upi,
        "alipay" | "amazon_pay" | "cashapp" | "grabpay" | "kakao_pay" | "mb_way" | "mobilepay"
        | "naver_pay" | "payco" | "paypal" | "revolut_pay" | "samsung_pay" | "satispay"
        | "swish" | "twint" | "wechat_pay" => Method::Wallet,
        "bancontact" | "blik" | "eps" | "fpx" | "giropay" | "ideal" | "p24" | "pay_by_bank"
        | "sofort" => Method::NetBanking,
        "acss_debit" | "au_becs_debit" | "bacs_debit" | "customer_balance" | "sepa_debit"
        | "us_bank_account" => Method::BankTransfer,
        _ => Method::Other,
    }
}

impl Refund {
    pub(super) fn money(&self) -> Option<Money> {
        money(self.amount, &self.currency)
    }

    pub(super) fn state(&self) -> RefundState {
        match self.status.as_deref() {
            Some("succeeded") => RefundState::Succeeded,
            Some("failed" | "canceled") => RefundState::Failed,
            Some(_) | None => RefundState::Pending,
        }
    }
}

fn money(units: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    Some(Money::new(from_stripe(units, currency)?, currency))
}

/// What stands under a name in the metadata.
pub(super) fn noted<'m>(metadata: &'m Metadata, name: &str) -> Option<&'m str> {
    metadata.as_ref()?.get(name).map(String::as_str)
}

#[cfg(test)]
mod tests {
    //! Words that are not in the specification of the version that we speak.

    use super::*;

    #[track_caller]
    fn check(session: &str, state: PaymentState) {
        let text =
            format!(r#"{{"id": "cs_1", "amount_total": 100, "currency": "eur", {session}}}"#);
        let session: Session = serde_json::from_str(&text).expect("a session");
        assert_eq!(session.standing().map(|standing| standing.state), Some(state), "{text}");
    }

    #[test]
    fn a_word_that_nobody_here_knows_is_pending() {
        check(r#""status": "on_the_moon""#, PaymentState::Pending);
        check(r#""status": null"#, PaymentState::Pending);
        check(r#""payment_status": "paid""#, PaymentState::Pending);
        let intent = r#""payment_intent": {"id": "pi_1", "status": "on_the_moon"}"#;
        for status in ["open", "complete", "expired", "elsewhere"] {
            check(&format!(r#""status": "{status}", {intent}"#), PaymentState::Pending);
        }
        // An intent that was not shown whole tells nothing.
        let named = r#""status": "complete", "payment_intent": "pi_1""#;
        check(named, PaymentState::Pending);
    }

    #[test]
    fn success_without_an_amount_is_no_answer() {
        let text = r#"{"id": "cs_1", "amount_total": 100, "currency": "eur", "status": "complete",
            "payment_intent": {"id": "pi_1", "status": "succeeded"}}"#;
        let session: Session = serde_json::from_str(text).expect("a session");
        assert_eq!(session.standing(), None);
    }
}
