//! `razorpay`: an order per attempt, paid on Razorpay's own hosted page, which a form of ours opens.
//! Card data never touches us.
//!
//! What Razorpay cannot do shapes this file: an order cannot be closed, an authorisation cannot be
//! let go (it goes back by itself when nobody takes it for five days), and a payment that failed may
//! turn authorised days later. Orders know no idempotency key, so ours are found by their receipt.
//!
//! Absent on purpose: retries, card data, and belief in webhooks.

mod calls;
mod disputes;
mod wire;

use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};

use calls::Calls;
use wire::{EventBody, Found};

use super::disputes::{DisputeListing, DisputeLookUp, Disputed};
use super::failure::{Code, Failure, refused};
use super::listing::{ListRequest, Listing};
use super::order::{
    CaptureRequest, Claim, LookUp, Order, OrderRequest, RefundRequest, VoidRequest,
};
use super::return_address::with_query;
use super::standing::{Capture, Refund, Standing};
use super::webhook::{Event, WEBHOOK_BYTES_MAX, Webhook, WebhookRefusal};
use super::{Abilities, Answer, Checkout, Follow, Provider, Truth};
use crate::http::{ClientFault, GUEST_MS_MAX, JOB_MS_MAX, encoded, within};
use crate::secret::Secret;

/// Where Razorpay listens.
pub const BASE_URL: &str = "https://api.razorpay.com";

/// The header of Razorpay's webhooks: hex HMAC-SHA256 over the body alone.
pub const SIGNATURE_HEADER: &str = "X-Razorpay-Signature";
/// The header that names an event; the same event may come twice.
pub const EVENT_ID_HEADER: &str = "X-Razorpay-Event-Id";

/// The name in a checkout address under which the guest's way back stands.
const BACK: &str = "back";

/// The provider `razorpay`.
#[derive(Debug)]
pub struct Razorpay {
    calls: Calls,
    key_id: String,
    key_secret: Secret,
    webhook_secrets: Vec<Secret>,
    public_url: String,
    base_url: String,
}

/// How Razorpay is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `rzp_live_…` or `rzp_test_…`; public.
    pub key_id: String,
    pub key_secret: Secret,
    /// Of the webhook; two while one is being changed.
    pub webhook_secrets: Vec<Secret>,
    /// What guests reach the server by, without a slash at the end: the page is
    /// `{public_url}/razorpay/checkout/{order}`.
    pub public_url: String,
    /// [`BASE_URL`], or a stand-in of a test.
    pub base_url: String,
}

const ABILITIES: Abilities = Abilities {
    name: "razorpay",
    checkout: Checkout::HostedPage,
    truth: Truth::Provider,
    manual_capture: true,
    charges_again: false,
    webhooks: true,
    // Banks are asked for three to five days; a week leaves none of it out.
    follow: Follow::UntilItsEnd { late_ms: 7 * 24 * 60 * 60 * 1000 },
    test_outcomes: false,
};

/// The form that takes a guest from our page to Razorpay's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOff {
    pub action: String,
    /// Hidden fields by name.
    pub fields: Vec<(&'static str, String)>,
}

/// What Razorpay's page sends back with the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Back {
    pub payment_id: String,
    pub signature: String,
}

impl Razorpay {
    pub fn open(settings: Settings) -> Result<Razorpay, ClientFault> {
        let Settings { key_id, key_secret, webhook_secrets, public_url, base_url } = settings;
        let calls = Calls::new(key_id.clone(), key_secret.clone(), &base_url)?;
        Ok(Razorpay { calls, key_id, key_secret, webhook_secrets, public_url, base_url })
    }

    /// Whether Razorpay takes our key: for the start, so that a wrong one is known before a guest
    /// pays.
    pub async fn check_key(&self) -> Result<(), Failure> {
        within("check the key of razorpay", GUEST_MS_MAX, self.calls.list_one_order()).await
    }

    /// The form of an order that a guest may still pay. `name` is what the guest knows us by.
    #[must_use]
    pub fn hand_off(&self, payment: &Payment, name: &str) -> HandOff {
        let order = &payment.provider_order_id;
        let callback = format!("{}/razorpay/return/{}", self.public_url, encoded(order));
        HandOff {
            action: format!("{}/v1/checkout/embedded", self.base_url),
            fields: vec![
                ("key_id", self.key_id.clone()),
                ("order_id", order.clone()),
                ("amount", payment.amount.minor.to_string()),
                ("currency", payment.amount.currency.to_string()),
                ("name", name.to_owned()),
                ("callback_url", callback),
                ("cancel_url", self.way_back(payment, &Back::default())),
            ],
        }
    }

