//! What clients send about reservations, read into the wishes of `app`. Forms only: whether there
//! is a room left is for the desk to say.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use vacancy_app::reservations::book::{BookingWish, Named};
use vacancy_domain::holds::LINE_UNITS_MAX;
use vacancy_domain::hotels::{NAME_CHARS_MAX, ROOM_GUESTS_MAX, ROOM_TYPE_CODE_CHARS_MAX};
use vacancy_domain::ids::QuoteId;
use vacancy_domain::reservations::Guest;
use vacancy_domain::stays::STAY_ADVANCE_DAYS_MAX;

use super::fields::{self, Amount, Fields};
use super::problem::Problem;
use super::strict::pointer_part;
use super::tariffs;

/// Longest wish of a guest in their own words.
pub const REQUESTS_CHARACTERS_MAX: usize = 2_000;
/// Most people that one request may name.
pub(super) const GUESTS_MAX: i64 = LINE_UNITS_MAX * ROOM_GUESTS_MAX;
/// Older is an adult.
const CHILD_YEARS_MAX: i64 = 17;
const CHILDREN_MAX: usize = 50;

/// How many adults come when nobody says.
pub(super) const ADULTS: i64 = 2;

/// A booking.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "requestId": "req-12345",
    "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "checkInDate": "2027-03-10",
    "checkOutDate": "2027-03-12",
    "rooms": {"DELUXE": 2, "STANDARD": 1},
    "guest": {"fullName": "Ana Sousa", "email": "ana@example.com", "phone": "+351 21 000 0000"}
}))]
pub struct BookingAsk {
    /// Your own name for this request, a UUID is best. The same one again gives the same
    /// reservation, for ever.
    #[schema(min_length = 1, max_length = 255)]
    request_id: String,
    /// A quote to take up: with it, everything but the guest and `maxTotal` is left out. Its price
    /// or a better one is booked; a worse one is `409 price_changed`.
    #[schema(format = Uuid)]
    quote_id: Option<String>,
    #[schema(format = Uuid)]
    hotel_id: Option<String>,
    #[schema(format = Date)]
    check_in_date: Option<String>,
    /// Not slept.
    #[schema(format = Date)]
    check_out_date: Option<String>,
    /// Units by room type code.
    rooms: Option<BTreeMap<String, i64>>,
    /// In all rooms together; 2 when left out.
    #[schema(minimum = 1)]
    adults: Option<i64>,
    /// Ages in years.
    children: Option<Vec<i64>>,
    /// May follow by PATCH.
    guest: Option<GuestAsk>,
    /// Code of a rate plan; the standard rate when left out.
    #[schema(max_length = 32)]
    rate_plan: Option<String>,
    /// Code of a promotion.
    #[schema(max_length = 32)]
    promo_code: Option<String>,
    /// The most you agree to pay; a worse price is refused. Beside a quote: how much worse than it.
    max_total: Option<Amount>,
}

/// Who comes. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuestAsk {
    #[schema(max_length = 200, example = "Ana Sousa")]
    full_name: Option<String>,
    #[schema(max_length = 254, example = "ana@example.com")]
    email: Option<String>,
    #[schema(max_length = 40, example = "+351 21 000 0000")]
    phone: Option<String>,
}

/// What changes of a reservation without moving it. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditAsk {
    guest: Option<GuestAsk>,
    /// In the guest's own words; empty takes it away.
    #[schema(max_length = 2000)]
    requests: Option<String>,
}

/// Rooms of one type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineAsk {
    #[schema(example = "DELUXE")]
    pub(super) room_type: String,
    #[schema(minimum = 1)]
    pub(super) units: i64,
}

impl BookingAsk {
    /// The quote that it names, if any, once nothing stands beside it that the quote has settled.
    pub fn quote(&self) -> Result<Option<QuoteId>, Problem> {
        let Some(quote) = &self.quote_id else { return Ok(None) };
        let mut fields = Fields::new();
        let id = fields.id("/quoteId", quote);
        let beside = [
            ("/hotelId", self.hotel_id.is_some()),
            ("/checkInDate", self.check_in_date.is_some()),
            ("/checkOutDate", self.check_out_date.is_some()),
            ("/rooms", self.rooms.is_some()),
            ("/adults", self.adults.is_some()),
            ("/children", self.children.is_some()),
            ("/ratePlan", self.rate_plan.is_some()),
            ("/promoCode", self.promo_code.is_some()),
        ];
        for (pointer, _) in beside.into_iter().filter(|(_, is_given)| *is_given) {
            fields.refuse(pointer, "ambiguous", "must not stand beside quoteId");
        }
        fields.finish()?;
        Ok(id)
    }

    /// The wish for what a quote promised.
    ///
    /// # Errors
    /// Every field that cannot be what it is.
    pub fn into_wish_for(self, named: Named, body_hash: String) -> Result<BookingWish, Problem> {
        let mut fields = Fields::new();
        let request_id = fields.text("/requestId", &self.request_id, fields::TEXT_CHARACTERS_MAX);
        let guest = self.guest.unwrap_or_default().over(&mut fields, Guest::default());
        let agreed = self.max_total.as_ref().and_then(|most| fields.money("/maxTotal", most));
        let Some(request_id) = request_id.filter(|_| fields.is_fine()) else {
            return Err(fields.problem());
        };
        let quote = &named.quote;
        Ok(BookingWish {
            request_id,
            body_hash,
            hotel: quote.property,
            stay: quote.stay,
            rooms: quote.rooms(),
            adults: quote.adults(),
            children: quote.children(),
            guest,
            terms: quote.terms.clone(),
            agreed,
            quote: Some(named),
            advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
            deadline: None,
        })
    }

