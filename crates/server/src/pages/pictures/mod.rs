//! Drawings of hotels and rooms, made from a seed: every hotel has a face without one photograph.
//!
//! The same seed and scene always give the same picture, so an address may be cached for ever.
//! Nothing here reads a clock, draws a random number or touches a disk.

mod building;
mod colours;
mod draw;
mod landscape;
mod room;

use colours::Palette;
use draw::{Drawing, Seed};

/// What surrounds a hotel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    Coast,
    River,
    Mountains,
    City,
    Desert,
    OldTown,
    Garden,
}

/// Every scene with its name in an address.
pub const SCENES: [(Scene, &str); 7] = [
    (Scene::Coast, "coast"),
    (Scene::River, "river"),
    (Scene::Mountains, "mountains"),
    (Scene::City, "city"),
    (Scene::Desert, "desert"),
    (Scene::OldTown, "old-town"),
    (Scene::Garden, "garden"),
];

impl Scene {
    pub fn name(self) -> &'static str {
        SCENES.iter().find(|(scene, _)| *scene == self).map_or("city", |(_, name)| *name)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        SCENES.iter().find(|(_, known)| *known == name).map(|(scene, _)| *scene)
    }
}

/// The front of a hotel in its place.
pub fn hotel_svg(seed: u64, scene: Scene) -> String {
    let mut seed = Seed::new(seed);
    let palette = Palette::new(&mut seed, scene);
    let mut drawing = Drawing::new(palette.sky_top, palette.sky_low);
    landscape::behind(&mut drawing, &mut seed, scene, &palette);
    building::front(&mut drawing, &mut seed, scene, &palette);
    landscape::before(&mut drawing, &mut seed, scene, &palette);
    drawing.finish()
}

/// The place alone, without a hotel: for cards of cities.
pub fn place_svg(seed: u64, scene: Scene) -> String {
    let mut seed = Seed::new(seed);
    let palette = Palette::new(&mut seed, scene);
    let mut drawing = Drawing::new(palette.sky_top, palette.sky_low);
    landscape::behind(&mut drawing, &mut seed, scene, &palette);
    building::row(&mut drawing, &mut seed, scene, &palette);
    landscape::before(&mut drawing, &mut seed, scene, &palette);
    drawing.finish()
}

/// A room with a window on the place.
pub fn room_svg(seed: u64, scene: Scene) -> String {
    let mut seed = Seed::new(seed);
    let palette = Palette::new(&mut seed, scene);
    let mut drawing = Drawing::new(palette.sky_top, palette.sky_low);
    room::inside(&mut drawing, &mut seed, scene, &palette);
    drawing.finish()
}

/// Addresses of the pictures, as they stand in `imageUrls` and in pages.
pub fn hotel_path(seed: u64, scene: Scene) -> String {
    format!("/pictures/hotel-{}-{seed}.svg", scene.name())
}

pub fn place_path(seed: u64, scene: Scene) -> String {
    format!("/pictures/place-{}-{seed}.svg", scene.name())
}

/// A picture for a place that has none of its own: always the same one for the same name.
pub fn any_place_path(name: &str) -> String {
    let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let scene = Seed::new(mixed).pick(&[Scene::City, Scene::OldTown, Scene::River]);
    place_path(mixed % 10_000, scene)
}

pub fn room_path(seed: u64, scene: Scene) -> String {
    format!("/pictures/room-{}-{seed}.svg", scene.name())
}

/// The picture at the address `/pictures/{file_name}`; `None` is a 404.
pub fn find(file_name: &str) -> Option<String> {
    let (kind, rest) = file_name.strip_suffix(".svg")?.split_once('-')?;
    let (scene, seed) = rest.rsplit_once('-')?;
    let scene = Scene::from_name(scene)?;
    let seed: u64 = seed.parse().ok()?;
    match kind {
        "hotel" => Some(hotel_svg(seed, scene)),
        "place" => Some(place_svg(seed, scene)),
        "room" => Some(room_svg(seed, scene)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_alone_decides_the_picture() {
        for (scene, _) in SCENES {
            assert_eq!(hotel_svg(7, scene), hotel_svg(7, scene));
            assert_ne!(hotel_svg(7, scene), hotel_svg(8, scene));
        }
    }

    #[test]
    fn every_picture_stays_under_six_kilobytes() {
        for seed in 0..200 {
            for (scene, name) in SCENES {
                for svg in [hotel_svg(seed, scene), place_svg(seed, scene), room_svg(seed, scene)] {
                    assert!(svg.len() < 6_000, "{name} {seed}: {} bytes", svg.len());
                    assert!(!svg.contains("style=") && !svg.contains("<script"), "{name} {seed}");
                }
            }
        }
    }

    #[test]
    fn a_place_without_a_picture_of_its_own_gets_the_same_one_every_time() {
        let path = any_place_path("Ljubljana");
        assert_eq!(path, any_place_path("Ljubljana"));
        assert_ne!(path, any_place_path("Gent"));
        assert!(find(path.trim_start_matches("/pictures/")).is_some(), "{path}");
    }

    #[test]
    fn an_address_leads_to_its_picture_and_nowhere_else() {
        let path = hotel_path(u64::MAX, Scene::OldTown);
        let file_name = path.strip_prefix("/pictures/").expect("the folder of pictures");
        assert_eq!(find(file_name), Some(hotel_svg(u64::MAX, Scene::OldTown)));
        for wrong in ["", "hotel-1.svg", "hotel-moon-1.svg", "inn-city-1.svg", "hotel-city--1.svg"]
        {
            assert_eq!(find(wrong), None, "{wrong}");
        }
    }
}
