//! `/book`: who comes, then the rooms are held. The form is named by a `requestId` when it is first
//! shown, so that pressing twice, or again after a lost answer, books once.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use sha2::{Digest, Sha256};
use vacancy_app::access::Actor;
use vacancy_app::alternatives::Missed;
use vacancy_app::desk::command::Booked;
use vacancy_app::encodings::hex;
use vacancy_app::errors::Error;
use vacancy_app::hotels::{self, Profile};
use vacancy_app::ids::secret_bytes;
use vacancy_app::quotes::{self, Estimate};
use vacancy_app::reservations::book::BookingWish;
use vacancy_domain::hotels::RoomType;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::money::Money;
use vacancy_domain::prices::Terms;
use vacancy_domain::refusals::{Reason, Refusal};
use vacancy_domain::reservations::Guest;
use vacancy_domain::stays::STAY_ADVANCE_DAYS_MAX;

use super::{instead, now_ms};
use crate::http::fields::{Fields, path_id};
use crate::http::problem::Problem;
use crate::pages::answer::{Answer, Instead, page_as, see_other};
use crate::pages::asked::{self, Question, UNITS};
use crate::pages::forms::{Asked, Sent, Values};
use crate::pages::problems::sentence;
use crate::pages::views::details::{self, Details, GuestFields};
use crate::pages::views::parts::{Field, Hidden};
use crate::pages::views::problem::Problem as ProblemPage;
use crate::pages::views::reasons;
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

const NAME_CHARACTERS_MAX: usize = 200;
const REQUEST_ID_BYTES_MAX: usize = 255;
/// How long after the booking a repeated form still opens it.
const REPLAY_OPENS_MS: i64 = 24 * 60 * 60 * 1_000;

/// What the guest wants to take.
struct Wanted {
    hotel: PropertyId,
    question: Question,
    rooms: BTreeMap<String, i64>,
}

/// What makes one form differ from another of the same wish.
struct Form {
    request_id: String,
    fields: GuestFields,
    alert: Option<&'static str>,
    status: StatusCode,
}

pub async fn show(State(state): State<AppState>, Asked(values): Asked) -> Answer {
    let wanted = Wanted::read(&state, &values).await?;
    let profile = hotels::profile(&state.db, &Actor::Anonymous, wanted.hotel).await?;
    let quote = wanted.quote(&state).await?;
    if !quote.reasons.is_empty() {
        return wanted.sold_out(&state, &profile, &quote.reasons).await;
    }
    let (fields, request_id) = (GuestFields::empty(), fresh_request_id()?);
    let form = Form { request_id, fields, alert: None, status: StatusCode::OK };
    wanted.details(&state, &profile, &quote, form).await
}

pub async fn submit(State(state): State<AppState>, visitor: Visitor, Sent(values): Sent) -> Answer {
    let wanted = Wanted::read(&state, &values).await?;
    let profile = hotels::profile(&state.db, &Actor::Anonymous, wanted.hotel).await?;
    let (fields, guest) = guest(&values);
    let request_id = match values.text("requestId") {
        known if (1..=REQUEST_ID_BYTES_MAX).contains(&known.len()) => known.to_owned(),
        _ => fresh_request_id()?,
    };
    let agreed_minor: Option<i64> = values.read("maxTotal");
    let (Some(guest), Some(agreed_minor)) = (guest, agreed_minor) else {
        let quote = wanted.quote(&state).await?;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let form = Form { request_id, fields, alert: None, status };
        return wanted.details(&state, &profile, &quote, form).await;
    };
    let agreed = Money::new(agreed_minor, profile.hotel.currency);
    let wish = wanted.wish(&request_id, guest, agreed);
    match state.bookings.book(&Actor::Anonymous, &wish).await {
        Ok((booked, is_replay)) => go_to_pay(&state, &visitor, &booked, is_replay).await,
        Err(error) => wanted.refused(&state, &profile, error, request_id, fields).await,
    }
}

/// Opens the booking in this browser and goes on to the payment.
async fn go_to_pay(
    state: &AppState,
    visitor: &Visitor,
    booked: &Booked,
    is_replay: bool,
) -> Answer {
    let id = booked.reservation;
    if is_replay && booked.decided_at_ms.saturating_add(REPLAY_OPENS_MS) < now_ms(state).await? {
        return Ok(see_other(links::FIND_BOOKING));
    }
    let shown = state.bookings.show(&Actor::Guest { reservation: id }, id).await?;
    let token = state.secret().guest_token(id, shown.token_version);
    Ok(opened(visitor, &token, &links::booking_step(&id.to_string(), "pay")))
}