    /// # Errors
    /// Every field that cannot be what it is.
    pub fn into_wish(self, body_hash: String) -> Result<BookingWish, Problem> {
        let mut fields = Fields::new();
        let request_id = fields.text("/requestId", &self.request_id, fields::TEXT_CHARACTERS_MAX);
        let hotel = given(&mut fields, "/hotelId", self.hotel_id.as_ref())
            .and_then(|hotel| fields.id("/hotelId", hotel));
        let check_in = given(&mut fields, "/checkInDate", self.check_in_date.as_ref());
        let check_out = given(&mut fields, "/checkOutDate", self.check_out_date.as_ref());
        let stay = match (check_in, check_out) {
            (Some(first), Some(end)) => {
                fields.stay(("/checkInDate", first), ("/checkOutDate", end))
            }
            _ => None,
        };
        if let Some(rooms) = given(&mut fields, "/rooms", self.rooms.as_ref()) {
            check_rooms(&mut fields, rooms.iter().map(|(code, units)| (code, *units)));
        }
        let adults = fields.whole("/adults", self.adults.unwrap_or(ADULTS), 1..=GUESTS_MAX);
        let children = self.children.unwrap_or_default();
        check_children(&mut fields, "/children", &children);
        let guest = self.guest.unwrap_or_default().over(&mut fields, Guest::default());
        let agreed = self.max_total.as_ref().and_then(|most| fields.money("/maxTotal", most));
        let terms = tariffs::terms(&mut fields, self.rate_plan, self.promo_code);
        match (request_id, hotel, stay, adults) {
            (Some(request_id), Some(hotel), Some(stay), Some(adults)) if fields.is_fine() => {
                Ok(BookingWish {
                    request_id,
                    body_hash,
                    hotel,
                    stay,
                    rooms: self.rooms.unwrap_or_default(),
                    adults,
                    children,
                    guest,
                    terms,
                    agreed,
                    quote: None,
                    advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
                    deadline: None,
                })
            }
            _ => Err(fields.problem()),
        }
    }
}

/// A field that must be there where no quote stands for it.
fn given<'v, T>(fields: &mut Fields, pointer: &str, value: Option<&'v T>) -> Option<&'v T> {
    if value.is_none() {
        fields.refuse(pointer, "missing_field", "must be given, or a quoteId");
    }
    value
}

impl GuestAsk {
    /// The guest with what is said here over what was known.
    pub(super) fn over(self, fields: &mut Fields, known: Guest) -> Guest {
        let mut guest = known;
        if let Some(name) = &self.full_name {
            guest.full_name =
                fields.text("/guest/fullName", name, NAME_CHARS_MAX).unwrap_or_default();
        }
        if let Some(email) = &self.email {
            guest.email = fields.email("/guest/email", email).unwrap_or_default();
        }
        if let Some(phone) = &self.phone {
            guest.phone = fields.phone("/guest/phone", phone).unwrap_or_default();
        }
        guest
    }
}

impl EditAsk {
    /// # Errors
    /// Every field that cannot be what it is.
    pub fn over(self, guest: Guest, requests: String) -> Result<(Guest, String), Problem> {
        let mut fields = Fields::new();
        let guest = self.guest.unwrap_or_default().over(&mut fields, guest);
        let requests = match &self.requests {
            None => requests,
            Some(text) => {
                fields.long_text("/requests", text, REQUESTS_CHARACTERS_MAX).unwrap_or_default()
            }
        };
        fields.finish()?;
        Ok((guest, requests))
    }
}

/// Rooms by type: some, each of a type that could be, in a number that could be.
pub(super) fn check_rooms<'r>(fields: &mut Fields, rooms: impl Iterator<Item = (&'r String, i64)>) {
    let mut is_empty = true;
    for (code, units) in rooms {
        is_empty = false;
        if ROOM_TYPE_CODE_CHARS_MAX < code.chars().count() {
            let detail = format!("a room type has at most {ROOM_TYPE_CODE_CHARS_MAX} characters");
            fields.refuse("/rooms", "too_long", detail);
            continue;
        }
        fields.whole(&format!("/rooms/{}", pointer_part(code)), units, 1..=fields::UNITS_MAX);
    }
    if is_empty {
        fields.refuse("/rooms", "empty", "must name a room type");
    }
}

/// Ages of children: not too many, and of children.
pub(super) fn check_children(fields: &mut Fields, pointer: &str, ages: &[i64]) {
    if CHILDREN_MAX < ages.len() {
        fields.refuse(pointer, "too_many", format!("must be at most {CHILDREN_MAX}"));
        return;
    }
    for (at, age) in ages.iter().enumerate() {
        fields.whole(&format!("{pointer}/{at}"), *age, 0..=CHILD_YEARS_MAX);
    }
}