    /// Where the guest goes now, as the order said when it was made.
    #[must_use]
    pub fn way_back(&self, payment: &Payment, back: &Back) -> String {
        let query = payment.checkout_url.split_once('?').map_or("", |(_, query)| query);
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let asked = pairs.find(|(name, _)| name == BACK).map(|(_, address)| address.into_owned());
        let address = asked.filter(|address| !address.is_empty());
        let address = address.unwrap_or_else(|| self.public_url.clone());
        let mut query = format!("paymentOrderId={}", encoded(&payment.provider_order_id));
        for (name, value) in
            [("providerPaymentId", &back.payment_id), ("signature", &back.signature)]
        {
            if !value.is_empty() {
                query.push_str(&format!("&{name}={}", encoded(value)));
            }
        }
        with_query(&address, &query)
    }

    /// Our page that leads to Razorpay's.
    fn page_of(&self, order_id: &str) -> String {
        format!("{}/razorpay/checkout/{}", self.public_url, encoded(order_id))
    }

    async fn create_order(&self, request: &OrderRequest) -> Result<Order, Failure> {
        check_amount(request.amount)?;
        let order = match self.calls.order_by_receipt(request.payment_id).await? {
            Some(order) if order.money() != Some(request.amount) => {
                return Err(refused(Code::OrderMismatch));
            }
            Some(order) => order,
            None => self.calls.create(request).await?,
        };
        let page = self.page_of(&order.id);
        Ok(Order {
            checkout_url: Some(format!("{page}?{BACK}={}", encoded(&request.return_url))),
            provider_order_id: order.id,
            client_secret: None,
        })
    }

    async fn capture_payment(&self, request: &CaptureRequest) -> Result<Standing, Failure> {
        let Found { standing, .. } = self.find(&request.payment).await?;
        if standing.may_capture(request.amount)? == Capture::Done {
            return Ok(standing);
        }
        let Some(payment_id) = &standing.provider_payment_id else {
            return Err(refused(Code::NotAuthorized));
        };
        // Razorpay takes all of what was authorised, or nothing.
        if request.amount != standing.amount {
            return Err(refused(Code::AmountInvalid));
        }
        let attempt = self.calls.capture(payment_id, request.amount).await;
        let after = self.find(&request.payment).await?.standing;
        match attempt {
            // Its own capture may have been quicker.
            Err(failure) if after.may_capture(request.amount)? != Capture::Done => Err(failure),
            Ok(()) | Err(_) => Ok(after),
        }
    }

    async fn void_order(&self, request: &VoidRequest) -> Result<Standing, Failure> {
        let standing = self.find(&request.payment).await?.standing;
        match standing.state {
            PaymentState::Succeeded => Err(refused(Code::AlreadyCaptured)),
            PaymentState::Authorized => Err(refused(Code::CannotVoid)),
            // Nobody is paying, and our page opens the checkout no more. What comes all the same
            // comes late.
            PaymentState::Created => Ok(Standing { state: PaymentState::Canceled, ..standing }),
            PaymentState::Pending | PaymentState::Failed | PaymentState::Canceled => Ok(standing),
        }
    }

    async fn refund_payment(&self, request: &RefundRequest) -> Result<Refund, Failure> {
        let standing = self.find(&request.payment).await?.standing;
        // A payment that came once more is named; otherwise it is the one that paid the order.
        let named = &request.payment.provider_payment_id;
        let surplus = standing.surplus.iter().find(|one| one.provider_payment_id == *named);
        let payment_id = surplus.map(|one| &one.provider_payment_id);
        let Some(payment_id) = payment_id.or(standing.provider_payment_id.as_ref()) else {
            return Err(refused(Code::NotCaptured));
        };
        let made = match self.calls.refund_of(payment_id, request.refund_id).await? {
            Some(made) => made,
            None => {
                match surplus {
                    Some(surplus) if surplus.left == request.amount => {}
                    Some(_) => return Err(refused(Code::AmountInvalid)),
                    None => standing.may_refund(request.amount)?,
                }
                check_amount(request.amount)?;
                self.calls.refund(payment_id, request).await?
            }
        };
        if made.money() != Some(request.amount) {
            return Err(refused(Code::RefundMismatch));
        }
        let (refund_id, amount, state) = (request.refund_id, request.amount, made.state());
        Ok(Refund { refund_id, provider_refund_id: made.id, amount, state })
    }