/// On to `address` with a cookie that opens the booking of this token.
pub(super) fn opened(visitor: &Visitor, token: &str, address: &str) -> Response {
    let mut response = see_other(address);
    response.headers_mut().insert(header::SET_COOKIE, visitor.with_booking(token));
    response
}

impl Wanted {
    /// Reads hotel, dates and rooms. What cannot be a booking leads to the hotel's page, which
    /// says what is wrong.
    async fn read(state: &AppState, values: &Values) -> Result<Wanted, Instead> {
        let hotel: PropertyId = path_id(values.text("hotelId"))?;
        let today = shown::earliest_today(now_ms(state).await?);
        let question = Question::read(values, today);
        let rooms = asked::units(values);
        if rooms.is_empty() || question.good_stay().is_none() {
            let page = links::hotel(&hotel.to_string(), &question.ask);
            return Err(see_other(&page).into());
        }
        Ok(Wanted { hotel, question, rooms })
    }

    async fn quote(&self, state: &AppState) -> Result<Estimate, Instead> {
        let (stay, rooms) = (self.question.stay(), self.rooms.clone());
        let (property, adults) = (self.hotel, self.question.ask.adults);
        let ask =
            quotes::Ask { property, stay, rooms, adults, guests: None, terms: Terms::default() };
        match quotes::ask(&state.db, &Actor::Anonymous, &ask).await {
            Ok(quote) => Ok(quote),
            Err(error @ (Error::Refused(_) | Error::Invalid(_))) => {
                Err(self.cannot_be_done(error)?.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn wish(&self, request_id: &str, guest: Guest, agreed: Money) -> BookingWish {
        let links::Ask { check_in, check_out, adults, .. } = self.question.ask;
        let said = format!(
            "{} {check_in} {check_out} {adults} {:?} {guest:?} {agreed}",
            self.hotel, self.rooms
        );
        BookingWish {
            request_id: request_id.to_owned(),
            body_hash: hex(&Sha256::digest(said.as_bytes())),
            hotel: self.hotel,
            stay: self.question.stay(),
            rooms: self.rooms.clone(),
            adults,
            children: Vec::new(),
            guest,
            terms: Terms::default(),
            agreed: Some(agreed),
            quote: None,
            advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
            deadline: None,
        }
    }

    async fn details(
        &self,
        state: &AppState,
        profile: &Profile,
        quote: &Estimate,
        form: Form,
    ) -> Answer {
        let Some(price) = &quote.price else {
            return self.sold_out(state, profile, &quote.reasons).await;
        };
        let types: Vec<RoomType> = quote.rooms.iter().map(|(kind, _)| kind.clone()).collect();
        let rooms: Vec<(String, i64)> =
            quote.rooms.iter().map(|(kind, units)| (kind.name.clone(), *units)).collect();
        let (stay, adults) = (self.question.stay(), self.question.ask.adults);
        let minutes = profile.hotel.hold_ttl_ms / 60_000;
        let view = Details {
            stay: shown::stay_card(profile, stay, &rooms, adults),
            price: shown::price_table(price, &shown::names(&types)),
            action: details::action(),
            hidden: self.hidden(&form.request_id, price.total_minor),
            fields: form.fields,
            alert: form.alert.map(str::to_owned),
            hold_note: format!(
                "Your rooms are held for {} while you pay. Nothing is charged before.",
                format::count(minutes, "minute", "minutes")
            ),
            cancellation: shown::terms(price, quote.as_of_ms, profile),
        };
        page_as(form.status, &view)
    }

    fn hidden(&self, request_id: &str, total_minor: i64) -> Vec<Hidden> {
        let ask = &self.question.ask;
        let mut hidden = vec![
            shown::hidden("requestId", request_id),
            shown::hidden("hotelId", self.hotel.to_string()),
            shown::hidden("checkInDate", format::date_iso(ask.check_in)),
            shown::hidden("checkOutDate", format::date_iso(ask.check_out)),
            shown::hidden("adults", ask.adults.to_string()),
            shown::hidden("maxTotal", total_minor.to_string()),
        ];
        hidden.extend(
            self.rooms
                .iter()
                .map(|(code, units)| shown::hidden(format!("{UNITS}{code}"), units.to_string())),
        );
        hidden
    }

    /// The desk said no, or could not be asked. Where the form may be sent again it comes back with
    /// all that was typed, and under the same name where the first may have gone through.
    async fn refused(
        &self,
        state: &AppState,
        profile: &Profile,
        error: Error,
        request_id: String,
        fields: GuestFields,
    ) -> Answer {
        let (request_id, alert) = match &error {
            Error::Refused(Refusal::Unavailable { reasons }) => {
                let named = reasons.iter().filter_map(|no| {
                    let kind = profile.room_types.iter().find(|kind| kind.pool == no.pool)?;
                    Some((kind.clone(), no.reason.clone()))
                });
                return self.sold_out(state, profile, &named.collect::<Vec<_>>()).await;
            }
            Error::Refused(Refusal::PriceChanged { agreed, current }) => {
                let (agreed, current) = (format::money(*agreed), format::money(*current));
                let view = ProblemPage::price_changed(&agreed, &current, &self.book_href());
                return page_as(StatusCode::CONFLICT, &view);
            }
            Error::KeyReused => (
                fresh_request_id()?,
                "With this form you hold rooms already, under other details. Send it once more \
                 to hold rooms with these, or find the first booking under My booking.",
            ),
            Error::OutcomeUnknown | Error::InFlight => (
                request_id,
                "We do not know yet whether this went through. Send the form once more: it never \
                 books twice, and then we know.",
            ),
            Error::Busy { .. } => (
                request_id,
                "So many are booking here right now that yours did not get through. Nothing was \
                 booked; send the form once more.",
            ),
            Error::Refused(_) | Error::Invalid(_) => return self.cannot_be_done(error),
            Error::Denied
            | Error::Unauthorized
            | Error::NotFound
            | Error::Exists { .. }
            | Error::Stale { .. }
            | Error::MatterChanged(_)
            | Error::Fault(_) => return Err(error.into()),
        };
        let status = Problem::from(error).status();
        let quote = self.quote(state).await?;
        let form = Form { request_id, fields, alert: Some(alert), status };
        self.details(state, profile, &quote, form).await
    }

    async fn sold_out(
        &self,
        state: &AppState,
        profile: &Profile,
        reasons: &[(RoomType, Reason)],
    ) -> Answer {
        let missed = Missed {
            hotel: self.hotel,
            stay: self.question.stay(),
            rooms: self.rooms.clone(),
            adults: self.question.ask.adults,
            children: Vec::new(),
            terms: Terms::default(),
        };
        let offers = instead::offers(state, profile, &missed).await?;
        let sentence = |(kind, reason): &(RoomType, Reason)| {
            format!("{}: {}", kind.name, reasons::in_words(reason))
        };
        let reasons = reasons.iter().map(sentence).collect();
        let place = profile.hotel.location.clone();
        let room_count = self.rooms.values().sum();
        let ask = links::Ask { place, room_count, ..self.question.ask.clone() };
        let view = ProblemPage::sold_out(reasons, offers, &links::results(&ask, None, None));
        page_as(StatusCode::CONFLICT, &view)
    }

    fn cannot_be_done(&self, error: Error) -> Answer {
        let problem = Problem::from(error);
        let hotel = links::hotel(&self.hotel.to_string(), &self.question.ask);
        let view = ProblemPage::cannot_be_done(vec![sentence(problem.detail())], &hotel);
        page_as(problem.status(), &view)
    }

    fn book_href(&self) -> String {
        let units: Vec<(&str, i64)> =
            self.rooms.iter().map(|(code, units)| (code.as_str(), *units)).collect();
        links::book(&self.hotel.to_string(), &self.question.ask, &units)
    }
}

/// The fields as typed with what is wrong beside each, and the guest when nothing is.
fn guest(values: &Values) -> (GuestFields, Option<Guest>) {
    let mut read = Fields::new();
    let [name, email, phone] = ["guestName", "email", "phone"].map(|name| values.text(name));
    let full_name = read.text("/guestName", name, NAME_CHARACTERS_MAX);
    let address = read.email("/email", email);
    let number = read.phone("/phone", phone);
    let empty = GuestFields::empty();
    let mark = |field: Field, typed: &str, is_fine: bool, error: &str| {
        let field = field.with_value(typed);
        if is_fine { field } else { field.with_error(error) }
    };
    let fields = GuestFields {
        name: mark(empty.name, name, full_name.is_some(), "Enter the name of the guest"),
        email: mark(
            empty.email,
            email,
            address.is_some(),
            "Enter an e-mail address like name@example.com",
        ),
        phone: mark(
            empty.phone,
            phone,
            number.is_some(),
            "Enter a phone number with country code, such as +351 912 345 678",
        ),
    };
    let guest = match (full_name, address, number) {
        (Some(full_name), Some(email), Some(phone)) => Some(Guest { full_name, email, phone }),
        (_, _, _) => None,
    };
    (fields, guest)
}

/// A name for a form that nobody can guess: whoever knows it can open what it books.
fn fresh_request_id() -> Result<String, Error> {
    let bytes: [u8; 16] = secret_bytes().map_err(|error| {
        let cause = vacancy_store::faults::Told(error.to_string());
        let fault = vacancy_store::faults::Fault::internal_because("draw random bytes", cause);
        Error::Fault(fault)
    })?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}
