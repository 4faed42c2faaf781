//! The calls to Stripe: one function per end point, and what its answers and errors mean to us.
//! Decides nothing about what to ask next but how to find our order again.

use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use vacancy_domain::ids::RefundId;
use vacancy_domain::payments::Payment;

use super::asks::{self, Form};
use super::disputes::Dispute;
use super::wire::{ErrorBody, Intent, PAYMENT_ID, Page, REFUND_ID, Refund, Session, noted};
use crate::http::{Client, ClientFault, Reply, encoded, send, unknown};
use crate::payments::Checkout;
use crate::payments::disputes::{DisputeListing, Disputed};
use crate::payments::failure::{Code, Failure, refused};
use crate::payments::listing::{ListRequest, Listed, Listing};
use crate::payments::order::{CaptureRequest, Order, OrderRequest, Payer, RefundRequest};
use crate::payments::standing::Standing;
use crate::secret::Secret;

/// The version of Stripe's API that we speak, whatever the account's own is.
pub const API_VERSION: &str = "2026-05-27.dahlia";

/// What a look at a session shows besides it.
pub(super) const SESSION_WHOLE: &str = "expand[]=payment_intent.latest_charge";
/// What a look at an intent shows besides it.
pub(super) const INTENT_WHOLE: &str = "expand[]=latest_charge";
/// The same of every one of a list.
const SESSIONS_WHOLE: &str = "expand[]=data.payment_intent.latest_charge";
const INTENTS_WHOLE: &str = "expand[]=data.latest_charge";
/// Where a list of orders goes on when it comes to the end of the sessions.
const INTENTS: &str = "pi_";
/// Pages of a hundred that are searched for one of ours.
const PAGES_MAX: usize = 20;
/// How far Stripe's clock may lie behind ours when we look for what we made.
const CLOCKS_APART_S: i64 = 300;
/// An order that still holds an idempotency key is not older than this.
const KEY_S_MAX: i64 = 25 * 60 * 60;

#[derive(Debug)]
pub(super) struct Calls {
    client: Client,
    secret_key: Secret,
    public_url: String,
}

/// An order of ours, and the intent under it.
pub(super) struct Found {
    pub(super) standing: Standing,
    pub(super) intent_id: Option<String>,
}

impl Calls {
    pub(super) fn new(
        secret_key: Secret,
        public_url: String,
        base_url: &str,
    ) -> Result<Calls, ClientFault> {
        Ok(Calls { client: Client::new(base_url)?, secret_key, public_url })
    }

    /// A key that Stripe has seen with other parameters (the address to come back to, the time of
    /// the end) has an order already: the guest shall have that one.
    pub(super) async fn create(
        &self,
        request: &OrderRequest,
        checkout: Checkout,
    ) -> Result<Order, Failure> {
        let made = match (&request.payer, checkout) {
            (Payer::Again(earlier), _) => self.charge_again(request, earlier).await,
            (_, Checkout::HostedPage | Checkout::AtProperty) => self.create_session(request).await,
            (_, Checkout::Embedded) => self.create_intent(request).await,
        };
        match made {
            Err(Failure::Refused { code: Code::OrderMismatch }) => self.made_before(request).await,
            made => made,
        }
    }

    async fn create_session(&self, request: &OrderRequest) -> Result<Order, Failure> {
        let form = asks::session(request, &self.public_url)?;
        let key = format!("order-{}", request.payment_id);
        let asked = self.post("/v1/checkout/sessions", Some(&key), &form);
        Ok(order_of_session(self.read("create a session", asked).await?))
    }

    async fn create_intent(&self, request: &OrderRequest) -> Result<Order, Failure> {
        let customer = match request.payer {
            Payer::GuestAndLater => self.customer(request).await?,
            Payer::Guest | Payer::Again(_) => None,
        };
        let form = asks::intent(request, customer.as_deref())?;
        let key = format!("order-{}", request.payment_id);
        let asked = self.post("/v1/payment_intents", Some(&key), &form);
        Ok(order_of_intent(self.read("create an intent", asked).await?))
    }

