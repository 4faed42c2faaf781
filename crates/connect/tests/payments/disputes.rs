//! Goal: disputes are read as the providers publish them, and their events name what to ask for.
//! Method: the published bodies of the testkit as answers; the stand-ins and the sandbox for their lives.

use serde_json::{Value, json};
use vacancy_connect::payments::disputes::{DisputeLookUp, Disputed};
use vacancy_connect::payments::failure::Failure;
use vacancy_connect::payments::listing::ListRequest;
use vacancy_connect::payments::sandbox::SIGNATURE_HEADER;
use vacancy_connect::payments::webhook::{Event, Webhook};
use vacancy_connect::payments::{Checkout, Provider, razorpay as at_razorpay, stripe as at_stripe};
use vacancy_domain::disputes::{DisputeStatus, Funds};
use vacancy_domain::payments::Payment;

use crate::stand_in::{Asked, Books, StandIn, testkit};
use crate::support::{
    AMOUNT_MINOR, NOW_MS, card, code, look_up, order, razorpay, razorpay_at, refund, row,
    row_after, sandbox, stripe, stripe_at,
};

async fn ask(provider: &dyn Provider, name: &str) -> Result<Disputed, Failure> {
    let request = DisputeLookUp { provider_dispute_id: name.to_owned(), now_ms: NOW_MS };
    provider.dispute(&request).await
}

fn row_of(order_id: &str) -> Payment {
    Payment { provider_order_id: order_id.to_owned(), ..row(1) }
}

async fn list(provider: &dyn Provider) -> Vec<Disputed> {
    let (from_ms, until_ms) = (NOW_MS - 1_000, NOW_MS + 60_000);
    let request = ListRequest { from_ms, until_ms, after: None, now_ms: NOW_MS };
    provider.disputes(&request).await.unwrap().disputes
}

fn heard(provider: &dyn Provider, header: &str, (signature, body): &(String, String)) -> Event {
    let headers = [(header, signature.as_str())];
    let webhook = Webhook { headers: &headers, body: body.as_bytes(), now_ms: NOW_MS };
    provider.parse_webhook(&webhook).unwrap()
}

/// Answers with published bodies.
struct Published {
    one: Value,
    all: Value,
}

impl Books for Published {
    fn answer(&mut self, asked: &Asked) -> (u16, Value) {
        let is_list = asked.path.ends_with("/disputes");
        (200, if is_list { self.all.clone() } else { self.one.clone() })
    }
}

#[tokio::test]
async fn stripes_own_dispute_can_be_read() {
    let Some(files) = testkit::unpacked("stripe.tar.zst") else { return };
    let fixtures: Value = serde_json::from_slice(&files["stripe/fixtures3.json"]).unwrap();
    let one = fixtures["resources"]["dispute"].clone();
    let all = json!({"object": "list", "has_more": false, "url": "/v1/disputes", "data": [one]});
    let at = StandIn::open(Published { one, all }).await;
    let stripe = stripe_at(&at.base_url, "sk_test_any", Checkout::HostedPage);
    let told = ask(&stripe, "dp_1").await.unwrap();
    assert_eq!(told.provider_dispute_id, "dp_1Pgc71B7WZ01zgkWMevJiAUx");
    // An inquiry: nothing was taken, and its payment is of before there were intents.
    assert_eq!((told.status, told.funds), (DisputeStatus::NeedsResponse, Funds::Kept));
    assert_eq!(
        (told.amount.to_string(), told.provider_payment_id),
        ("USD 10.00".to_owned(), String::new())
    );
    assert_eq!((told.reason.as_str(), told.due_by_ms), ("general", Some(1_723_679_999_000)));
    assert_eq!(list(&stripe).await.len(), 1);
}

#[tokio::test]
async fn razorpays_published_disputes_can_be_read() {
    let Some(files) = testkit::unpacked("razorpay.tar.zst") else { return };
    let body = |name: &str| -> Value {
        serde_json::from_slice(&files[&format!("razorpay/tests/mocks/{name}.json")]).unwrap()
    };
    let books = Published { one: body("dispute"), all: body("dispute_collection") };
    let at = StandIn::open(books).await;
    let razorpay = razorpay_at(&at.base_url, "any");
    let told = ask(&razorpay, "disp_1").await.unwrap();
    assert_eq!((told.status, told.funds), (DisputeStatus::UnderReview, Funds::Kept));
    assert_eq!(told.amount.to_string(), "INR 50.00");
    assert_eq!(told.provider_payment_id, "pay_9GMNcXXXXXXXXX");
    for (name, status, funds) in [
        ("dispute_accept", DisputeStatus::Lost, Funds::Withdrawn),
        ("dispute_contest", DisputeStatus::NeedsResponse, Funds::Kept),
    ] {
        at.with(|books| books.one = body(name));
        let told = ask(&razorpay, "disp_1").await.unwrap();
        assert_eq!((told.status, told.funds), (status, funds), "{name}");
    }
    let listed = list(&razorpay).await;
    let statuses: Vec<_> = listed.iter().map(|told| told.status).collect();
    assert_eq!(statuses, [DisputeStatus::NeedsResponse, DisputeStatus::Won]);
}

