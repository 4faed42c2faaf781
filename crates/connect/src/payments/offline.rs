//! Pay at the property: cash, the desk's own card machine, a bank transfer. Nobody is called, and
//! nothing is kept: whether money came is what staff wrote into our own row, which each call brings.
//!
//! So an answer here is always definite. What must not be given back twice or beyond what came is
//! the caller's own rule, for there are no other books.

use std::future::ready;

use vacancy_domain::ids::PaymentId;
use vacancy_domain::payments::{Payment, PaymentState};

use super::disputes::{DisputeListing, DisputeLookUp, Disputed};
use super::failure::{Code, Failure, refused};
use super::listing::{ListRequest, Listing};
use super::order::{CaptureRequest, LookUp, Order, OrderRequest, RefundRequest, VoidRequest};
use super::standing::{Capture, Method, Refund, RefundState, Standing};
use super::webhook::{Event, Webhook, WebhookRefusal};
use super::{Abilities, Answer, Checkout, Follow, Provider, Truth};

/// The provider `offline`.
#[derive(Debug, Clone, Copy)]
pub struct Offline;

const ABILITIES: Abilities = Abilities {
    name: "offline",
    checkout: Checkout::AtProperty,
    truth: Truth::OurRecord,
    manual_capture: false,
    charges_again: false,
    webhooks: false,
    follow: Follow::Never,
    test_outcomes: false,
};

impl Provider for Offline {
    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        if request.amount.minor < 1 {
            return Box::pin(ready(Err(refused(Code::AmountInvalid))));
        }
        Box::pin(ready(Ok(Order {
            provider_order_id: reference(request.payment_id),
            checkout_url: None,
            client_secret: None,
        })))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        Box::pin(ready(capture(request)))
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        Box::pin(ready(void(request)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        Box::pin(ready(refund(request)))
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        Box::pin(ready(look_up(request)))
    }

    fn list<'a>(&'a self, _request: &'a ListRequest) -> Answer<'a, Listing> {
        Box::pin(ready(Ok(Listing::default())))
    }

    /// No bank takes cash back.
    fn dispute<'a>(&'a self, _request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        Box::pin(ready(Err(refused(Code::UnknownDispute))))
    }

    fn disputes<'a>(&'a self, _request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        Box::pin(ready(Ok(DisputeListing::default())))
    }

    fn parse_webhook(&self, _webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        Err(WebhookRefusal::NotSupported)
    }
}

fn capture(request: &CaptureRequest) -> Result<Standing, Failure> {
    let standing = standing(&request.payment)?;
    match standing.may_capture(request.amount)? {
        Capture::Done => Ok(standing),
        // Staff who record the money have it.
        Capture::Due => Err(refused(Code::NotAuthorized)),
    }
}

fn void(request: &VoidRequest) -> Result<Standing, Failure> {
    let standing = standing(&request.payment)?;
    match standing.state {
        PaymentState::Succeeded => Err(refused(Code::AlreadyCaptured)),
        PaymentState::Failed | PaymentState::Canceled => Ok(standing),
        PaymentState::Created | PaymentState::Pending | PaymentState::Authorized => {
            Ok(Standing { state: PaymentState::Canceled, ..standing })
        }
    }
}

fn refund(request: &RefundRequest) -> Result<Refund, Failure> {
    let standing = standing(&request.payment)?;
    // What went back already is not held against it: our row may have this very refund in it.
    Standing { refunded_minor: 0, ..standing }.may_refund(request.amount)?;
    Ok(Refund {
        refund_id: request.refund_id,
        provider_refund_id: format!("offline_{}", request.refund_id),
        amount: request.amount,
        state: RefundState::Succeeded,
    })
}

fn look_up(request: &LookUp) -> Result<Standing, Failure> {
    let standing = standing(&request.payment)?;
    match &request.claim {
        // A guest cannot claim what only staff record.
        Some(claim)
            if Some(&claim.provider_payment_id) != standing.provider_payment_id.as_ref() =>
        {
            Err(refused(Code::PaymentMismatch))
        }
        Some(_) | None => Ok(standing),
    }
}

/// What our row says, in a provider's words: pending until staff record the money.
fn standing(payment: &Payment) -> Result<Standing, Failure> {
    let ours = reference(payment.id);
    if !payment.provider_order_id.is_empty() && payment.provider_order_id != ours {
        return Err(refused(Code::UnknownOrder));
    }
    let state = match payment.state {
        PaymentState::Created | PaymentState::Pending => PaymentState::Pending,
        PaymentState::Authorized => PaymentState::Authorized,
        PaymentState::Succeeded => PaymentState::Succeeded,
        PaymentState::Failed => PaymentState::Failed,
        PaymentState::Canceled => PaymentState::Canceled,
    };
    Ok(Standing {
        provider_order_id: ours,
        state,
        provider_payment_id: told(&payment.provider_payment_id).map(str::to_owned),
        amount: payment.amount,
        captured_minor: payment.captured_minor,
        refunded_minor: payment.refunded_minor,
        method: told(&payment.method).map(Method::parse),
        surplus: Vec::new(),
    })
}

fn reference(payment_id: PaymentId) -> String {
    format!("offline_{payment_id}")
}

/// Our row keeps what is not known as empty text.
fn told(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