    async fn made_before(&self, request: &OrderRequest) -> Result<Order, Failure> {
        let since_s = request.now_ms.div_euclid(1000) - KEY_S_MAX;
        let our_id = request.payment_id.to_string();
        let (standing, order) = match self.session_by_our_id(&our_id, since_s).await? {
            Some(session) => (session.standing(), order_of_session(session)),
            None => match self.intent_by_our_id(&our_id, since_s).await? {
                Some(intent) => (intent.standing(), order_of_intent(intent)),
                None => return Err(refused(Code::OrderMismatch)),
            },
        };
        if standing.is_none_or(|standing| standing.amount != request.amount) {
            return Err(refused(Code::OrderMismatch));
        }
        Ok(order)
    }

    /// The order of a payment, by its id at Stripe or, while we do not know that, by ours.
    pub(super) async fn find(&self, payment: &Payment) -> Result<Found, Failure> {
        if !payment.provider_order_id.is_empty() {
            return self.look(&payment.provider_order_id).await;
        }
        let our_id = payment.id.to_string();
        let since_s = payment.created_at_ms.div_euclid(1000) - CLOCKS_APART_S;
        let order_id = match self.session_by_our_id(&our_id, since_s).await? {
            Some(session) => session.id,
            None => {
                let intent = self.intent_by_our_id(&our_id, since_s).await?;
                intent.ok_or_else(|| refused(Code::UnknownOrder))?.id
            }
        };
        self.look(&order_id).await
    }

    pub(super) async fn look(&self, order_id: &str) -> Result<Found, Failure> {
        const ATTEMPTED: &str = "look at a stripe order";
        let id = encoded(order_id);
        let (standing, intent_id) = if is_intent(order_id) {
            let path = format!("/v1/payment_intents/{id}?{INTENT_WHOLE}");
            let intent: Intent = self.read(ATTEMPTED, self.get(&path)).await?;
            (intent.standing(), Some(intent.id))
        } else {
            let path = format!("/v1/checkout/sessions/{id}?{SESSION_WHOLE}");
            let session: Session = self.read(ATTEMPTED, self.get(&path)).await?;
            (session.standing(), session.intent_id().map(str::to_owned))
        };
        let standing = standing.ok_or_else(|| unknown(ATTEMPTED, "no amount that we know"))?;
        Ok(Found { standing, intent_id })
    }

    async fn session_by_our_id(
        &self,
        our_id: &str,
        since_s: i64,
    ) -> Result<Option<Session>, Failure> {
        let is_ours = |session: &Session| session.client_reference_id.as_deref() == Some(our_id);
        let query = format!("created[gte]={}&limit=100", since_s.max(0));
        self.search("/v1/checkout/sessions", &query, is_ours, |session| &session.id).await
    }

    async fn intent_by_our_id(
        &self,
        our_id: &str,
        since_s: i64,
    ) -> Result<Option<Intent>, Failure> {
        let is_ours = |intent: &Intent| noted(&intent.metadata, PAYMENT_ID) == Some(our_id);
        let query = format!("created[gte]={}&limit=100", since_s.max(0));
        self.search("/v1/payment_intents", &query, is_ours, |intent| &intent.id).await
    }

    pub(super) async fn refund_of(
        &self,
        intent_id: &str,
        refund_id: RefundId,
    ) -> Result<Option<Refund>, Failure> {
        let our_id = refund_id.to_string();
        let is_ours = |refund: &Refund| noted(&refund.metadata, REFUND_ID) == Some(&our_id);
        let query = format!("payment_intent={}&limit=100", encoded(intent_id));
        self.search("/v1/refunds", &query, is_ours, |refund| &refund.id).await
    }

    pub(super) async fn list_one_session(&self) -> Result<(), Failure> {
        let asked = self.get("/v1/checkout/sessions?limit=1");
        let _any: Page<Session> = self.read("list a session", asked).await?;
        Ok(())
    }

