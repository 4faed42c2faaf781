//! The calls to Razorpay: one function per end point, and what its answers and errors mean to us.

use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use serde_json::json;
use vacancy_domain::ids::{PaymentId, RefundId};
use vacancy_domain::money::Money;
use vacancy_domain::payments;

use super::disputes::Dispute;
use super::wire::{Collection, ErrorBody, Found, Order, Payment, Refund};
use crate::http::{Client, ClientFault, Reply, encoded, send, unknown};
use crate::payments::disputes::{DisputeListing, Disputed};
use crate::payments::failure::{Code, Failure, refused};
use crate::payments::listing::{ListRequest, Listing};
use crate::payments::order::{Capture, OrderRequest, RefundRequest};
use crate::secret::Secret;

/// How long Razorpay takes authorised money by itself: the shortest there is. What turns authorised
/// later waits for us, and goes back by itself if we never come.
const CAPTURE_MINUTES: i64 = 12;
/// How long authorised money waits for us: five days.
const WAITING_MINUTES: i64 = 7_200;
/// Most of a list that Razorpay gives at once.
const LIST_MAX: usize = 100;

#[derive(Debug)]
pub(super) struct Calls {
    client: Client,
    key_id: String,
    key_secret: Secret,
}

impl Calls {
    pub(super) fn new(
        key_id: String,
        key_secret: Secret,
        base_url: &str,
    ) -> Result<Calls, ClientFault> {
        Ok(Calls { client: Client::new(base_url)?, key_id, key_secret })
    }

    pub(super) async fn create(&self, request: &OrderRequest) -> Result<Order, Failure> {
        let capture = match request.capture {
            Capture::Automatic => "automatic",
            Capture::Manual => "manual",
        };
        let body = json!({
            "amount": request.amount.minor,
            "currency": request.amount.currency.code(),
            "receipt": request.payment_id.to_string(),
            "notes": { "reservation_id": request.reservation_id.to_string() },
            "payment": {
                "capture": capture,
                "capture_options": {
                    "automatic_expiry_period": CAPTURE_MINUTES,
                    "manual_expiry_period": WAITING_MINUTES,
                    "refund_speed": "normal",
                },
            },
        });
        let asked = self.signed(self.client.post("/v1/orders").json(&body));
        read("create an order", asked, Code::RequestRefused).await
    }

    /// The order that was made for this payment. Two that raced have one receipt; only the one that
    /// our row names is ever shown to anybody, and while it names none the older one will do.
    pub(super) async fn order_by_receipt(
        &self,
        payment_id: PaymentId,
    ) -> Result<Option<Order>, Failure> {
        let receipt = payment_id.to_string();
        let path = format!("/v1/orders?receipt={}&count={LIST_MAX}", encoded(&receipt));
        let asked = self.signed(self.client.get(&path));
        let orders: Collection<Order> = read("find an order", asked, Code::RequestRefused).await?;
        let ours =
            orders.items.into_iter().filter(|order| order.receipt.as_ref() == Some(&receipt));
        Ok(ours.min_by_key(|order| order.created_at))
    }

    /// A page of our orders with their payments. Razorpay's pages are numbers of orders to skip, the
    /// newest first: one that is opened meanwhile moves others to the next page, where they come again.
    pub(super) async fn list(
        &self,
        request: &ListRequest,
        checkout: impl Fn(&str) -> String,
    ) -> Result<Listing, Failure> {
        const ATTEMPTED: &str = "list razorpay orders";
        let skipped = skipped(request)?;
        let from_s = request.from_ms.div_euclid(1000).max(0);
        let to_s = request.until_ms.div_euclid(1000).max(0);
        let path = format!(
            "/v1/orders?from={from_s}&to={to_s}&count={LIST_MAX}&skip={skipped}&expand[]=payments"
        );
        let asked = self.signed(self.client.get(&path));
        let page: Collection<Order> = read(ATTEMPTED, asked, Code::RequestRefused).await?;
        let next = (LIST_MAX <= page.items.len()).then(|| (skipped + LIST_MAX).to_string());
        let orders = page.items.iter().filter_map(|order| order.listed(&checkout)).collect();
        Ok(Listing { orders, next })
    }

    pub(super) async fn dispute(&self, id: &str) -> Result<Disputed, Failure> {
        const ATTEMPTED: &str = "look at a razorpay dispute";
        let asked = self.signed(self.client.get(&format!("/v1/disputes/{}", encoded(id))));
        let dispute: Dispute = read(ATTEMPTED, asked, Code::UnknownDispute).await?;
        dispute.told().ok_or_else(|| unknown(ATTEMPTED, "no currency that we know"))
    }

    pub(super) async fn disputes(&self, request: &ListRequest) -> Result<DisputeListing, Failure> {
        let skipped = skipped(request)?;
        let from_s = request.from_ms.div_euclid(1000).max(0);
        let to_s = request.until_ms.div_euclid(1000).max(0);
        let path = format!("/v1/disputes?from={from_s}&to={to_s}&count={LIST_MAX}&skip={skipped}");
        let asked = self.signed(self.client.get(&path));
        let page: Collection<Dispute> =
            read("list razorpay disputes", asked, Code::RequestRefused).await?;
        let next = (LIST_MAX <= page.items.len()).then(|| (skipped + LIST_MAX).to_string());
        Ok(DisputeListing { disputes: page.items.iter().filter_map(Dispute::told).collect(), next })
    }

