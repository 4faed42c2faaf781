//! What we ask of a provider. Ids, amounts and the time are ours and come from the caller.
//!
//! Most requests bring the payment as our own row has it. Providers with books of their own read
//! only its ids; while the provider's order id is empty they find the order by ours.

use vacancy_domain::ids::{PaymentId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::Payment;

/// Asks for an order that a guest can pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// The idempotency key: the same id is the same order.
    pub payment_id: PaymentId,
    pub reservation_id: ReservationId,
    pub amount: Money,
    pub capture: Capture,
    pub payer: Payer,
    /// Where the provider sends the guest afterwards. Checked by the caller.
    pub return_url: String,
    /// What the guest reads on the provider's page.
    pub description: String,
    pub expires_at_ms: i64,
    /// Only for providers whose abilities say so; others pay no heed.
    pub test_outcome: Option<TestOutcome>,
    pub now_ms: i64,
}

/// Who pays, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payer {
    /// The guest, on the provider's page.
    Guest,
    /// The guest, who agrees that the same means pays again later, without them.
    GuestAndLater,
    /// Nobody is asked: what paid this payment pays again, and the order is paid when it is there.
    /// Only at providers whose abilities say so; declined by all others.
    Again(Box<Payment>),
}

/// When money that was authorised is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// At once.
    Automatic,
    /// When [`super::Provider::capture`] asks for it.
    Manual,
}

/// An outcome forced on a test order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// `payment_declined`: the bank says no.
    Declined,
    /// `payment_timeout`: each step is done, and its first answer is lost.
    TimedOut,
    /// `payment_late`: the money comes after the order's end; neither expiry nor void stops it.
    Late,
    /// `payment_disputed`: the money comes, and the guest's bank takes it back at once.
    Disputed,
}

impl TestOutcome {
    /// From the text of the header `Vacancy-Test`.
    #[must_use]
    pub fn parse(text: &str) -> Option<TestOutcome> {
        match text {
            "payment_declined" => Some(TestOutcome::Declined),
            "payment_timeout" => Some(TestOutcome::TimedOut),
            "payment_late" => Some(TestOutcome::Late),
            "payment_disputed" => Some(TestOutcome::Disputed),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TestOutcome::Declined => "payment_declined",
            TestOutcome::TimedOut => "payment_timeout",
            TestOutcome::Late => "payment_late",
            TestOutcome::Disputed => "payment_disputed",
        }
    }
}

/// An order as opened at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub provider_order_id: String,
    /// Where the guest pays; none where staff take the money.
    pub checkout_url: Option<String>,
    /// For a provider's own element in a page of the business.
    pub client_secret: Option<String>,
}

/// Asks to take what was authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRequest {
    pub payment: Payment,
    /// At most what was authorised; the rest is let go.
    pub amount: Money,
    pub now_ms: i64,
}

/// Asks to close an order or let an authorisation go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidRequest {
    pub payment: Payment,
    pub now_ms: i64,
}

/// Asks to give money back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The idempotency key: the same id is the same refund.
    pub refund_id: RefundId,
    pub payment: Payment,
    pub amount: Money,
    pub now_ms: i64,
}

/// Asks how an order stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUp {
    pub payment: Payment,
    /// What the guest's browser brought back, if it did.
    pub claim: Option<Claim>,
    pub now_ms: i64,
}

/// "I paid": checked against the provider, never believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub provider_payment_id: String,
    /// Where the provider signs order and payment (Razorpay, the sandbox).
    pub signature: Option<String>,
}