    pub(super) async fn capture(
        &self,
        intent_id: &str,
        request: &CaptureRequest,
    ) -> Result<(), Failure> {
        let path = format!("/v1/payment_intents/{}/capture", encoded(intent_id));
        let key = format!("capture-{}-{}", request.payment.id, request.amount.minor);
        let asked = self.post(&path, Some(&key), &asks::capture(request)?);
        self.read("capture an intent", asked).await.map(|_: Intent| ())
    }

    /// Lets an authorisation go. Again is the same.
    pub(super) async fn cancel(&self, intent_id: Option<&str>) -> Result<(), Failure> {
        let intent_id = intent_id.ok_or_else(|| refused(Code::RequestRefused))?;
        let path = format!("/v1/payment_intents/{}/cancel", encoded(intent_id));
        let asked = self.post(&path, None, &Vec::new());
        self.read("cancel an intent", asked).await.map(|_: Intent| ())
    }

    /// Closes an order that nobody paid. Again is the same.
    pub(super) async fn close(&self, order_id: &str) -> Result<(), Failure> {
        if is_intent(order_id) {
            return self.cancel(Some(order_id)).await;
        }
        let path = format!("/v1/checkout/sessions/{}/expire", encoded(order_id));
        let asked = self.post(&path, None, &Vec::new());
        self.read("expire a session", asked).await.map(|_: Session| ())
    }

    pub(super) async fn refund(
        &self,
        intent_id: &str,
        request: &RefundRequest,
    ) -> Result<Refund, Failure> {
        let key = format!("refund-{}", request.refund_id);
        let asked = self.post("/v1/refunds", Some(&key), &asks::refund(intent_id, request)?);
        match self.read("refund an intent", asked).await {
            Err(Failure::Refused { code: Code::OrderMismatch }) => {
                Err(refused(Code::RefundMismatch))
            }
            answer => answer,
        }
    }

    /// A page of our orders: first the sessions, then the intents that no session made.
    pub(super) async fn list(&self, request: &ListRequest) -> Result<Listing, Failure> {
        const ATTEMPTED: &str = "list stripe orders";
        let (from_s, until_s) =
            (request.from_ms.div_euclid(1000).max(0), request.until_ms.div_euclid(1000).max(0));
        let window = format!("created[gte]={from_s}&created[lt]={until_s}&limit=100");
        let after = request.after.as_deref().unwrap_or_default();
        let start = match after {
            "" | INTENTS => String::new(),
            after => format!("&starting_after={}", encoded(after)),
        };
        if is_intent(after) {
            let path = format!("/v1/payment_intents?{window}&{INTENTS_WHOLE}{start}");
            let page: Page<Intent> = self.read(ATTEMPTED, self.get(&path)).await?;
            let next = page.data.last().filter(|_| page.has_more).map(|last| last.id.clone());
            let orders = page.data.iter().filter_map(|intent| {
                listed(noted(&intent.metadata, PAYMENT_ID), None, intent.standing())
            });
            return Ok(Listing { orders: orders.collect(), next });
        }
        let path = format!("/v1/checkout/sessions?{window}&{SESSIONS_WHOLE}{start}");
        let page: Page<Session> = self.read(ATTEMPTED, self.get(&path)).await?;
        let last = page.data.last().filter(|_| page.has_more).map(|last| last.id.clone());
        let orders = page.data.iter().filter_map(|session| {
            let checkout_url = session.url.clone();
            listed(session.client_reference_id.as_deref(), checkout_url, session.standing())
        });
        Ok(Listing { orders: orders.collect(), next: last.or(Some(INTENTS.to_owned())) })
    }

    pub(super) async fn dispute(&self, id: &str) -> Result<Disputed, Failure> {
        const ATTEMPTED: &str = "look at a stripe dispute";
        let asked = self.get(&format!("/v1/disputes/{}", encoded(id)));
        let dispute: Dispute = match self.read(ATTEMPTED, asked).await {
            Err(Failure::Refused { code: Code::UnknownOrder }) => {
                return Err(refused(Code::UnknownDispute));
            }
            answer => answer?,
        };
        dispute.told().ok_or_else(|| unknown(ATTEMPTED, "no amount that we know"))
    }