    pub(super) async fn list_one_order(&self) -> Result<(), Failure> {
        let asked = self.signed(self.client.get("/v1/orders?count=1"));
        read("list an order", asked, Code::RequestRefused).await.map(|_: Collection<Order>| ())
    }

    /// The order of a payment, by its id at Razorpay or, while we do not know that, by ours.
    pub(super) async fn find(&self, payment: &payments::Payment) -> Result<Found, Failure> {
        const ATTEMPTED: &str = "look at a razorpay order";
        let order = if payment.provider_order_id.is_empty() {
            let order = self.order_by_receipt(payment.id).await?;
            order.ok_or_else(|| refused(Code::UnknownOrder))?
        } else {
            let path = format!("/v1/orders/{}", encoded(&payment.provider_order_id));
            read(ATTEMPTED, self.signed(self.client.get(&path)), Code::UnknownOrder).await?
        };
        let path = format!("/v1/orders/{}/payments", encoded(&order.id));
        let asked = self.signed(self.client.get(&path));
        let attempts: Collection<Payment> = read(ATTEMPTED, asked, Code::UnknownOrder).await?;
        let found = order.found(&attempts.items);
        found.ok_or_else(|| unknown(ATTEMPTED, "no amount that we know"))
    }

    pub(super) async fn capture(&self, payment_id: &str, amount: Money) -> Result<(), Failure> {
        let path = format!("/v1/payments/{}/capture", encoded(payment_id));
        let body = json!({ "amount": amount.minor, "currency": amount.currency.code() });
        let asked = self.signed(self.client.post(&path).json(&body));
        read("capture a payment", asked, Code::RequestRefused).await.map(|_: Payment| ())
    }

    pub(super) async fn refund_of(
        &self,
        payment_id: &str,
        refund_id: RefundId,
    ) -> Result<Option<Refund>, Failure> {
        let path = format!("/v1/payments/{}/refunds?count={LIST_MAX}", encoded(payment_id));
        let asked = self.signed(self.client.get(&path));
        let refunds: Collection<Refund> =
            read("find a refund", asked, Code::RequestRefused).await?;
        let receipt = refund_id.to_string();
        let is_ours = |refund: &Refund| refund.receipt.as_ref() == Some(&receipt);
        Ok(refunds.items.into_iter().find(is_ours))
    }

    pub(super) async fn refund(
        &self,
        payment_id: &str,
        request: &RefundRequest,
    ) -> Result<Refund, Failure> {
        let path = format!("/v1/payments/{}/refund", encoded(payment_id));
        let receipt = request.refund_id.to_string();
        let body = json!({
            "amount": request.amount.minor,
            "speed": "normal",
            "receipt": receipt,
            "notes": { "payment_id": request.payment.id.to_string() },
        });
        let asked = self.signed(self.client.post(&path).json(&body));
        let asked = asked.header("X-Refund-Idempotency", receipt);
        read("refund a payment", asked, Code::RequestRefused).await
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.key_id, Some(self.key_secret.text()))
    }
}

fn skipped(request: &ListRequest) -> Result<usize, Failure> {
    match &request.after {
        None => Ok(0),
        Some(after) => after.parse().map_err(|_| refused(Code::RequestRefused)),
    }
}

/// Sends and reads. `otherwise` is what an error means that names no field.
async fn read<T: DeserializeOwned>(
    attempted: &'static str,
    request: RequestBuilder,
    otherwise: Code,
) -> Result<T, Failure> {
    let reply = send(attempted, request).await?;
    if reply.is_success() { reply.read() } else { Err(failure(attempted, &reply, otherwise)) }
}

/// What an error of Razorpay's means. An error that is none of Razorpay's tells nothing.
fn failure(attempted: &'static str, reply: &Reply, otherwise: Code) -> Failure {
    if reply.is_unsure() {
        return reply.unknown();
    }
    let Ok(ErrorBody { error }) = reply.read() else { return reply.unknown() };
    let field = error.field.as_deref().unwrap_or_default();
    tracing::warn!(
        http.status = reply.status,
        razorpay.error = error.code,
        razorpay.field = field,
        "{attempted}: razorpay refuses"
    );
    let code = match (reply.status, error.code.as_str(), field) {
        (401 | 403, _, _) => {
            tracing::error!("razorpay refuses our key: look at razorpay.key_id and its secret");
            Code::KeyRefused
        }
        // Their bank or their own machinery failed, whatever the status says.
        (_, "GATEWAY_ERROR" | "SERVER_ERROR", _) => return reply.unknown(),
        (_, _, "amount") => Code::AmountInvalid,
        (_, _, _) => otherwise,
    };
    refused(code)
}
