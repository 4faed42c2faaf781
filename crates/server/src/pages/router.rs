//! Every route of the pages, in one list, as `links` writes the addresses. No part of the API.

use axum::Router;
use axum::routing::{get, post};

use super::guest::{
    book, booking, cancel, change, confirmed, find, home, hotel, pay, results, returned,
};
use super::staff::{desk, sign_in, today};
use super::{files, razorpay, sandbox};
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        // Find and book
        .route("/", get(home::show))
        .route("/search", get(results::show))
        .route("/hotels/{hotelId}", get(hotel::show))
        .route("/book", get(book::show).post(book::submit))
        .route("/bookings/{reservationId}/pay", get(pay::show).post(pay::submit))
        .route("/bookings/{reservationId}/return", get(returned::show))
        .route("/bookings/{reservationId}/confirmed", get(confirmed::show))
        .route("/sandbox/checkout/{paymentOrderId}", get(sandbox::show).post(sandbox::submit))
        .route("/razorpay/checkout/{paymentOrderId}", get(razorpay::show))
        .route("/razorpay/return/{paymentOrderId}", post(razorpay::back))
        // A booking
        .route("/bookings", get(find::show).post(find::submit))
        .route("/bookings/{reservationId}", get(booking::show))
        .route("/bookings/{reservationId}/cancel", get(cancel::show).post(cancel::submit))
        .route("/bookings/{reservationId}/change", get(change::show).post(change::submit))
        // The front desk
        .route("/staff/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/staff/sign-out", post(sign_in::sign_out))
        .route("/staff/today", get(today::show))
        .route("/staff/reservations/{reservationId}/{step}", post(desk::submit))
        // What pages show
        .route("/assets/{name}", get(files::asset))
        .route("/pictures/{name}", get(files::picture))
}
