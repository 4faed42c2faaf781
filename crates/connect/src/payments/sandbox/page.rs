//! What the sandbox's own checkout page can do: show an order, pay it, decline it. The HTML is the
//! server's. A card number comes no further than [`Card::read`].

use vacancy_domain::disputes::DisputeStatus;
use vacancy_domain::money::Money;
use vacancy_domain::payments::PaymentState;

use super::Sandbox;
use super::account::{Account, Dispute};
use super::cards::{Card, Manner};
use super::ledger::Decision;
use crate::payments::failure::Failure;
use crate::payments::order::TestOutcome;
use crate::payments::return_address::with_query;
use crate::payments::standing::Method;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub provider_order_id: String,
    pub amount: Money,
    pub description: String,
    pub expires_at_ms: i64,
    pub state: PaymentState,
    /// What the guest's bank took back, if it did.
    pub dispute: Option<DisputeStatus>,
    /// Whether the buttons still do something.
    pub is_payable: bool,
    /// Back to the business: with the payment once there is one, without before.
    pub redirect_url: String,
}

/// What the guest pays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayWith {
    Card(Card),
    Upi,
    Wallet,
    NetBanking,
}

/// How a visit to the page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub state: PaymentState,
    pub provider_payment_id: Option<String>,
    /// Over order and payment, once the money is there: [`Sandbox::verify_signature`].
    pub signature: Option<String>,
    /// Where the guest goes now.
    pub redirect_url: String,
    /// What the vendor would post now. Delivering it, twice, late or never, is the caller's choice.
    pub webhook: Option<SignedWebhook>,
}

/// An event with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedWebhook {
    /// Value of the header [`super::SIGNATURE_HEADER`].
    pub signature: String,
    pub body: String,
}

/// Ways to pay without a card: the word of a form, and what people read.
pub const TEST_WAYS: &[(&str, PayWith, &str)] = &[
    ("upi", PayWith::Upi, "UPI pays"),
    ("wallet", PayWith::Wallet, "A wallet pays"),
    ("netbanking", PayWith::NetBanking, "Net banking pays"),
];

impl PayWith {
    /// Reads the word of another way, or a card's number.
    pub fn read(typed: &str) -> Result<PayWith, Failure> {
        match TEST_WAYS.iter().find(|(word, ..)| *word == typed) {
            Some((_, with, _)) => Ok(*with),
            None => Card::read(typed).map(PayWith::Card),
        }
    }

    #[must_use]
    pub fn manner(self) -> Manner {
        match self {
            PayWith::Card(card) => card.manner,
            PayWith::Upi | PayWith::Wallet | PayWith::NetBanking => Manner::Plain,
        }
    }

    pub(super) fn outcome(self) -> Option<TestOutcome> {
        match self {
            PayWith::Card(card) => card.outcome,
            PayWith::Upi | PayWith::Wallet | PayWith::NetBanking => None,
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            PayWith::Card(_) => Method::Card,
            PayWith::Upi => Method::Upi,
            PayWith::Wallet => Method::Wallet,
            PayWith::NetBanking => Method::NetBanking,
        }
    }
}

impl Sandbox {
    /// An order as the guest sees it.
    pub async fn view(&self, order_id: &str, now_ms: i64) -> Result<View, Failure> {
        let account = self.read(order_id.to_owned()).await?;
        let state = account.state(now_ms);
        Ok(View {
            redirect_url: self.redirect_url(&account, now_ms),
            is_payable: account.is_payable(now_ms),
            dispute: account.dispute.as_ref().map(Dispute::status),
            provider_order_id: account.order_id,
            amount: account.amount,
            description: account.description,
            expires_at_ms: account.expires_at_ms,
            state,
        })
    }

    /// The guest pays. Twice is once. Refused as `expired` or `canceled` when it is too late.
    pub async fn pay(&self, order_id: &str, with: PayWith, now_ms: i64) -> Result<Visit, Failure> {
        let (payment, order) = (self.keys.payment_id(order_id), order_id.to_owned());
        let visit = self
            .visit("pay sandbox order", order_id, now_ms, move |ledger| {
                ledger.pay(&order, payment, with, now_ms)
            })
            .await?;
        let outcome = self.read(order_id.to_owned()).await?.outcome.or(with.outcome());
        if outcome == Some(TestOutcome::Disputed) {
            self.dispute(order_id, now_ms).await?;
        }
        Ok(visit)
    }

