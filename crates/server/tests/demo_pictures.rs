//! Goal: the demonstration shows a picture wherever it names one.
//! Method: ask for every picture address of every hotel and room type; compare with the drawings.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use vacancy_app::demo::data::PLACES;
use vacancy_server::pages::pictures;

#[test]
fn every_picture_that_the_demonstration_names_is_drawn() {
    for place in PLACES {
        assert!(pictures::find(place.image_url().trim_start_matches("/pictures/")).is_some());
    }
    for hotel in PLACES.iter().flat_map(|place| place.hotels) {
        let rooms = hotel.room_types.iter().map(|room_type| hotel.room_image_url(room_type));
        for url in hotel.image_urls().into_iter().chain(rooms) {
            let file_name = url.strip_prefix("/pictures/").unwrap();
            assert!(pictures::find(file_name).is_some(), "{}: {url}", hotel.slug);
        }
    }
}

#[test]
fn no_two_hotels_of_a_city_look_the_same() {
    for place in PLACES {
        let mut fronts: Vec<String> = place
            .hotels
            .iter()
            .map(|hotel| pictures::find(hotel.image_urls()[0].trim_start_matches("/pictures/")))
            .map(Option::unwrap)
            .collect();
        fronts.sort();
        fronts.dedup();
        assert_eq!(fronts.len(), place.hotels.len(), "{}", place.name);
    }
}
