//! `/sandbox/checkout/{order}`: the test provider's own page, as a bank's would be. Not ours to
//! trust: what it says reaches us only as its webhook and through the provider's own answers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vacancy_connect::payments::failure::Failure;
use vacancy_connect::payments::sandbox::{
    Manner, PayWith, SIGNATURE_HEADER, SignedWebhook, TEST_CARDS, TEST_WAYS, View, Visit,
};
use vacancy_connect::payments::webhook::Webhook;
use vacancy_domain::disputes::DisputeStatus;
use vacancy_domain::payments::PaymentState;

use super::answer::{Answer, page_as, see_other, without_our_name};
use super::elsewhere::allow_form_to;
use super::forms::Sent;
use super::views::checkout::Checkout;
use super::views::parts::{Choice, Select};
use super::{format, links};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::state::AppState;

pub async fn show(State(state): State<AppState>, Path(order): Path<String>) -> Answer {
    let now_ms = now_ms(&state).await?;
    let view = view(&state, &order, now_ms).await?;
    checkout(&state, &view, Said::default(), StatusCode::OK)
}

/// What the page says beyond the order.
#[derive(Default)]
struct Said<'a> {
    alert: Option<&'a str>,
    /// The way to pay that the guest's bank asks about.
    asked: Option<&'a str>,
}

pub async fn submit(
    State(state): State<AppState>,
    Path(order): Path<String>,
    Sent(values): Sent,
) -> Answer {
    let now_ms = now_ms(&state).await?;
    let before = view(&state, &order, now_ms).await?;
    let typed = values.text("card");
    let disputed = match values.text("outcome") {
        "dispute" => Some(state.sandbox.dispute(&order, now_ms).await),
        "dispute_won" => Some(state.sandbox.end_dispute(&order, true, now_ms).await),
        "dispute_lost" => Some(state.sandbox.end_dispute(&order, false, now_ms).await),
        _ => None,
    };
    if let Some(told) = disputed {
        if let Ok(Some(webhook)) = told {
            deliver(&state, &webhook, now_ms).await;
        }
        return Ok(see_other(&links::sandbox(&order)));
    }
    let visit = if values.text("outcome") == "decline" {
        state.sandbox.decline(&order, now_ms).await
    } else {
        let Ok(with) = PayWith::read(typed) else {
            let alert = "Choose one of the test cards; a real card is never taken here.";
            let said = Said { alert: Some(alert), asked: None };
            return checkout(&state, &before, said, StatusCode::UNPROCESSABLE_ENTITY);
        };
        if with.manner() == Manner::Secure && values.text("outcome") != "approve" {
            let said = Said { alert: None, asked: Some(typed) };
            return checkout(&state, &before, said, StatusCode::OK);
        }
        let paid = state.sandbox.pay(&order, with, now_ms).await;
        if paid.is_ok() {
            deliver_all(&state, &order, with, now_ms).await;
        }
        return answer(&state, &order, now_ms, paid).await;
    };
    if let Ok(Visit { webhook: Some(webhook), .. }) = &visit {
        deliver(&state, webhook, now_ms).await;
    }
    answer(&state, &order, now_ms, visit).await
}

/// Where the guest goes after paying or declining.
async fn answer(
    state: &AppState,
    order: &str,
    now_ms: i64,
    visit: Result<Visit, Failure>,
) -> Answer {
    match visit {
        Ok(visit) => Ok(to_business(state, &visit.redirect_url)),
        // The card whose answer gets lost: the guest goes back, and the provider is asked.
        Err(Failure::Unknown { .. }) => {
            let after = view(state, order, now_ms).await?;
            Ok(to_business(state, &after.redirect_url))
        }
        Err(Failure::Declined | Failure::Refused { .. }) => {
            let after = view(state, order, now_ms).await?;
            checkout(state, &after, Said::default(), StatusCode::CONFLICT)
        }
    }
}

/// Posts what the chosen way to pay makes of its events: one, two, in wrong order, or none.
async fn deliver_all(state: &AppState, order: &str, with: PayWith, now_ms: i64) {
    for webhook in state.sandbox.deliveries(order, with, now_ms).await.unwrap_or_default() {
        deliver(state, &webhook, now_ms).await;
    }
}

