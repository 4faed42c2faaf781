//! `stripe`: Checkout Sessions by redirect, so that card data never touches us, or PaymentIntents
//! where a business embeds Stripe's own element in its page. Talks to one version of Stripe's API.
//!
//! Idempotent in two ways: our ids are Stripe's idempotency keys, and what we make carries our id, so
//! that it is found again. Stripe forgets keys after a day: a refund is looked for before it is made.
//!
//! Absent on purpose: retries, card data, and belief in webhooks.

mod again;
mod amounts;
mod asks;
mod calls;
mod disputes;
mod wire;

use vacancy_domain::payments::PaymentState;

pub use calls::API_VERSION;

use calls::Calls;
use wire::EventBody;

use super::disputes::{DisputeListing, DisputeLookUp, Disputed};
use super::failure::{Code, Failure, refused};
use super::listing::{ListRequest, Listing};
use super::order::{
    CaptureRequest, Claim, LookUp, Order, OrderRequest, RefundRequest, VoidRequest,
};
use super::standing::{Capture, Refund, Standing};
use super::webhook::{self, Event, Webhook, WebhookRefusal};
use super::{Abilities, Answer, Checkout, Follow, Provider, Truth};
use crate::http::{ClientFault, GUEST_MS_MAX, JOB_MS_MAX, within};
use crate::secret::Secret;

/// Where Stripe listens.
pub const BASE_URL: &str = "https://api.stripe.com";

/// Where Stripe's page is, for a browser that wants to know whom a form may lead to.
pub const CHECKOUT_ORIGIN: &str = "https://checkout.stripe.com";

/// The header of Stripe's webhooks.
pub const SIGNATURE_HEADER: &str = "Stripe-Signature";

/// The provider `stripe`.
#[derive(Debug)]
pub struct Stripe {
    calls: Calls,
    webhook_secrets: Vec<Secret>,
    abilities: Abilities,
}

/// How Stripe is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sk_…`, or `rk_…` with write access to Checkout Sessions, PaymentIntents, Refunds and, for the rest
    /// of a deposit that an element took, Customers.
    pub secret_key: Secret,
    /// `whsec_…` of the end point; two while one is being changed.
    pub webhook_secrets: Vec<Secret>,
    /// Stripe's page, or an element in a page of the business.
    pub checkout: Checkout,
    /// Where a guest goes whose order names no address.
    pub public_url: String,
    /// [`BASE_URL`], or a stand-in of a test.
    pub base_url: String,
}

impl Stripe {
    pub fn open(settings: Settings) -> Result<Stripe, ClientFault> {
        let abilities = Abilities {
            name: "stripe",
            checkout: settings.checkout,
            truth: Truth::Provider,
            manual_capture: true,
            charges_again: true,
            webhooks: true,
            // What is closed or failed there stays so.
            follow: Follow::UntilItsEnd { late_ms: 0 },
            test_outcomes: false,
        };
        let Settings { secret_key, webhook_secrets, public_url, base_url, .. } = settings;
        let calls = Calls::new(secret_key, public_url, &base_url)?;
        Ok(Stripe { calls, webhook_secrets, abilities })
    }

    /// Whether Stripe takes our key: for the start, so that a wrong one is known before a guest
    /// pays.
    pub async fn check_key(&self) -> Result<(), Failure> {
        within("check the key of stripe", GUEST_MS_MAX, self.calls.list_one_session()).await
    }

    async fn capture_payment(&self, request: &CaptureRequest) -> Result<Standing, Failure> {
        let found = self.calls.find(&request.payment).await?;
        if found.standing.may_capture(request.amount)? == Capture::Done {
            return Ok(found.standing);
        }
        let intent = found.intent_id.as_deref().ok_or_else(|| refused(Code::NotAuthorized))?;
        self.calls.capture(intent, request).await?;
        Ok(self.calls.look(&found.standing.provider_order_id).await?.standing)
    }