    async fn look_up_order(&self, request: &LookUp) -> Result<Standing, Failure> {
        let Found { standing, payment_ids } = self.find(&request.payment).await?;
        let Some(Claim { provider_payment_id, signature }) = &request.claim else {
            return Ok(standing);
        };
        if !payment_ids.contains(provider_payment_id) {
            return Err(refused(Code::PaymentMismatch));
        }
        let order = &standing.provider_order_id;
        match signature {
            Some(signature) if !self.has_signed(order, provider_payment_id, signature) => {
                Err(refused(Code::SignatureInvalid))
            }
            Some(_) | None => Ok(standing),
        }
    }

    /// Whether Razorpay has signed that this payment paid this order, in constant time.
    fn has_signed(&self, order_id: &str, payment_id: &str, signature: &str) -> bool {
        let message: [&[u8]; 3] = [order_id.as_bytes(), b"|", payment_id.as_bytes()];
        self.key_secret.verifies(&message, signature)
    }

    /// How an order stands. Razorpay has no word for one that nobody may pay any more: our row has.
    async fn find(&self, payment: &Payment) -> Result<Found, Failure> {
        let mut found = self.calls.find(payment).await?;
        let is_over = payment.state == PaymentState::Canceled;
        if is_over && found.standing.state == PaymentState::Created {
            found.standing.state = PaymentState::Canceled;
        }
        Ok(found)
    }
}

/// Amounts are in the minor unit. Of three decimals the last must be 0.
fn check_amount(amount: Money) -> Result<(), Failure> {
    let is_fine = 0 < amount.minor && (amount.currency.decimals() < 3 || amount.minor % 10 == 0);
    if is_fine { Ok(()) } else { Err(refused(Code::AmountInvalid)) }
}

impl Provider for Razorpay {
    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        Box::pin(within("create a razorpay order", GUEST_MS_MAX, self.create_order(request)))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        let call = self.capture_payment(request);
        Box::pin(within("capture a razorpay payment", JOB_MS_MAX, call))
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        Box::pin(within("void a razorpay order", JOB_MS_MAX, self.void_order(request)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        Box::pin(within("refund a razorpay payment", JOB_MS_MAX, self.refund_payment(request)))
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        Box::pin(within("look up a razorpay order", GUEST_MS_MAX, self.look_up_order(request)))
    }

    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing> {
        let call = self.calls.list(request, |order_id| self.page_of(order_id));
        Box::pin(within("list razorpay orders", JOB_MS_MAX, call))
    }

    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        let call = self.calls.dispute(&request.provider_dispute_id);
        Box::pin(within("look at a razorpay dispute", JOB_MS_MAX, call))
    }

    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        Box::pin(within("list razorpay disputes", JOB_MS_MAX, self.calls.disputes(request)))
    }

    /// Razorpay signs no time, and sends the same body for a day until it is taken: an old delivery
    /// is as good as a new one, since all it does is make us ask.
    fn parse_webhook(&self, delivery: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        if WEBHOOK_BYTES_MAX < delivery.body.len() {
            return Err(WebhookRefusal::TooLarge);
        }
        let signature =
            delivery.header(SIGNATURE_HEADER).ok_or(WebhookRefusal::SignatureMissing)?;
        let mut secrets = self.webhook_secrets.iter();
        if !secrets.any(|secret| secret.verifies(&[delivery.body], signature)) {
            return Err(WebhookRefusal::SignatureInvalid);
        }
        let body: EventBody =
            serde_json::from_slice(delivery.body).map_err(|_| WebhookRefusal::Malformed)?;
        Ok(Event {
            event_id: delivery.header(EVENT_ID_HEADER).unwrap_or(signature).to_owned(),
            provider_order_id: body.order_id(),
            provider_payment_id: body.payment_id(),
            provider_dispute_id: body.dispute_id(),
            kind: body.event,
        })
    }
}