/// What the provider would post to us; lost deliveries are no fault, since we ask anyway.
async fn deliver(state: &AppState, signed: &SignedWebhook, now_ms: i64) {
    let headers = [(SIGNATURE_HEADER, signed.signature.as_str())];
    let webhook = Webhook { headers: &headers, body: signed.body.as_bytes(), now_ms };
    match state.payments.take_webhook("sandbox", None, &webhook).await {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => tracing::warn!(%refusal, "our own webhook was refused: {refusal}"),
        Err(error) => tracing::warn!(%error, "take our own webhook: {error}"),
    }
}

async fn view(state: &AppState, order: &str, now_ms: i64) -> Result<View, Problem> {
    match state.sandbox.view(order, now_ms).await {
        Ok(view) => Ok(view),
        Err(Failure::Declined | Failure::Refused { .. }) => Err(Problem::not_found()),
        Err(Failure::Unknown { .. }) => {
            let detail = "the test provider does not answer";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after_ms(1_000))
        }
    }
}

fn checkout(state: &AppState, view: &View, said: Said<'_>, status: StatusCode) -> Answer {
    let back = without_our_name(&view.redirect_url, &state.public_url);
    let zone = jiff::tz::TimeZone::UTC;
    let page = Checkout {
        action: links::sandbox(&view.provider_order_id),
        payment_order_id: view.provider_order_id.clone(),
        purpose: view.description.clone(),
        amount: format::money(view.amount),
        open_until: format!("{} UTC", format::clock(view.expires_at_ms, &zone)),
        cards: cards(),
        asked: said.asked.map(str::to_owned),
        alert: said.alert.map(str::to_owned),
        closed: closed(view),
        bank: bank(view),
        back_href: if back.is_empty() { links::HOME.to_owned() } else { back.to_owned() },
    };
    let mut response = page_as(status, &page)?;
    allow_form_to(&mut response, back);
    Ok(response)
}

/// Why there are no buttons any more.
fn closed(view: &View) -> Option<String> {
    let why = match view.state {
        PaymentState::Succeeded if view.dispute == Some(DisputeStatus::Won) => {
            "The guest's bank took this payment back and returned it."
        }
        PaymentState::Succeeded if view.dispute.is_some() => {
            "The guest's bank took this payment back."
        }
        PaymentState::Succeeded | PaymentState::Authorized => "This payment is made.",
        PaymentState::Pending => "This payment is made and not settled yet.",
        PaymentState::Failed => "This payment was declined.",
        PaymentState::Created | PaymentState::Canceled => "This payment is not open any more.",
    };
    (!view.is_payable).then(|| why.to_owned())
}

/// What the guest's bank may do to a payment that is made.
fn bank(view: &View) -> Vec<(&'static str, &'static str)> {
    match (view.dispute, view.state) {
        (None, PaymentState::Succeeded) => vec![("dispute", "The guest's bank takes it back")],
        (Some(DisputeStatus::NeedsResponse | DisputeStatus::UnderReview), _) => {
            vec![("dispute_won", "Decide for the hotel"), ("dispute_lost", "Decide for the guest")]
        }
        (
            None,
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Canceled,
        )
        | (Some(DisputeStatus::Won | DisputeStatus::Lost | DisputeStatus::Closed), _) => vec![],
    }
}

fn cards() -> Select {
    let options = TEST_CARDS.iter().enumerate().map(|(at, card)| Choice {
        value: card.number.to_owned(),
        label: format!("{} {}", card.number, card.says),
        is_selected: at == 0,
    });
    let ways = TEST_WAYS.iter().map(|(word, _, says)| Choice {
        value: (*word).to_owned(),
        label: (*says).to_owned(),
        is_selected: false,
    });
    let (name, label) = ("card".to_owned(), "Test card or another way".to_owned());
    Select { name, label, options: options.chain(ways).collect() }
}

/// To where the business wants its guest back; with no such address, home.
fn to_business(state: &AppState, redirect_url: &str) -> Response {
    match without_our_name(redirect_url, &state.public_url) {
        "" => see_other(links::HOME),
        back => see_other(back),
    }
}

async fn now_ms(state: &AppState) -> Result<i64, Problem> {
    Ok(state.db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?)
}