    /// Whatever Stripe says to the attempt, how the order stands afterwards is the answer: the
    /// guest may have paid in between.
    async fn void_order(&self, request: &VoidRequest) -> Result<Standing, Failure> {
        let found = self.calls.find(&request.payment).await?;
        let attempt = match found.standing.state {
            PaymentState::Succeeded => return Err(refused(Code::AlreadyCaptured)),
            PaymentState::Failed | PaymentState::Canceled => return Ok(found.standing),
            PaymentState::Authorized => self.calls.cancel(found.intent_id.as_deref()).await,
            PaymentState::Created | PaymentState::Pending => {
                self.calls.close(&found.standing.provider_order_id).await
            }
        };
        match attempt {
            Ok(()) | Err(Failure::Refused { code: Code::RequestRefused }) => {}
            Err(failure) => return Err(failure),
        }
        let after = self.calls.look(&found.standing.provider_order_id).await?.standing;
        if after.state == PaymentState::Succeeded {
            return Err(refused(Code::AlreadyCaptured));
        }
        Ok(after)
    }

    async fn refund_payment(&self, request: &RefundRequest) -> Result<Refund, Failure> {
        let found = self.calls.find(&request.payment).await?;
        let Some(intent) = found.intent_id.as_deref() else {
            return Err(refused(Code::NotCaptured));
        };
        let made = match self.calls.refund_of(intent, request.refund_id).await? {
            Some(made) => made,
            None => {
                found.standing.may_refund(request.amount)?;
                self.calls.refund(intent, request).await?
            }
        };
        let amount = made.money().ok_or_else(|| refused(Code::RefundMismatch))?;
        if amount != request.amount {
            return Err(refused(Code::RefundMismatch));
        }
        let state = made.state();
        Ok(Refund { refund_id: request.refund_id, provider_refund_id: made.id, amount, state })
    }

    async fn look_up_order(&self, request: &LookUp) -> Result<Standing, Failure> {
        let standing = self.calls.find(&request.payment).await?.standing;
        // The guest brings back the session, since Stripe puts nothing else into the address.
        let is_of = |Claim { provider_payment_id: named, .. }: &Claim| {
            *named == standing.provider_order_id
                || Some(named) == standing.provider_payment_id.as_ref()
        };
        if request.claim.as_ref().is_none_or(is_of) {
            return Ok(standing);
        }
        Err(refused(Code::PaymentMismatch))
    }
}

impl Provider for Stripe {
    fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        let call = self.calls.create(request, self.abilities.checkout);
        Box::pin(within("create a stripe order", GUEST_MS_MAX, call))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        let call = self.capture_payment(request);
        Box::pin(within("capture a stripe payment", JOB_MS_MAX, call))
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        Box::pin(within("void a stripe order", JOB_MS_MAX, self.void_order(request)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        Box::pin(within("refund a stripe payment", JOB_MS_MAX, self.refund_payment(request)))
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        Box::pin(within("look up a stripe order", GUEST_MS_MAX, self.look_up_order(request)))
    }

    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing> {
        Box::pin(within("list stripe orders", JOB_MS_MAX, self.calls.list(request)))
    }

    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        let call = self.calls.dispute(&request.provider_dispute_id);
        Box::pin(within("look at a stripe dispute", JOB_MS_MAX, call))
    }

    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        Box::pin(within("list stripe disputes", JOB_MS_MAX, self.calls.disputes(request)))
    }

    fn parse_webhook(&self, delivery: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        let signature =
            delivery.header(SIGNATURE_HEADER).ok_or(WebhookRefusal::SignatureMissing)?;
        webhook::verify(&self.webhook_secrets, signature, delivery.body, delivery.now_ms)?;
        let body: EventBody =
            serde_json::from_slice(delivery.body).map_err(|_| WebhookRefusal::Malformed)?;
        let provider_order_id = body.order_id().map(str::to_owned);
        Ok(Event {
            event_id: body.id,
            kind: body.r#type,
            provider_order_id,
            provider_dispute_id: body.data.object.dispute_id().map(str::to_owned),
            provider_payment_id: body
                .data
                .object
                .payment_intent
                .map(|intent| intent.id().to_owned()),
        })
    }
}
