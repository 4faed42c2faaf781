//! `GET /staff/today`: who comes, who is here, who leaves, and how full the house is tonight.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::StatusCode;
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::cursors::PAGE_ITEMS_MAX;
use vacancy_app::errors::Error;
use vacancy_app::hotels;
use vacancy_app::reservations::house::House;
use vacancy_domain::cells::Cell;
use vacancy_domain::hotels::{Hotel, RoomType};
use vacancy_domain::ids::{BusinessId, PoolId, PropertyId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::StayState;

use super::signed_in;
use crate::http::problem::Problem;
use crate::pages::answer::{Answer, Instead, page_as};
use crate::pages::forms::Asked;
use crate::pages::views::parts::{Badge, Choice, Select, Tone};
use crate::pages::views::staff_today::{
    Arrival, ArrivalStep, Figure, FreeRooms, Guest, Occupancy, Resident, RoomField, StaffToday,
};
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// Hotels after which no further business is looked into.
const HOTELS_LISTED_MAX: usize = 200;

/// What stands on top of the day.
pub(super) enum Note {
    Nothing,
    /// What was done, and to which reservation.
    Done {
        step: String,
        reservation: String,
    },
    Alert(String),
}

pub async fn show(State(state): State<AppState>, visitor: Visitor, Asked(values): Asked) -> Answer {
    let asked: Option<PropertyId> = values.read("hotelId");
    let next =
        asked.map_or(links::STAFF_TODAY.to_owned(), |id| links::staff_today(&id.to_string()));
    let actor = signed_in(&state, &visitor, &next).await?;
    let hotel = match asked {
        Some(id) => id,
        None => {
            let own = own_hotels(&state, &actor).await?;
            own.first().map(|hotel| hotel.id).ok_or_else(Problem::not_found)?
        }
    };
    let (step, reservation) = (values.text("done").to_owned(), values.text("of").to_owned());
    let note = if step.is_empty() { Note::Nothing } else { Note::Done { step, reservation } };
    fill(&state, &actor, hotel, note, StatusCode::OK).await
}

pub(super) async fn fill(
    state: &AppState,
    actor: &Actor,
    hotel: PropertyId,
    note: Note,
    status: StatusCode,
) -> Answer {
    let house = state.bookings.house(actor, hotel).await?;
    let zone = shown::zone(&house.hotel.time_zone);
    let place = house.hotel.name.clone();
    let desk = Desk::of(&house);
    let (notice, alert) = match note {
        Note::Nothing => (None, None),
        Note::Done { step, reservation } => {
            (notice(state, actor, &desk, &step, &reservation).await?, None)
        }
        Note::Alert(alert) => (None, Some(alert)),
    };
    let day = &house.day;
    let departed = day.departed.iter().map(|gone| desk.resident(gone, false));
    let leaving = day.departures.iter().map(|due| desk.resident(due, true));
    let view = StaffToday {
        hotel_name: place,
        hotel_id: hotel.to_string(),
        day: format::date(day.today),
        now: format!("{} at the property", format::clock(house.now_ms, &zone)),
        hotels: hotel_select(&own_hotels(state, actor).await?, &house.hotel),
        figures: desk.figures(),
        occupancy: house.tonight.iter().map(occupancy).collect(),
        arrivals: desk.arrivals(),
        in_house: day.in_house.iter().map(|here| desk.resident(here, true)).collect(),
        departures: leaving.chain(departed).collect(),
        free_rooms: desk.free_rooms(),
        notice,
        alert,
    };
    page_as(status, &view)
}

/// "Ana Ruiz is checked in to 204.", said only where it is so.
async fn notice(
    state: &AppState,
    actor: &Actor,
    desk: &Desk<'_>,
    step: &str,
    reservation: &str,
) -> Result<Option<String>, Instead> {
    let Ok(id) = reservation.parse::<ReservationId>() else { return Ok(None) };
    let found = match state.bookings.show(actor, id).await {
        Ok(shown) => shown.reservation,
        Err(Error::NotFound | Error::Denied | Error::Unauthorized) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let name = &found.guest.full_name;
    Ok(match (step, found.stay_state) {
        ("check-in", StayState::CheckedIn) => {
            let numbers = desk.numbers(&found);
            let rooms = match numbers.as_slice() {
                [] => String::new(),
                numbers => format!(" to {}", numbers.join(", ")),
            };
            Some(format!("{name} is checked in{rooms}."))
        }
        ("check-out", StayState::Completed) => Some(format!("{name} is checked out.")),
        ("no-show", StayState::NoShow) => Some(format!("{name} is marked as not come.")),
        (_, _) => None,
    })
}

/// Hotels that the actor works for, by name: of their own business, or for the platform's own key
/// of all. More than a list can show are reached by their address.
async fn own_hotels(state: &AppState, actor: &Actor) -> Result<Vec<Hotel>, Instead> {
    let limit = Some(PAGE_ITEMS_MAX);
    let businesses: Vec<BusinessId> = match actor.business() {
        Some(own) => vec![own],
        None => {
            let all = businesses::list(&state.db, actor, None, limit).await?.items;
            all.into_iter().map(|business| business.id).collect()
        }
    };
    let mut own = Vec::new();
    for business in businesses {
        if own.len() < HOTELS_LISTED_MAX {
            own.extend(hotels::list_own(&state.db, actor, business, None, limit).await?.items);
        }
    }
    own.sort_by(|a: &Hotel, b| a.name.cmp(&b.name));
    Ok(own)
}

fn hotel_select(own: &[Hotel], current: &Hotel) -> Select {
    let choice = |hotel: &Hotel| Choice {
        value: hotel.id.to_string(),
        label: hotel.name.clone(),
        is_selected: hotel.id == current.id,
    };
    let mut options: Vec<Choice> = own.iter().map(choice).collect();
    if !own.iter().any(|hotel| hotel.id == current.id) {
        options.insert(0, choice(current));
    }
    Select { name: "hotelId".to_owned(), label: "Hotel".to_owned(), options }
}

fn occupancy((kind, cell): &(RoomType, Cell)) -> Occupancy {
    let free = cell.free_units();
    let detail = match free {
        0 => "full".to_owned(),
        free if free < 0 => format!("{} over", -free),
        free => format!("{free} free"),
    };
    Occupancy {
        room_type: kind.name.clone(),
        sold_units: cell.sold,
        capacity_units: cell.stock.capacity,
        detail,
    }
}

/// The house with what is looked up again and again.
struct Desk<'h> {
    house: &'h House,
    types: BTreeMap<PoolId, &'h RoomType>,
    /// Numbers free tonight, by room type.
    free: BTreeMap<PoolId, Vec<&'h str>>,
}

impl<'h> Desk<'h> {
    fn of(house: &'h House) -> Desk<'h> {
        let types = house.tonight.iter().map(|(kind, _)| (kind.pool, kind)).collect();
        // A room whose guest has not left yet is free tonight and is proposed last.
        let leaving: BTreeSet<&str> = house
            .day
            .departures
            .iter()
            .flat_map(|leaver| &leaver.lines)
            .filter_map(|reserved| house.numbers.get(&reserved.line.id))
            .flatten()
            .map(String::as_str)
            .collect();
        let (taken, empty): (Vec<_>, Vec<_>) =
            house.free.iter().partition(|room| leaving.contains(room.number.as_str()));
        let mut free: BTreeMap<PoolId, Vec<&str>> = BTreeMap::new();
        for room in empty.into_iter().chain(taken) {
            free.entry(room.pool).or_default().push(&room.number);
        }
        Desk { house, types, free }
    }

    fn name(&self, pool: PoolId) -> &str {
        self.types.get(&pool).map_or("Room", |kind| kind.name.as_str())
    }

    fn numbers(&self, reservation: &Reservation) -> Vec<&str> {
        let lines = reservation.lines.iter();
        lines
            .filter_map(|reserved| self.house.numbers.get(&reserved.line.id))
            .flatten()
            .map(String::as_str)
            .collect()
    }

    fn guest(&self, reservation: &Reservation) -> Guest {
        let code = reservation.code.to_string();
        let room = |reserved: &vacancy_domain::reservations::ReservedLine| {
            format!("{} × {}", reserved.line.units, self.name(reserved.line.pool))
        };
        let rooms: Vec<String> = reservation.lines.iter().map(room).collect();
        let (first, end) = (reservation.stay.first_day, reservation.stay.end_day);
        let numbers = self.numbers(reservation);
        Guest {
            name: reservation.guest.full_name.clone(),
            booking: shown::link(code.as_str(), links::booking(&reservation.id.to_string())),
            code,
            rooms: rooms.join(", "),
            stay: format!(
                "{} · {}",
                format::date_range(first, end),
                shown::nights(reservation.stay)
            ),
            room_numbers: if numbers.is_empty() {
                "no room yet".to_owned()
            } else {
                numbers.join(", ")
            },
            payment: payment(reservation),
        }
    }

    /// Who is still to come, each offered rooms that nobody above is offered; then who came today.
    fn arrivals(&self) -> Vec<Arrival> {
        let mut offered: BTreeSet<&str> = BTreeSet::new();
        let mut arrivals = Vec::with_capacity(self.house.day.arrivals.len());
        for reservation in &self.house.day.arrivals {
            let id = reservation.id.to_string();
            let rooms = self.room_fields(reservation, &mut offered);
            let step = ArrivalStep::Due {
                check_in_action: links::staff_step(&id, "check-in"),
                no_show_action: Some(links::staff_step(&id, "no-show")),
                rooms,
            };
            arrivals.push(Arrival { guest: self.guest(reservation), step });
        }
        for reservation in self.here() {
            let rooms = self.room_fields(reservation, &mut offered);
            let step = if !rooms.is_empty() {
                // Checked in without all rooms: the rest is given now.
                let id = reservation.id.to_string();
                let check_in_action = links::staff_step(&id, "check-in");
                ArrivalStep::Due { check_in_action, no_show_action: None, rooms }
            } else if reservation.stay.first_day == self.house.day.today {
                ArrivalStep::Done(Badge { label: "Checked in".into(), tone: Tone::Good })
            } else {
                continue;
            };
            arrivals.push(Arrival { guest: self.guest(reservation), step });
        }
        arrivals
    }

    fn here(&self) -> impl Iterator<Item = &'h Reservation> {
        self.house.day.in_house.iter().chain(&self.house.day.departures)
    }

    fn came_today(&self) -> impl Iterator<Item = &'h Reservation> {
        let today = self.house.day.today;
        self.here().filter(move |reservation| reservation.stay.first_day == today)
    }

    /// One field per room that is missing; a type without a free room has none, and the room
    /// follows later. Who leaves today needs none for tonight.
    fn room_fields(
        &self,
        reservation: &Reservation,
        offered: &mut BTreeSet<&'h str>,
    ) -> Vec<RoomField> {
        let mut fields = Vec::new();
        for reserved in &reservation.lines {
            let pool = reserved.line.pool;
            let free = self.free.get(&pool).map(Vec::as_slice).unwrap_or_default();
            let units = if reserved.line.stay.end_day <= self.house.day.today {
                0
            } else {
                usize::try_from(reserved.line.units).unwrap_or(0)
            };
            let had = self.house.numbers.get(&reserved.line.id).map_or(0, Vec::len);
            for unit in 0..units.saturating_sub(had).min(free.len()) {
                let next = free.iter().find(|number| !offered.contains(**number)).copied();
                offered.extend(next);
                fields.push(RoomField {
                    name: format!("room.{}.{unit}", reserved.line.id),
                    label: self.name(pool).to_owned(),
                    list_id: self.list_id(pool),
                    value: next.unwrap_or_default().to_owned(),
                });
            }
        }
        fields
    }

    fn list_id(&self, pool: PoolId) -> String {
        self.types.get(&pool).map_or_else(String::new, |kind| format!("free-{}", kind.code))
    }

    fn free_rooms(&self) -> Vec<FreeRooms> {
        let list = |(pool, numbers): (&PoolId, &Vec<&str>)| FreeRooms {
            list_id: self.list_id(*pool),
            numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        };
        self.free.iter().map(list).collect()
    }

    fn resident(&self, reservation: &Reservation, is_here: bool) -> Resident {
        let action = links::staff_step(&reservation.id.to_string(), "check-out");
        Resident { guest: self.guest(reservation), check_out_action: is_here.then_some(action) }
    }

    fn figures(&self) -> Vec<Figure> {
        let (day, tonight) = (&self.house.day, &self.house.tonight);
        let sold: i64 = tonight.iter().map(|(_, cell)| cell.sold).sum();
        let capacity: i64 = tonight.iter().map(|(_, cell)| cell.stock.capacity).sum();
        let share = if capacity < 1 { 0 } else { (200 * sold + capacity) / (2 * capacity) };
        let here = day.in_house.len() + day.departures.len();
        let guests: i64 = day.in_house.iter().chain(&day.departures).map(guests).sum();
        let figure = |label, value: String, detail: String| Figure { label, value, detail };
        vec![
            figure(
                "Occupancy tonight",
                format!("{share}\u{a0}%"),
                format!("{sold} of {}", shown::rooms(capacity)),
            ),
            figure(
                "Arrivals",
                (day.arrivals.len() + self.came_today().count()).to_string(),
                format!("{} still to come", day.arrivals.len()),
            ),
            figure(
                "Departures",
                (day.departures.len() + day.departed.len()).to_string(),
                format!("{} still here", day.departures.len()),
            ),
            figure("In house", here.to_string(), format::count(guests, "guest", "guests")),
        ]
    }
}

fn guests(reservation: &Reservation) -> i64 {
    reservation.adults + i64::try_from(reservation.children.len()).unwrap_or(0)
}

fn payment(reservation: &Reservation) -> Badge {
    match reservation.due_minor() {
        0 => Badge { label: "Paid".into(), tone: Tone::Good },
        due => {
            let due = format::money(Money::new(due, reservation.price.currency));
            Badge { label: format!("Due {due}").into(), tone: Tone::Warn }
        }
    }
}
