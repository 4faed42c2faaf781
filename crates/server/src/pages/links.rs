//! Every page address, so that templates, redirects and the router agree.
//!
//! | method | address | page or effect |
//! |---|---|---|
//! | GET | `/` | home |
//! | GET | `/search?place&checkInDate&checkOutDate&adults&roomCount&sort&cursor` | results |
//! | GET | `/hotels/{hotelId}?checkInDate&checkOutDate&adults&roomCount` | hotel |
//! | GET, POST | `/book?hotelId&checkInDate&checkOutDate&adults&units.CODE` | form; hold |
//! | GET, POST | `/bookings/{id}/pay` | choose how to pay; make the order |
//! | GET, POST | `/sandbox/checkout/{paymentOrderId}` | the test checkout |
//! | GET | `/razorpay/checkout/{paymentOrderId}` | the way to Razorpay's page |
//! | POST | `/razorpay/return/{paymentOrderId}` | from there: on to where the order said |
//! | GET | `/bookings/{id}/return` | back from a checkout: ask, then redirect |
//! | GET | `/bookings/{id}/confirmed` | confirmation |
//! | GET, POST | `/bookings` | find my booking |
//! | GET | `/bookings/{id}` | view |
//! | GET, POST | `/bookings/{id}/cancel` · `/change` | preview; do it |
//! | GET, POST | `/staff/sign-in` · POST `/staff/sign-out` | admin key |
//! | GET | `/staff/today?hotelId` | arrivals, in house, departures |
//! | POST | `/staff/reservations/{id}/check-in` · `/check-out` · `/no-show` | front desk |
//!
//! Guests are known by a cookie, never by an address. This file must not know what an address does.

use std::fmt::Write as _;

use vacancy_domain::stays::Day;

use super::format;

pub const HOME: &str = "/";
pub const SEARCH: &str = "/search";
pub const BOOK: &str = "/book";
pub const FIND_BOOKING: &str = "/bookings";
pub const STAFF_SIGN_IN: &str = "/staff/sign-in";
pub const STAFF_TODAY: &str = "/staff/today";

/// What a guest asks for, carried from page to page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// A location id such as `lisbon-pt`, or what the guest typed.
    pub place: String,
    pub check_in: Day,
    pub check_out: Day,
    pub adults: i64,
    pub room_count: i64,
}

pub fn results(ask: &Ask, sort: Option<&str>, cursor: Option<&str>) -> String {
    let mut query = Query::new(SEARCH);
    query.add("place", &ask.place);
    stay(&mut query, ask);
    if let Some(sort) = sort {
        query.add("sort", sort);
    }
    if let Some(cursor) = cursor {
        query.add("cursor", cursor);
    }
    query.text
}

pub fn hotel(hotel_id: &str, ask: &Ask) -> String {
    let mut query = Query::new(&hotel_page(hotel_id));
    stay(&mut query, ask);
    query.text
}

/// The hotel without dates; also the `action` of its date form.
pub fn hotel_page(hotel_id: &str) -> String {
    format!("/hotels/{}", encoded(hotel_id))
}

/// The booking form for these units of room types.
pub fn book(hotel_id: &str, ask: &Ask, units: &[(&str, i64)]) -> String {
    let mut query = Query::new(BOOK);
    query.add("hotelId", hotel_id);
    stay(&mut query, ask);
    for (code, count) in units {
        query.add(&format!("units.{code}"), &count.to_string());
    }
    query.text
}

pub fn booking(reservation_id: &str) -> String {
    format!("/bookings/{}", encoded(reservation_id))
}

/// `step` is one of `pay`, `return`, `confirmed`, `cancel`, `change`.
pub fn booking_step(reservation_id: &str, step: &str) -> String {
    format!("{}/{step}", booking(reservation_id))
}

/// The booking with a notice of what was done: `changed`, `canceled`.
pub fn booking_done(reservation_id: &str, done: &str) -> String {
    let mut query = Query::new(&booking(reservation_id));
    query.add("done", done);
    query.text
}

/// Back from a checkout, with what it gave to the browser.
pub fn booking_return(reservation_id: &str, claim: &[(&str, &str)]) -> String {
    let mut query = Query::new(&booking_step(reservation_id, "return"));
    for (name, value) in claim.iter().filter(|(_, value)| !value.is_empty()) {
        query.add(name, value);
    }
    query.text
}

/// The sandbox itself names this address to guests.
pub fn sandbox(payment_order_id: &str) -> String {
    format!("/sandbox/checkout/{}", encoded(payment_order_id))
}

/// The front desk of a hotel on its present day.
pub fn staff_today(hotel_id: &str) -> String {
    let mut query = Query::new(STAFF_TODAY);
    query.add("hotelId", hotel_id);
    query.text
}

/// `step` is one of `check-in`, `check-out`, `no-show`.
pub fn staff_step(reservation_id: &str, step: &str) -> String {
    format!("/staff/reservations/{}/{step}", encoded(reservation_id))
}

/// The front desk after `step` was done to a reservation.
pub fn staff_done(hotel_id: &str, step: &str, reservation_id: &str) -> String {
    let mut query = Query::new(STAFF_TODAY);
    query.add("hotelId", hotel_id);
    query.add("done", step);
    query.add("of", reservation_id);
    query.text
}

/// The way in, and where to go from there.
pub fn staff_sign_in(next: &str) -> String {
    let mut query = Query::new(STAFF_SIGN_IN);
    query.add("next", next);
    query.text
}

fn stay(query: &mut Query, ask: &Ask) {
    query.add("checkInDate", &format::date_iso(ask.check_in));
    query.add("checkOutDate", &format::date_iso(ask.check_out));
    query.add("adults", &ask.adults.to_string());
    query.add("roomCount", &ask.room_count.to_string());
}

struct Query {
    text: String,
    separator: char,
}

impl Query {
    fn new(path: &str) -> Self {
        Self { text: path.to_owned(), separator: '?' }
    }

    fn add(&mut self, name: &str, value: &str) {
        self.text.push(self.separator);
        self.text.push_str(&encoded(name));
        self.text.push('=');
        self.text.push_str(&encoded(value));
        self.separator = '&';
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes all that is written to it");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(place: &str) -> Ask {
        Ask {
            place: place.to_owned(),
            check_in: Day(20_887),
            check_out: Day(20_889),
            adults: 2,
            room_count: 1,
        }
    }

    #[test]
    fn a_search_keeps_everything_the_guest_asked() {
        assert_eq!(
            results(&ask("lisbon-pt"), Some("price"), None),
            "/search?place=lisbon-pt&checkInDate=2027-03-10&checkOutDate=2027-03-12\
             &adults=2&roomCount=1&sort=price"
        );
    }

    #[test]
    fn typed_places_cannot_break_out_of_the_query() {
        let address = results(&ask("São Paulo&sort=x#"), None, None);
        assert!(address.starts_with("/search?place=S%C3%A3o%20Paulo%26sort%3Dx%23&"), "{address}");
    }

    #[test]
    fn mixed_rooms_are_one_parameter_each() {
        let address = book("h1", &ask("x"), &[("DELUXE", 2), ("STANDARD", 1)]);
        assert!(address.ends_with("&units.DELUXE=2&units.STANDARD=1"), "{address}");
    }

    #[test]
    fn an_id_stays_inside_its_path_segment() {
        assert_eq!(booking_step("a/../b", "pay"), "/bookings/a%2F..%2Fb/pay");
        assert_eq!(staff_today("h 1"), "/staff/today?hotelId=h%201");
    }
}