    /// A page of disputes, the newest first.
    pub(super) async fn disputes(&self, request: &ListRequest) -> Result<DisputeListing, Failure> {
        let (from_s, until_s) =
            (request.from_ms.div_euclid(1000).max(0), request.until_ms.div_euclid(1000).max(0));
        let mut path =
            format!("/v1/disputes?created[gte]={from_s}&created[lt]={until_s}&limit=100");
        if let Some(after) = &request.after {
            path.push_str(&format!("&starting_after={}", encoded(after)));
        }
        let page: Page<Dispute> = self.read("list stripe disputes", self.get(&path)).await?;
        let next = page.data.last().filter(|_| page.has_more).map(|last| last.id.clone());
        Ok(DisputeListing { disputes: page.data.iter().filter_map(Dispute::told).collect(), next })
    }

    /// Goes through a list, newest first, until it finds one of ours or the end.
    async fn search<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &str,
        is_ours: impl Fn(&T) -> bool,
        id: impl Fn(&T) -> &String,
    ) -> Result<Option<T>, Failure> {
        const ATTEMPTED: &str = "search a list of stripe";
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let asked = self.get(&format!("{path}?{query}{after}"));
            let page: Page<T> = self.read(ATTEMPTED, asked).await?;
            let last = page.data.last().map(|one| encoded(id(one)));
            if let Some(found) = page.data.into_iter().find(|one| is_ours(one)) {
                return Ok(Some(found));
            }
            match last {
                Some(last) if page.has_more => after = format!("&starting_after={last}"),
                Some(_) | None => return Ok(None),
            }
        }
        Err(unknown(ATTEMPTED, "too many to search"))
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.signed(self.client.get(path))
    }

    pub(super) fn post(&self, path: &str, key: Option<&str>, form: &Form) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.signed(self.client.post(path).body(body));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        }
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.secret_key.text()).header("Stripe-Version", API_VERSION)
    }

    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        attempted: &'static str,
        request: RequestBuilder,
    ) -> Result<T, Failure> {
        let reply = send(attempted, request).await?;
        if reply.is_success() { reply.read() } else { Err(failure(attempted, &reply)) }
    }
}

/// An order, if it is one of ours.
fn listed(
    our_id: Option<&str>,
    checkout_url: Option<String>,
    standing: Option<Standing>,
) -> Option<Listed> {
    Some(Listed { payment_id: our_id?.parse().ok()?, checkout_url, standing: standing? })
}

pub(super) fn is_intent(order_id: &str) -> bool {
    order_id.starts_with("pi_")
}

fn order_of_session(session: Session) -> Order {
    Order { provider_order_id: session.id, checkout_url: session.url, client_secret: None }
}

pub(super) fn order_of_intent(intent: Intent) -> Order {
    Order { provider_order_id: intent.id, checkout_url: None, client_secret: intent.client_secret }
}

/// What an error of Stripe's means. An error that is none of Stripe's tells nothing.
fn failure(attempted: &'static str, reply: &Reply) -> Failure {
    if reply.is_unsure() {
        return reply.unknown();
    }
    let Ok(ErrorBody { error }) = reply.read() else { return reply.unknown() };
    let code = error.code.as_deref().unwrap_or_default();
    tracing::warn!(
        http.status = reply.status,
        stripe.error = error.r#type,
        stripe.code = code,
        "{attempted}: stripe refuses"
    );
    let code = match (reply.status, error.r#type.as_str(), code) {
        (401 | 403, _, _) => {
            tracing::error!("stripe refuses our key: look at stripe.secret_key");
            Code::KeyRefused
        }
        (404, _, _) => Code::UnknownOrder,
        (_, "idempotency_error", _) => Code::OrderMismatch,
        (_, "card_error", _) => return Failure::Declined,
        (_, _, "amount_too_small" | "amount_too_large" | "parameter_invalid_integer") => {
            Code::AmountInvalid
        }
        (_, _, "charge_already_refunded") => Code::AmountTooLarge,
        (_, _, "charge_disputed") => Code::PaymentDisputed,
        (_, _, _) => Code::RequestRefused,
    };
    refused(code)
}
