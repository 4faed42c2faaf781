//! What may be done next with a reservation, as addresses. What is legal comes from `domain`, what
//! the caller may do from their rights; here both become `links`.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::access::{Actor, On};
use vacancy_domain::access::Action;
use vacancy_domain::ids::{BusinessId, ReservationId};
use vacancy_domain::reservations::Reservation;

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
pub fn of(reservation: &Reservation, actor: &Actor) -> Links {
    let stands_unpaid = reservation.stands_unpaid();
    allowed(reservation.id, reservation.actions(), stands_unpaid, actor, reservation.business)
}

fn allowed(
    reservation: ReservationId,
    actions: &'static [&'static str],
    stands_unpaid: bool,
    actor: &Actor,
    business: BusinessId,
) -> Links {
    let on = On::Reservation { business, reservation };
    let may = |action: &&&str| actor.may(needed(action, stands_unpaid), on).is_ok();
    with_self(reservation, actions.iter().filter(may).copied())
}

/// Links of a reservation that was just made: for whoever has its guest token.
#[must_use]
pub fn of_new(reservation: ReservationId, is_due: bool) -> Links {
    let first = if is_due { "pay" } else { "confirm" };
    with_self(reservation, [first, "extend", "cancel", "edit"].into_iter())
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

/// What has to be granted for an action. Where nothing is to be paid first, guests confirm themselves.
fn needed(action: &str, stands_unpaid: bool) -> Action {
    match action {
        "confirm" if !stands_unpaid => Action::ConfirmReservations,
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
        let names = |stands_unpaid, actor: &Actor| {
            let links = allowed(ID, actions, stands_unpaid, actor, BusinessId(1));
            links.into_keys().collect::<Vec<&str>>()
        };
        assert_eq!(names(false, &guest), ["edit", "pay", "self"]);
        assert_eq!(names(true, &guest), ["confirm", "edit", "pay", "self"]);
        assert_eq!(names(false, &Actor::Admin).len(), 5);
    }

    #[test]
    fn nothing_is_to_be_paid_for_a_stay_that_costs_nothing() {
        let has = |is_due, name| of_new(ID, is_due).contains_key(name);
        assert!(has(true, "pay") && !has(true, "confirm"));
        assert!(has(false, "confirm") && !has(false, "pay"));
    }
}
