//! Every route of the server, in one list. A route that is not here does not exist; one that is
//! here and documented stands in `/openapi.json` by the same line.

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    api_keys, availability, businesses, calendar, docs, folios, front_desk, holds, hotels,
    inventory, listings, locations, openapi, operate, overbooking, payment_accounts,
    payment_disputes, payment_inbox, payment_refunds, payments, policies, price_rules, pricing,
    quotes, rate_plans, rates, reservation_changes, reservation_lists, reservations, restrictions,
    room_types, rooms, taxes, webhooks, work_items,
};
use crate::state::AppState;

/// The routes of the API, with their documents.
#[must_use]
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::skeleton())
        // Find
        .routes(routes!(locations::search))
        .routes(routes!(locations::get))
        .routes(routes!(hotels::list, hotels::create))
        .routes(routes!(hotels::get, hotels::change))
        .routes(routes!(room_types::list, room_types::create))
        .routes(routes!(room_types::get, room_types::change, room_types::delete))
        .routes(routes!(listings::list))
        .routes(routes!(calendar::get))
        .routes(routes!(availability::ask))
        .routes(routes!(availability::ask_batch))
        .routes(routes!(pricing::ask))
        .routes(routes!(pricing::ask_batch))
        .routes(routes!(quotes::create))
        // Book
        .routes(routes!(reservations::create))
        .routes(routes!(reservation_lists::list))
        .routes(routes!(reservations::look_up))
        .routes(routes!(reservations::get))
        .routes(routes!(reservations::edit))
        .routes(routes!(folios::get))
        .routes(routes!(reservation_changes::extend))
        .routes(routes!(reservation_changes::cancel))
        .routes(routes!(reservation_changes::reschedule))
        .routes(routes!(reservation_changes::confirm))
        .routes(routes!(front_desk::check_in))
        .routes(routes!(front_desk::check_out))
        .routes(routes!(front_desk::no_show))
        .routes(routes!(front_desk::today))
        .routes(routes!(holds::hold))
        .routes(routes!(holds::confirm))
        .routes(routes!(holds::release))
        // Pay
        .routes(routes!(payments::order))
        .routes(routes!(payments::confirm))
        .routes(routes!(payments::get))
        .routes(routes!(payment_refunds::create))
        .routes(routes!(payment_disputes::list))
        .routes(routes!(payment_inbox::list))
        .routes(routes!(payment_inbox::resolve))
        .routes(routes!(webhooks::receive))
        .routes(routes!(webhooks::receive_of_account))
        .routes(routes!(payment_accounts::list, payment_accounts::create))
        .routes(routes!(payment_accounts::get, payment_accounts::change, payment_accounts::delete))
        // Run a business
        .routes(routes!(inventory::get))
        .routes(routes!(inventory::set))
        .routes(routes!(rooms::list, rooms::create))
        .routes(routes!(rooms::delete))
        .routes(routes!(rates::get, rates::set))
        .routes(routes!(rate_plans::list, rate_plans::create))
        .routes(routes!(rate_plans::get, rate_plans::replace, rate_plans::delete))
        .routes(routes!(price_rules::list, price_rules::create))
        .routes(routes!(price_rules::get, price_rules::replace, price_rules::delete))
        .routes(routes!(restrictions::list, restrictions::create))
        .routes(routes!(restrictions::get, restrictions::replace, restrictions::delete))
        .routes(routes!(policies::list, policies::create))
        .routes(routes!(policies::get, policies::replace, policies::delete))
        .routes(routes!(taxes::list, taxes::create))
        .routes(routes!(taxes::get, taxes::replace, taxes::delete))
        .routes(routes!(work_items::list))
        .routes(routes!(work_items::settle))
        .routes(routes!(overbooking::get))
        .routes(routes!(overbooking::set))
        // Access
        .routes(routes!(businesses::get, businesses::change))
        .routes(routes!(businesses::list, businesses::create))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::delete))
        // Operate
        .routes(routes!(operate::livez))
        .routes(routes!(operate::readyz))
        .routes(routes!(operate::show_metrics))
        .routes(routes!(operate::version))
        .routes(routes!(openapi::show))
}

/// What people look at: no part of the API, and not in its document.
pub fn pages() -> Router<AppState> {
    Router::new()
        .route("/docs", get(docs::show))
        .route("/docs/style.css", get(docs::style))
        .merge(crate::pages::router::routes())
}