    /// The guest's bank says no. Changes nothing about an order that is paid or over.
    pub async fn decline(&self, order_id: &str, now_ms: i64) -> Result<Visit, Failure> {
        let order = order_id.to_owned();
        self.visit("decline sandbox order", order_id, now_ms, move |ledger| {
            ledger.decline(&order, now_ms)
        })
        .await
    }

    /// The guest's bank takes a payment back. Twice is once.
    pub async fn dispute(
        &self,
        order_id: &str,
        now_ms: i64,
    ) -> Result<Option<SignedWebhook>, Failure> {
        let (order, name) = (order_id.to_owned(), self.keys.dispute_id(order_id));
        let decide = move |ledger: &super::Ledger| ledger.dispute(&order, name, now_ms);
        self.decide_dispute("dispute sandbox payment", order_id, now_ms, decide).await
    }

    /// The bank decides for the business, or for the guest. The first word counts.
    pub async fn end_dispute(
        &self,
        order_id: &str,
        won: bool,
        now_ms: i64,
    ) -> Result<Option<SignedWebhook>, Failure> {
        let order = order_id.to_owned();
        let decide = move |ledger: &super::Ledger| ledger.end_dispute(&order, won, now_ms);
        self.decide_dispute("end sandbox dispute", order_id, now_ms, decide).await
    }

    async fn decide_dispute(
        &self,
        attempted: &'static str,
        order_id: &str,
        now_ms: i64,
        decide: impl FnOnce(&super::Ledger) -> Result<Decision, Failure> + Send + 'static,
    ) -> Result<Option<SignedWebhook>, Failure> {
        let order = order_id.to_owned();
        let answer = move |ledger: &super::Ledger| ledger.account(&order).cloned();
        let account = self.books.act(attempted, decide, answer).await?;
        Ok(self.keys.dispute_event(&account, now_ms))
    }

    /// The event that the vendor would post for an order as it stands; none while nothing happened.
    pub async fn webhook(
        &self,
        order_id: &str,
        now_ms: i64,
    ) -> Result<Option<SignedWebhook>, Failure> {
        let account = self.read(order_id.to_owned()).await?;
        Ok(self.keys.webhook(&account, now_ms))
    }

    /// What the vendor really posts of a visit, in this order.
    pub async fn deliveries(
        &self,
        order_id: &str,
        with: PayWith,
        now_ms: i64,
    ) -> Result<Vec<SignedWebhook>, Failure> {
        let account = self.read(order_id.to_owned()).await?;
        let Some(event) = self.keys.webhook(&account, now_ms) else { return Ok(vec![]) };
        let disputed = self.keys.dispute_event(&account, now_ms);
        let mut events = match with.manner() {
            Manner::Plain | Manner::Secure | Manner::Slow => vec![event],
            Manner::EventTwice => vec![event.clone(), event],
            Manner::EventsDisordered => {
                let older = self.keys.event("payment.failed", &account, now_ms);
                [Some(event), older].into_iter().flatten().collect()
            }
            Manner::EventLost => vec![],
        };
        events.extend(disputed);
        Ok(events)
    }

    async fn read(&self, order_id: String) -> Result<Account, Failure> {
        let answer = move |ledger: &super::Ledger| ledger.account(&order_id).cloned();
        self.books.act("read sandbox order", |_| Ok(Decision::Repeat), answer).await
    }

    async fn visit(
        &self,
        attempted: &'static str,
        order_id: &str,
        now_ms: i64,
        decide: impl FnOnce(&super::Ledger) -> Result<Decision, Failure> + Send + 'static,
    ) -> Result<Visit, Failure> {
        let order = order_id.to_owned();
        let answer = move |ledger: &super::Ledger| ledger.account(&order).cloned();
        let account = self.books.act(attempted, decide, answer).await?;
        Ok(Visit {
            state: account.state(now_ms),
            signature: self.keys.signature(&account, now_ms),
            redirect_url: self.redirect_url(&account, now_ms),
            webhook: self.keys.webhook(&account, now_ms),
            provider_payment_id: account.paid.map(|paid| paid.provider_payment_id),
        })
    }

    /// The return address with what the business wants to know. All values are plain ASCII words.
    fn redirect_url(&self, account: &Account, now_ms: i64) -> String {
        let mut query = format!("paymentOrderId={}", account.order_id);
        if let Some(paid) = &account.paid {
            query.push_str(&format!("&providerPaymentId={}", paid.provider_payment_id));
        }
        if let Some(signature) = self.keys.signature(account, now_ms) {
            query.push_str(&format!("&signature={signature}"));
        }
        with_query(&account.return_url, &query)
    }
}
