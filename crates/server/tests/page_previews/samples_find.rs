//! Samples of the pages on which a guest looks for a room.

use askama::Template;
use vacancy_domain::stays::Day;
use vacancy_server::pages::format;
use vacancy_server::pages::links::{self, Ask};
use vacancy_server::pages::pictures::{self, Scene};
use vacancy_server::pages::views::amenities;
use vacancy_server::pages::views::home::{Home, PlaceCard};
use vacancy_server::pages::views::parts::{Link, Offer};
use vacancy_server::pages::views::problem::Problem;
use vacancy_server::pages::views::results::{HotelCard, Nothing, Rating, Results, Sort};
use vacancy_server::pages::views::search_form::SearchForm;

use crate::{Page, samples_hotel};

/// 2027-03-10.
pub(crate) const ARRIVAL: Day = Day(20_887);

pub(crate) fn ask() -> Ask {
    Ask {
        place: "lisbon-pt".to_owned(),
        check_in: ARRIVAL,
        check_out: ARRIVAL.plus(2),
        adults: 2,
        room_count: 1,
    }
}

pub(crate) fn search(place: &str) -> SearchForm {
    let mut form = SearchForm::new(&ask(), place, ARRIVAL.plus(-30));
    form.places =
        ["Lisbon, Portugal", "Porto, Portugal", "Kyoto, Japan"].map(str::to_owned).to_vec();
    form
}

pub(crate) fn pages() -> Vec<Page> {
    let mut broken = search("Atlantis");
    broken.place = broken.place.map(|f| f.with_error("We know no place called Atlantis"));
    broken.check_out = broken.check_out.with_error("Check-out must be after check-in");
    vec![
        (
            "home",
            Home {
                search: search(""),
                picture_src: pictures::place_path(14, Scene::River),
                places: places(),
                is_demo: true,
            }
            .render()
            .unwrap(),
        ),
        (
            "home-errors",
            Home {
                search: broken,
                picture_src: pictures::place_path(14, Scene::River),
                places: places(),
                is_demo: false,
            }
            .render()
            .unwrap(),
        ),
        ("results", results().render().unwrap()),
        ("results-nothing", nothing().render().unwrap()),
        ("hotel", samples_hotel::hotel().render().unwrap()),
        ("hotel-without-dates", samples_hotel::without_dates().render().unwrap()),
        ("not-found", Problem::not_found().render().unwrap()),
        ("sold-out", sold_out().render().unwrap()),
        ("price-changed", Problem::price_changed("€208.00", "€224.00", "/book").render().unwrap()),
        ("gone", Problem::gone().render().unwrap()),
        ("cannot", cannot().render().unwrap()),
        ("too-fast", Problem::too_many_requests(12).render().unwrap()),
        (
            "unavailable",
            Problem::unavailable("0af7651916cd43dd8448eb211c80319c", "/").render().unwrap(),
        ),
        (
            "unknown",
            Problem::outcome_unknown("0af7651916cd43dd8448eb211c80319c", "/").render().unwrap(),
        ),
        ("refused", Problem::refused().render().unwrap()),
    ]
}

fn places() -> Vec<PlaceCard> {
    [
        ("Lisbon", "Portugal", "4 stays", Scene::River, 11),
        ("Kyoto", "Japan", "3 stays", Scene::Garden, 5),
        ("Marrakesh", "Morocco", "3 stays", Scene::Desert, 8),
        ("Copenhagen", "Denmark", "3 stays", Scene::OldTown, 21),
        ("Barcelona", "Spain", "3 stays", Scene::Coast, 3),
        ("Mexico City", "Mexico", "3 stays", Scene::City, 9),
        ("Jaipur", "India", "3 stays", Scene::Desert, 2),
        ("Athens", "Greece", "3 stays", Scene::OldTown, 4),
    ]
    .into_iter()
    .map(|(name, country, count, scene, seed)| PlaceCard {
        href: links::results(&ask(), None, None),
        name: name.to_owned(),
        country: country.to_owned(),
        hotel_count: count.to_owned(),
        picture_src: pictures::place_path(seed, scene),
    })
    .collect()
}