#[tokio::test]
async fn a_dispute_at_stripe_is_found_by_its_event_and_by_the_list() {
    let (stripe, at) = stripe().await;
    let id = stripe.create(&order(1)).await.unwrap().provider_order_id;
    at.with(|account| account.pay(&id));
    let name = at.with(|account| account.dispute(&id, true));
    for kind in ["charge.dispute.created", "charge.dispute.funds_withdrawn"] {
        let event = at.with(|account| account.dispute_event(kind, &name));
        let event = heard(&stripe, at_stripe::SIGNATURE_HEADER, &event);
        assert_eq!((event.kind.as_str(), event.provider_dispute_id), (kind, Some(name.clone())));
        assert_eq!(event.provider_order_id, None);
    }
    let told = ask(&stripe, &name).await.unwrap();
    assert_eq!((told.status, told.funds), (DisputeStatus::NeedsResponse, Funds::Withdrawn));
    assert_eq!(told.fee.map(|fee| fee.minor), Some(1_500));
    assert_eq!(list(&stripe).await, std::slice::from_ref(&told));
    let row = row_after(1, &look_up(&stripe, &row_of(&id), NOW_MS).await.unwrap());
    assert_eq!(Some(told.provider_payment_id), Some(row.provider_payment_id.clone()));
    assert_eq!(code(refund(&stripe, &row, 7, row.amount).await), "payment_disputed");
    at.with(|account| {
        account.dispute_becomes(&name, "won");
        account.dispute_moves(&name, 1);
    });
    let told = ask(&stripe, &name).await.unwrap();
    assert_eq!((told.status, told.funds), (DisputeStatus::Won, Funds::Reinstated));
    assert_eq!(code(ask(&stripe, "du_nobody").await), "unknown_dispute");
}

#[tokio::test]
async fn a_dispute_at_razorpay_is_found_by_its_event_and_by_the_list() {
    let (razorpay, at) = razorpay().await;
    let id = razorpay.create(&order(1)).await.unwrap().provider_order_id;
    let paid = at.with(|account| account.pay(&id)).payment_id;
    let name = at.with(|account| account.dispute(&paid, true));
    let event = at.with(|account| account.dispute_event("payment.dispute.created", &name));
    let event = heard(&razorpay, at_razorpay::SIGNATURE_HEADER, &event);
    assert_eq!(event.provider_dispute_id, Some(name.clone()));
    let told = ask(&razorpay, &name).await.unwrap();
    assert_eq!((told.funds, told.provider_payment_id.as_str()), (Funds::Withdrawn, paid.as_str()));
    assert_eq!(list(&razorpay).await, [told]);
    at.with(|account| account.dispute_becomes(&name, "won"));
    assert_eq!(ask(&razorpay, &name).await.unwrap().funds, Funds::Reinstated);
    assert_eq!(code(ask(&razorpay, "disp_nobody").await), "unknown_dispute");
}

#[tokio::test]
async fn the_sandbox_takes_a_payment_back_and_returns_it() {
    let sandbox = sandbox();
    let id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    assert_eq!(code(sandbox.dispute(&id, NOW_MS).await), "not_captured");
    let with = card("4000 0000 0000 0259");
    sandbox.pay(&id, with, NOW_MS).await.unwrap();
    let posted = sandbox.deliveries(&id, with, NOW_MS).await.unwrap();
    let events: Vec<Event> = posted
        .into_iter()
        .map(|sent| heard(&sandbox, SIGNATURE_HEADER, &(sent.signature, sent.body)))
        .collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["payment.captured", "payment.dispute.created"]);
    let name = events[1].provider_dispute_id.clone().unwrap();
    let told = ask(&sandbox, &name).await.unwrap();
    assert_eq!((told.funds, told.amount.minor), (Funds::Withdrawn, AMOUNT_MINOR));
    let standing = look_up(&sandbox, &row_of(&id), NOW_MS).await.unwrap();
    let row = row_after(1, &standing);
    assert_eq!(code(refund(&sandbox, &row, 7, row.amount).await), "payment_disputed");
    // The bank's first word counts.
    for won in [true, false] {
        sandbox.end_dispute(&id, won, NOW_MS).await.unwrap();
        let told = ask(&sandbox, &name).await.unwrap();
        assert_eq!((told.status, told.funds), (DisputeStatus::Won, Funds::Reinstated));
    }
    assert_eq!(list(&sandbox).await.len(), 1);
    refund(&sandbox, &row, 7, row.amount).await.unwrap();
}
