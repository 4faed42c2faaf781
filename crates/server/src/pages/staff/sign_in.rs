//! `/staff/sign-in` and `/staff/sign-out`: a key is shown once, a session stands for it after.

use axum::extract::State;
use axum::http::{StatusCode, header};
use vacancy_app::errors::Error;

use crate::pages::answer::{Answer, page, page_as, see_other};
use crate::pages::forms::{Asked, Sent};
use crate::pages::links;
use crate::pages::views::staff_sign_in::StaffSignIn;
use crate::pages::visitor::Visitor;
use crate::state::AppState;

pub async fn show(Asked(values): Asked) -> Answer {
    page(&StaffSignIn::empty(next(values.text("next"))))
}

pub async fn submit(State(state): State<AppState>, visitor: Visitor, Sent(values): Sent) -> Answer {
    let next = next(values.text("next"));
    match state.gate.begin_session(values.text("adminKey")).await {
        Ok(session) => {
            let mut response = see_other(next);
            let cookie = visitor.with_session(&session.text);
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(Error::Unauthorized) => {
            page_as(StatusCode::UNAUTHORIZED, &StaffSignIn::empty(next).refused())
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn sign_out(visitor: Visitor, Sent(_): Sent) -> Answer {
    let mut response = see_other(links::STAFF_SIGN_IN);
    response.headers_mut().insert(header::SET_COOKIE, visitor.with_session(""));
    Ok(response)
}

/// Where to go behind the door: a staff page of ours, never another site.
fn next(asked: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if asked.starts_with("/staff/") && asked.bytes().all(is_plain) {
        return asked;
    }
    links::STAFF_TODAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_leads_to_our_own_pages_only() {
        assert_eq!(next("/staff/today?hotelId=h1"), "/staff/today?hotelId=h1");
        for asked in ["", "//evil.example", "https://evil.example", "/staff/\\evil", "/staff/ x"] {
            assert_eq!(next(asked), links::STAFF_TODAY, "{asked}");
        }
    }
}