fn results() -> Results {
    let amenity_words = amenities::words(&["wifi", "breakfast", "roof_terrace"]);
    let card =
        |(name, area): (&str, &str), picture_src, stars, rating, prices: (&str, &str)| HotelCard {
            href: links::hotel("h1", &ask()),
            name: name.to_owned(),
            area: format!("{area}, Lisbon"),
            picture_src,
            stars,
            rating: Some(Rating {
                score: format::rating(rating),
                word: format::rating_word(rating),
            }),
            amenities: amenity_words.clone(),
            room_type: "Standard double".to_owned(),
            total: prices.0.to_owned(),
            per_night: format!("{} a night", prices.1),
            few_left: (rating % 7 == 1).then(|| "Only 2 left".to_owned()),
        };
    let picture = |seed| pictures::hotel_path(seed, Scene::OldTown);
    let river = |seed| pictures::hotel_path(seed, Scene::River);
    let coast = |seed| pictures::hotel_path(seed, Scene::Coast);
    let cards = vec![
        card(("Pátio das Andorinhas", "Príncipe Real"), picture(205), 0, 78, ("€144.16", "€72.08")),
        card(("Miradouro da Aurora", "Graça"), river(19), 3, 86, ("€171.72", "€85.86")),
        card(("Casa do Limoal", "Alfama"), picture(41), 4, 92, ("€207.76", "€103.88")),
        card(("Armazém do Cais", "Cais do Sodré"), coast(77), 5, 90, ("€392.20", "€196.10")),
    ];
    let sort = |label: &str, is_current| Sort {
        link: Link { label: label.to_owned(), href: links::results(&ask(), Some("price"), None) },
        is_current,
    };
    Results {
        search: search("Lisbon, Portugal"),
        heading: "4 stays in Lisbon".to_owned(),
        subheading: "2 nights, 2 adults, 1 room. Prices are for the whole stay with tax."
            .to_owned(),
        sorts: vec![sort("Best price", true), sort("Best rated", false), sort("Nearest", false)],
        cards,
        nothing: None,
        next_href: Some(links::results(&ask(), None, Some("c2"))),
    }
}

fn nothing() -> Results {
    let link = |label: &str| Link { label: label.to_owned(), href: "/search".to_owned() };
    Results {
        heading: "Nothing free in Lisbon".to_owned(),
        subheading: "2 nights, 6 adults, 1 room.".to_owned(),
        sorts: Vec::new(),
        cards: Vec::new(),
        nothing: Some(Nothing {
            reasons: vec![
                "3 hotels have no room for 6 adults. Two or three rooms would do.".to_owned(),
                "1 hotel is sold out on Thu 11 Mar.".to_owned(),
            ],
            suggestions: vec![link("Take 3 rooms"), link("12 – 14 Mar 2027"), link("See Porto")],
        }),
        next_href: None,
        ..results()
    }
}

fn sold_out() -> Problem {
    Problem::sold_out(
        vec!["Deluxe double: sold out on Thu 11 Mar.".to_owned()],
        offers(),
        &links::results(&ask(), None, None),
    )
}

fn cannot() -> Problem {
    Problem::cannot_be_done(
        vec!["Standard double takes at most 2 adults.".to_owned()],
        "/hotels/h1",
    )
}

pub(crate) fn offers() -> Vec<Offer> {
    [
        ("Standard double, same dates", "Casa do Limoal · 4 rooms left", "€208", 3),
        ("Deluxe double, 12 – 14 Mar 2027", "Casa do Limoal · 2 rooms left", "€292.56", 9),
        ("Deluxe double at Miradouro da Aurora", "Graça, Lisbon · same dates", "€241.20", 12),
    ]
    .into_iter()
    .map(|(title, detail, price, seed)| Offer {
        href: links::hotel("h1", &ask()),
        picture_src: pictures::room_path(seed, Scene::River),
        title: title.to_owned(),
        detail: detail.to_owned(),
        price: price.to_owned(),
    })
    .collect()
}
