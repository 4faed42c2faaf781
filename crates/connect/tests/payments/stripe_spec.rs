//! Goal: what we send is what Stripe's specification asks for, and its own examples can be read.
//! Method: the stand-in holds every request of every test against the specification; here its
//! teeth are shown, and Stripe's published fixtures are served as answers.

use serde_json::{Value, json};
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::standing::RefundState;
use vacancy_connect::payments::stripe::{API_VERSION, SIGNATURE_HEADER};
use vacancy_connect::payments::webhook::{self, Webhook};
use vacancy_connect::payments::{Checkout, stripe};
use vacancy_connect::secret::Secret;
use vacancy_domain::payments::{Payment, PaymentState};

use crate::stand_in::schema::spec;
use crate::stand_in::{Asked, Books, StandIn, testkit};
use crate::support::{NOW_MS, look_up, refund, row, row_after, stripe_at};

#[test]
fn the_version_that_we_speak_is_the_one_that_we_are_held_against() {
    let Some(spec) = spec() else { return };
    assert_eq!(spec.version(), API_VERSION);
    for field in ["expires_at", "client_reference_id"] {
        assert!(spec.schema("checkout.session")["properties"].get(field).is_some(), "{field}");
    }
}

#[test]
fn a_wrong_request_does_not_pass() {
    let Some(spec) = spec() else { return };
    let sessions = "/v1/checkout/sessions";
    for (method, path, query, body, wrong) in [
        ("POST", sessions, "", "mode=payment", None),
        ("POST", sessions, "", "mode=gift", Some("none of the words")),
        ("POST", sessions, "", "mod=payment", Some("no field")),
        ("POST", sessions, "", "expires_at=soon", Some("no integer")),
        ("POST", sessions, "", "line_items[0][price_data][unit_amount]=1", Some("required")),
        ("POST", "/v1/payment_intents", "", "amount=1", Some("required")),
        ("GET", sessions, "created[gte]=1&limit=100", "", None),
        ("GET", sessions, "limit=many", "", Some("no integer")),
        ("GET", sessions, "client_reference_id=1", "", Some("no parameter")),
        ("GET", "/v1/checkout/sessions/cs_1", "expand[]=payment_intent", "", None),
        ("DELETE", sessions, "", "", Some("there is no")),
    ] {
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let told = spec.check_request(method, path, &query, body.as_bytes());
        match wrong {
            None => assert!(told.is_empty(), "{body}{query:?}: {told:?}"),
            Some(wrong) => assert!(told.iter().any(|one| one.contains(wrong)), "{told:?}"),
        }
    }
}

/// Answers with Stripe's own examples.
struct Fixtures(Value);

impl Books for Fixtures {
    fn answer(&mut self, asked: &Asked) -> (u16, Value) {
        let mut intent = self.0["payment_intent"].clone();
        intent["latest_charge"] = self.0["charge"].clone();
        let mut session = self.0["checkout.session"].clone();
        // The example is of a session without items.
        session["amount_total"] = json!(1099);
        session["currency"] = json!("usd");
        session["payment_intent"] = intent.clone();
        let list =
            |data: Value| json!({"object": "list", "has_more": false, "url": "", "data": data});
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/v1/refunds") => (200, list(json!([self.0["refund"]]))),
            ("POST", "/v1/refunds") => (200, self.0["refund"].clone()),
            (_, path) if path.starts_with("/v1/payment_intents/") => (200, intent),
            _ => (200, session),
        }
    }
}

#[tokio::test]
async fn stripes_own_examples_can_be_read() {
    let Some(files) = testkit::unpacked("stripe.tar.zst") else { return };
    let fixtures: Value = serde_json::from_slice(&files["stripe/fixtures3.json"]).unwrap();
    let mut resources = fixtures["resources"].clone();
    let at = StandIn::open(Fixtures(resources.clone())).await;
    let stripe = stripe_at(&at.base_url, "sk_test_any", Checkout::HostedPage);
    for id in ["cs_test_1", "pi_1"] {
        let stored = Payment { provider_order_id: id.to_owned(), ..row(1) };
        let standing = look_up(&stripe, &stored, NOW_MS).await.unwrap();
        assert_eq!(standing.state, PaymentState::Created, "{id}");
        assert_eq!(standing.amount.to_string(), "USD 10.99");
    }
    // The same, paid.
    resources["payment_intent"]["status"] = json!("succeeded");
    resources["payment_intent"]["amount_received"] = json!(1099);
    at.with(|books| books.0 = resources);
    let stored = Payment { provider_order_id: "cs_test_1".to_owned(), ..row(1) };
    let standing = look_up(&stripe, &stored, NOW_MS).await.unwrap();
    assert_eq!((standing.state, standing.captured_minor), (PaymentState::Succeeded, 1099));
    let dollar = vacancy_domain::money::Money::new(100, "USD".parse().unwrap());
    let given = refund(&stripe, &row_after(1, &standing), 7, dollar).await.unwrap();
    assert_eq!((given.amount, given.state), (dollar, RefundState::Succeeded));
    let body = fixtures["resources"]["event"].to_string();
    let secret = Secret::new("whsec_next").unwrap();
    let signature = webhook::sign(&secret, body.as_bytes(), NOW_MS);
    let headers = [(SIGNATURE_HEADER, signature.as_str())];
    let delivery = Webhook { headers: &headers, body: body.as_bytes(), now_ms: NOW_MS };
    let event = stripe.parse_webhook(&delivery).unwrap();
    assert_eq!((event.kind.as_str(), event.provider_order_id), ("plan.created", None));
}

#[test]
fn the_real_stripe_is_reached_over_tls() {
    assert!(stripe::BASE_URL.starts_with("https://"));
}
