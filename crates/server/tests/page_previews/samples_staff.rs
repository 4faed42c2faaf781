//! Samples of the pages of the front desk.

use std::borrow::Cow;

use askama::Template;
use vacancy_server::pages::links;
use vacancy_server::pages::views::parts::{Badge, Choice, Link, Select, Tone};
use vacancy_server::pages::views::staff_sign_in::StaffSignIn;
use vacancy_server::pages::views::staff_today::{
    Arrival, ArrivalStep, Figure, FreeRooms, Guest, Occupancy, Resident, RoomField, StaffToday,
};

use crate::Page;

pub(crate) fn pages() -> Vec<Page> {
    vec![
        ("staff-sign-in", StaffSignIn::empty("/staff/today").render().unwrap()),
        ("staff-sign-in-refused", StaffSignIn::empty("/staff/today").refused().render().unwrap()),
        ("staff-today", today().render().unwrap()),
        ("staff-today-empty", empty().render().unwrap()),
    ]
}

fn guest(name: &str, code: &str, rooms: &str, numbers: &str, payment: Badge) -> Guest {
    Guest {
        name: name.to_owned(),
        code: code.to_owned(),
        booking: Link { label: code.to_owned(), href: links::booking("r1") },
        rooms: rooms.to_owned(),
        stay: "10 – 12 Mar 2027 · 2 nights".to_owned(),
        room_numbers: numbers.to_owned(),
        payment,
    }
}

fn due(line: &str, fields: &[(&str, &str, &str)]) -> ArrivalStep {
    ArrivalStep::Due {
        check_in_action: links::staff_step(line, "check-in"),
        no_show_action: Some(links::staff_step(line, "no-show")),
        rooms: fields
            .iter()
            .enumerate()
            .map(|(unit, (label, list, value))| RoomField {
                name: format!("room.{line}.{unit}"),
                label: (*label).to_owned(),
                list_id: (*list).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
    }
}

const PAID: Badge = Badge { label: Cow::Borrowed("Paid"), tone: Tone::Good };

fn arrivals() -> Vec<Arrival> {
    let at_desk = Badge { label: "Due €208.00".into(), tone: Tone::Warn };
    let two = "1 × Deluxe double, 1 × Standard double";
    let rooms = [("Deluxe", "free-DELUXE", "204"), ("Standard", "free-STANDARD", "112")];
    let (long_name, code) = ("Keiko Tanaka-Westergaard", "9WFZ2-41HJB");
    vec![
        Arrival {
            guest: guest("Ana Ruiz", "7K3QP-M2XWD", two, "no room yet", PAID),
            step: due("a", &rooms),
        },
        Arrival {
            guest: guest(long_name, code, "1 × Standard double", "no room yet", at_desk),
            step: due("b", &[("Standard", "free-STANDARD", "")]),
        },
        Arrival {
            guest: guest("Tom Okafor", "2MHDA-XK8R3", "1 × Lemon tree suite", "401", PAID),
            step: ArrivalStep::Done(Badge { label: "Checked in".into(), tone: Tone::Good }),
        },
    ]
}

fn resident(guest: Guest, id: Option<&str>) -> Resident {
    Resident { guest, check_out_action: id.map(|id| links::staff_step(id, "check-out")) }
}

fn departures() -> Vec<Resident> {
    let ravi = guest("Ravi Menon", "K81VP-C5A2N", "2 × Standard double", "103, 104", PAID);
    let ines = guest("Inês Duarte", "X0B9R-JT6M4", "1 × Deluxe double", "201", PAID);
    vec![resident(ravi, Some("d")), resident(ines, None)]
}

fn figures() -> Vec<Figure> {
    [
        ("Occupancy", "87 %", "26 of 30 rooms"),
        ("Arrivals", "3", "2 still to come"),
        ("Departures", "2", "1 still here"),
        ("In house", "22", "41 guests"),
    ]
    .map(|(label, value, detail)| Figure {
        label,
        value: value.to_owned(),
        detail: detail.to_owned(),
    })
    .to_vec()
}

fn occupancy() -> Vec<Occupancy> {
    [
        ("Standard double", 16, 18, "2 free"),
        ("Deluxe double", 8, 8, "full"),
        ("Lemon tree suite", 2, 4, "2 free"),
    ]
    .map(|(name, sold_units, capacity_units, detail)| Occupancy {
        room_type: name.to_owned(),
        sold_units,
        capacity_units,
        detail: detail.to_owned(),
    })
    .to_vec()
}

fn today() -> StaffToday {
    let lena = guest("Lena Brandt", "HZ3T0-9QWEC", "1 × Standard double", "108", PAID);
    StaffToday {
        hotel_name: "Casa do Limoal".to_owned(),
        hotel_id: "h1".to_owned(),
        day: "Wed 10 Mar 2027".to_owned(),
        now: "14:05 at the property".to_owned(),
        hotels: Select { name: "hotelId".to_owned(), label: "Hotel".to_owned(), options: hotels() },
        figures: figures(),
        occupancy: occupancy(),
        arrivals: arrivals(),
        in_house: vec![resident(lena, Some("c"))],
        departures: departures(),
        free_rooms: [("free-DELUXE", ["204", "206"]), ("free-STANDARD", ["112", "115"])]
            .map(|(list_id, numbers)| FreeRooms {
                list_id: list_id.to_owned(),
                numbers: numbers.map(str::to_owned).to_vec(),
            })
            .to_vec(),
        notice: Some("Tom Okafor is checked in to 401.".to_owned()),
        alert: None,
    }
}

fn empty() -> StaffToday {
    StaffToday {
        arrivals: Vec::new(),
        in_house: Vec::new(),
        departures: Vec::new(),
        notice: None,
        alert: Some("Room 204 is taken tonight. Choose another.".to_owned()),
        ..today()
    }
}

fn hotels() -> Vec<Choice> {
    ["Casa do Limoal", "Miradouro da Aurora"]
        .into_iter()
        .enumerate()
        .map(|(index, name)| Choice {
            value: format!("h{}", index + 1),
            label: name.to_owned(),
            is_selected: index == 0,
        })
        .collect()
}
