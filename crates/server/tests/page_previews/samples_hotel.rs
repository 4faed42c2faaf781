//! Samples of the page of one hotel, with dates and without.

use vacancy_server::pages::pictures::{self, Scene};
use vacancy_server::pages::views::hotel::{FreeRoom, Hotel, Policy, RoomOffer, RoomType};
use vacancy_server::pages::views::parts::{Hidden, Link, Picture, Select, number_choices};
use vacancy_server::pages::views::results::Rating;

use crate::samples_find::{ask, search};

const PARAGRAPHS: [&str; 2] = [
    "Three old houses around one lemon tree, joined by stairs that never quite line up. Breakfast \
     is laid in the courtyard until eleven; the roof looks over the river to the far bank.",
    "The last tram stops at the corner, and the castle is eight minutes uphill.",
];

const POLICIES: [(&str, &str); 4] = [
    ("Check-in", "From 15:00"),
    ("Check-out", "Until 11:00"),
    ("Cancellation", "Free until 18:00 on the day before arrival, then the first night."),
    ("Times", "All times are Lisbon time."),
];

const BOOK_HIDDEN: [(&str, &str); 4] = [
    ("hotelId", "h1"),
    ("checkInDate", "2027-03-10"),
    ("checkOutDate", "2027-03-12"),
    ("adults", "2"),
];

fn room(name: (&str, &str), seed: u64, fits: (&str, &str), offer: RoomOffer) -> RoomType {
    let description = "Quiet, over the courtyard, with a rain shower and a desk by the window.";
    RoomType {
        code: name.0.to_owned(),
        name: name.1.to_owned(),
        picture_src: pictures::room_path(seed, Scene::OldTown),
        beds: fits.0.to_owned(),
        sleeps: fits.1.to_owned(),
        description: description.to_owned(),
        offer,
    }
}

fn units(code: &str, last: i64) -> Select {
    Select {
        name: format!("units.{code}"),
        label: "Rooms".to_owned(),
        options: number_choices(1, last, 1, |n| {
            if n == 1 { "1 room".into() } else { format!("{n} rooms") }
        }),
    }
}

fn free(prices: (&str, &str), few: Option<&str>, code: &str, last: i64) -> RoomOffer {
    RoomOffer::Free(FreeRoom {
        total: prices.0.to_owned(),
        per_night: format!("{} a night", prices.1),
        tax: "with 6 % tax".to_owned(),
        few_left: few.map(str::to_owned),
        cancellation: "Free cancellation until Tue 9 Mar, 18:00".to_owned(),
        units: units(code, last),
    })
}

fn rooms() -> Vec<RoomType> {
    let taken = RoomOffer::Taken {
        reasons: vec!["Sold out on Thu 11 Mar.".to_owned()],
        instead: vec![Link {
            label: "Free 12 – 14 Mar, €402".to_owned(),
            href: "/hotels/h1".to_owned(),
        }],
    };
    let standard = free(("€208", "€104"), None, "STANDARD", 5);
    let deluxe = free(("€292.56", "€146.28"), Some("Only 2 left"), "DELUXE", 2);
    vec![
        room(("STANDARD", "Standard double"), 3, ("1 double bed", "sleeps 2 adults"), standard),
        room(
            ("DELUXE", "Deluxe double with river view"),
            9,
            ("1 king bed", "sleeps 2 adults and 1 child"),
            deluxe,
        ),
        room(
            ("SUITE", "Lemon tree suite"),
            14,
            ("1 king bed, 1 sofa bed", "sleeps 3 adults and 1 child"),
            taken,
        ),
    ]
}

fn gallery() -> Vec<Picture> {
    [
        (pictures::hotel_path(41, Scene::OldTown), "Drawing of the front of Casa do Limoal"),
        (pictures::room_path(3, Scene::OldTown), "Drawing of a standard room"),
        (pictures::room_path(9, Scene::River), "Drawing of a deluxe room"),
        (pictures::place_path(11, Scene::River), "Drawing of the river below"),
        (pictures::room_path(14, Scene::OldTown), "Drawing of a suite"),
    ]
    .map(|(src, alt)| Picture { src, alt: alt.to_owned() })
    .to_vec()
}

pub(crate) fn hotel() -> Hotel {
    let mixed = |code: &str, label: &str| Select {
        name: format!("units.{code}"),
        label: label.to_owned(),
        options: number_choices(0, 3, 0, |number| number.to_string()),
    };
    let amenities = ["Breakfast", "Wi-Fi", "Roof terrace", "Air conditioning", "Lift"];
    Hotel {
        search: search("Lisbon, Portugal").for_hotel("h1", &ask()),
        back: Some(Link { label: "4 stays in Lisbon".to_owned(), href: "/search".to_owned() }),
        name: "Casa do Limoal".to_owned(),
        address: "Beco do Limoal 9, Alfama, Lisbon, Portugal".to_owned(),
        stars: 4,
        rating: Some(Rating { score: "9.2".to_owned(), word: "Superb" }),
        pictures: gallery(),
        paragraphs: PARAGRAPHS.map(str::to_owned).to_vec(),
        amenities: amenities.map(str::to_owned).to_vec(),
        policies: POLICIES
            .map(|(title, text)| Policy { title: title.to_owned(), text: text.to_owned() })
            .to_vec(),
        rooms_heading: "Rooms for 10 – 12 Mar 2027".to_owned(),
        rooms_subheading: "2 nights, 2 adults. Prices are for the whole stay with tax.".to_owned(),
        rooms: rooms(),
        book_action: "/book".to_owned(),
        book_hidden: BOOK_HIDDEN
            .map(|(name, value)| Hidden { name: name.to_owned(), value: value.to_owned() })
            .to_vec(),
        mixed_rooms: vec![mixed("STANDARD", "Standard double"), mixed("DELUXE", "Deluxe double")],
    }
}

pub(crate) fn without_dates() -> Hotel {
    let mut page = hotel();
    page.rooms_heading = "Room types".to_owned();
    page.rooms_subheading = "Choose dates to see what is free and what it costs.".to_owned();
    page.mixed_rooms.clear();
    page.rating = None;
    page.back = None;
    for room in &mut page.rooms {
        room.offer = RoomOffer::From { per_night: "€98".to_owned() };
    }
    page
}
