//! What may be done next with a reservation, as addresses. What is legal comes from `domain`, what
//! the caller may do from their rights; here both become `links`.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::access::{Actor, On};
use vacancy_domain::access::Action;
use vacancy_domain::ids::{BusinessId, ReservationId};

/// One thing that can be asked now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    #[schema(example = "/v1/payments/order")]
    href: String,
    #[schema(example = "POST")]
    method: &'static str,
}

/// By the name of the action.
pub type Links = BTreeMap<&'static str, Link>;

/// Where a reservation is found.
#[must_use]
pub fn href(reservation: ReservationId) -> String {
    format!("/v1/reservations/{reservation}")
}

/// Links of the actions that are legal, and that this caller may ask for.
#[must_use]
pub fn of(
    reservation: ReservationId,
    actions: &'static [&'static str],
    actor: &Actor,
    business: BusinessId,
) -> Links {
    let on = On::Reservation { business, reservation };
    let allowed = actions.iter().filter(|action| actor.may(needed(action), on).is_ok());
    with_self(reservation, allowed.copied())
}

/// Links of a reservation that was just made: for whoever has its guest token.
#[must_use]
pub fn of_new(reservation: ReservationId, is_due: bool) -> Links {
    const DUE: [&str; 4] = ["pay", "extend", "cancel", "edit"];
    let actions = if is_due { &DUE[..] } else { &DUE[1..] };
    with_self(reservation, actions.iter().copied())
}

fn with_self(reservation: ReservationId, actions: impl Iterator<Item = &'static str>) -> Links {
    let own = ("self", Link { href: href(reservation), method: "GET" });
    actions.map(|action| (action, link(reservation, action))).chain([own]).collect()
}

fn link(reservation: ReservationId, action: &'static str) -> Link {
    let own = href(reservation);
    match action {
        "pay" => Link { href: "/v1/payments/order".to_owned(), method: "POST" },
        "edit" => Link { href: own, method: "PATCH" },
        _ => Link { href: format!("{own}/{action}"), method: "POST" },
    }
}

/// What has to be granted for an action.
fn needed(action: &str) -> Action {
    match action {
        "confirm" => Action::ConfirmReservations,
        "check-in" | "check-out" | "no-show" => Action::WorkFrontDesk,
        _ => Action::ChangeReservations,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ReservationId = ReservationId(7);

    #[test]
    fn a_guest_is_shown_only_what_a_guest_may_do() {
        let actions = &["pay", "confirm", "check-in", "edit"];
        let guest = Actor::Guest { reservation: ID };
        let names: Vec<&str> = of(ID, actions, &guest, BusinessId(1)).into_keys().collect();
        assert_eq!(names, ["edit", "pay", "self"]);
        assert_eq!(of(ID, actions, &Actor::Admin, BusinessId(1)).len(), 5);
    }

    #[test]
    fn nothing_is_to_be_paid_for_a_stay_that_costs_nothing() {
        assert!(of_new(ID, true).contains_key("pay"));
        assert!(!of_new(ID, false).contains_key("pay"));
    }
}
