//! The front desk's day: who comes, who is here, who leaves, and how full the house is.

use askama::Template;

use super::parts::{Badge, Link, Select};

/// Forms: GET `/staff/today` with `hotelId`. Per arrival POST `check_in_action` with `room.LINE.UNIT`
/// (a number; empty takes any free room of the type; no field when none is free, and the room
/// follows) and POST `no_show_action`; per guest in the house POST `check_out_action`, also before
/// the last day. Each carries the hidden field `hotelId` to come back to.
#[derive(Debug, Clone, Template)]
#[template(path = "staff_today.html")]
pub struct StaffToday {
    pub hotel_name: String,
    pub hotel_id: String,
    /// "Wed 10 Mar 2027"
    pub day: String,
    /// "14:05 at the property"
    pub now: String,
    pub hotels: Select,
    pub figures: Vec<Figure>,
    pub occupancy: Vec<Occupancy>,
    pub arrivals: Vec<Arrival>,
    pub in_house: Vec<Resident>,
    pub departures: Vec<Resident>,
    pub free_rooms: Vec<FreeRooms>,
    /// "Ana Ruiz is checked in to 204."
    pub notice: Option<String>,
    /// "Room 204 is taken tonight. Choose another."
    pub alert: Option<String>,
}

/// A number with its name: "Arrivals 6", "2 still to come".
#[derive(Debug, Clone)]
pub struct Figure {
    pub label: &'static str,
    pub value: String,
    pub detail: String,
}

/// How full one room type is tonight.
#[derive(Debug, Clone)]
pub struct Occupancy {
    pub room_type: String,
    pub sold_units: i64,
    pub capacity_units: i64,
    /// "2 free", "full", "1 over"
    pub detail: String,
}

#[derive(Debug, Clone)]
pub struct Guest {
    pub name: String,
    pub code: String,
    pub booking: Link,
    /// "1 × Deluxe double"
    pub rooms: String,
    /// "10 – 12 Mar 2027 · 2 nights"
    pub stay: String,
    /// "204, 205", or "no room yet".
    pub room_numbers: String,
    pub payment: Badge,
}

#[derive(Debug, Clone)]
pub struct Arrival {
    pub guest: Guest,
    pub step: ArrivalStep,
}

/// What the desk can do with an arrival now.
#[derive(Debug, Clone)]
pub enum ArrivalStep {
    Due { check_in_action: String, no_show_action: Option<String>, rooms: Vec<RoomField> },
    Done(Badge),
}

/// One room to assign; suggestions come from the list of its room type.
#[derive(Debug, Clone)]
pub struct RoomField {
    /// `room.LINE.UNIT`
    pub name: String,
    /// "Deluxe double"
    pub label: String,
    pub list_id: String,
    pub value: String,
}

/// Someone who is here: leaving today, or able to leave early.
#[derive(Debug, Clone)]
pub struct Resident {
    pub guest: Guest,
    /// `None` once the guest has left.
    pub check_out_action: Option<String>,
}

/// Rooms free tonight, as a list that room fields point to.
#[derive(Debug, Clone)]
pub struct FreeRooms {
    pub list_id: String,
    pub numbers: Vec<String>,
}
