//! The little of Stripe that the bench needs: sessions are opened, and every one has been paid when
//! it is looked at.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Default)]
struct Books {
    /// Amount, currency and our id of each session.
    sessions: BTreeMap<String, (i64, String, String)>,
    look_ups: usize,
}

type Shared = Arc<Mutex<Books>>;

/// A provider on this machine, as long as its runtime.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    books: Shared,
}

impl StandIn {
    pub(crate) async fn open() -> Result<StandIn, String> {
        let books = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let router = Router::new()
            .route("/v1/checkout/sessions", post(create).get(nothing))
            .route("/v1/checkout/sessions/{id}", get(look_up))
            .with_state(Arc::clone(&books));
        // Ends with the bench.
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(StandIn { address, books })
    }

    /// How often a session was looked at so far.
    pub(crate) fn look_ups(&self) -> usize {
        self.books.lock().unwrap_or_else(PoisonError::into_inner).look_ups
    }
}

/// The list that the server asks for at its start, to see whether its key is taken.
async fn nothing() -> Json<Value> {
    Json(json!({"object": "list", "data": [], "has_more": false}))
}

async fn create(
    State(books): State<Shared>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let of = |name: &str| form.get(name).cloned().ok_or(StatusCode::BAD_REQUEST);
    let amount = of("line_items[0][price_data][unit_amount]")?;
    let amount = amount.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    let currency = of("line_items[0][price_data][currency]")?;
    let reference = of("client_reference_id")?;
    let mut books = books.lock().unwrap_or_else(PoisonError::into_inner);
    let id = format!("cs_test_{:06}", books.sessions.len());
    let session = (amount, currency, reference);
    let shown = shown(&id, &session, "open");
    books.sessions.insert(id, session);
    Ok(Json(shown))
}

async fn look_up(
    State(books): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let mut books = books.lock().unwrap_or_else(PoisonError::into_inner);
    books.look_ups += 1;
    let session = books.sessions.get(&id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(shown(&id, session, "complete")))
}

fn shown(id: &str, (amount, currency, reference): &(i64, String, String), status: &str) -> Value {
    let intent = json!({
        "id": id.replace("cs_", "pi_"), "object": "payment_intent", "status": "succeeded",
        "amount": amount, "amount_received": amount, "currency": currency, "metadata": {},
        "latest_charge": {
            "id": id.replace("cs_", "ch_"), "object": "charge", "amount_refunded": 0,
            "payment_method_details": {"type": "card"},
        },
    });
    json!({
        "id": id, "object": "checkout.session", "status": status, "amount_total": amount,
        "currency": currency, "client_reference_id": reference,
        "url": format!("https://checkout.stripe.example/{id}"),
        "payment_intent": if status == "open" { Value::Null } else { intent },
    })
}
