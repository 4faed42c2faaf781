//! Palettes: the hour gives sky and light, the scene gives walls, roofs and land.
//!
//! Colours of one picture are mixed with its light, so that they belong together.

use std::fmt;

use super::Scene;
use super::draw::Seed;

/// Red, green and blue, each 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub(super) i64, pub(super) i64, pub(super) i64);

impl Colour {
    /// This colour with `percent` of another.
    pub(super) fn mix(self, other: Self, percent: i64) -> Self {
        let part = |own: i64, its: i64| (own * (100 - percent) + its * percent) / 100;
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }

    pub(super) fn darker(self, percent: i64) -> Self {
        self.mix(Self(18, 26, 48), percent)
    }

    pub(super) fn lighter(self, percent: i64) -> Self {
        self.mix(Self(255, 255, 255), percent)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// The time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hour {
    Morning,
    Noon,
    Golden,
    Dusk,
}

pub(super) struct Palette {
    pub(super) hour: Hour,
    pub(super) sky_top: Colour,
    pub(super) sky_low: Colour,
    pub(super) sun: Colour,
    pub(super) far: Colour,
    pub(super) middle: Colour,
    pub(super) ground: Colour,
    pub(super) water: Colour,
    pub(super) leaf: Colour,
    pub(super) wall: Colour,
    pub(super) roof: Colour,
    pub(super) trim: Colour,
    pub(super) accent: Colour,
    pub(super) glass: Colour,
    pub(super) lit: Colour,
}

const LIT: Colour = Colour(255, 209, 102);

impl Palette {
    pub(super) fn new(seed: &mut Seed, scene: Scene) -> Self {
        let hour = seed.pick(&[Hour::Morning, Hour::Noon, Hour::Noon, Hour::Golden, Hour::Dusk]);
        let (sky_top, sky_low, sun, light, strength) = light(hour);
        let (land, leaf, walls, roofs) = materials(scene);
        let tinted = |colour: Colour| colour.mix(light, strength);
        let accents =
            [Colour(20, 108, 108), Colour(178, 62, 52), Colour(38, 78, 132), Colour(196, 132, 40)];
        Self {
            hour,
            sky_top,
            sky_low,
            sun,
            far: tinted(land.mix(sky_low, 62)),
            middle: tinted(land.mix(sky_low, 34)),
            ground: tinted(land),
            water: tinted(Colour(72, 142, 168).mix(sky_low, 22)),
            leaf: tinted(leaf),
            wall: tinted(seed.pick(walls)),
            roof: tinted(seed.pick(roofs)),
            trim: tinted(Colour(250, 246, 238)),
            accent: tinted(seed.pick(&accents)),
            glass: Colour(64, 92, 116).mix(light, strength),
            lit: LIT,
        }
    }
}

/// Sky above, sky low, sun, and the light that falls on everything with its strength in percent.
fn light(hour: Hour) -> (Colour, Colour, Colour, Colour, i64) {
    match hour {
        Hour::Morning => (
            Colour(166, 205, 226),
            Colour(253, 232, 214),
            Colour(255, 246, 225),
            Colour(255, 226, 205),
            12,
        ),
        Hour::Noon => (
            Colour(122, 186, 222),
            Colour(222, 241, 246),
            Colour(255, 250, 232),
            Colour(235, 246, 255),
            6,
        ),
        Hour::Golden => (
            Colour(168, 156, 194),
            Colour(255, 206, 158),
            Colour(255, 231, 170),
            Colour(244, 150, 92),
            18,
        ),
        Hour::Dusk => (
            Colour(32, 44, 88),
            Colour(196, 128, 138),
            Colour(246, 240, 222),
            Colour(42, 44, 92),
            46,
        ),
    }
}

type Materials = (Colour, Colour, &'static [Colour], &'static [Colour]);

/// Land, leaves, walls and roofs of a scene.
fn materials(scene: Scene) -> Materials {
    match scene {
        Scene::Coast => (
            Colour(214, 190, 146),
            Colour(92, 142, 96),
            &[Colour(246, 240, 228), Colour(240, 214, 190), Colour(206, 226, 230)],
            &[Colour(196, 106, 76), Colour(62, 112, 140), Colour(226, 214, 194)],
        ),
        Scene::River => (
            Colour(132, 152, 104),
            Colour(84, 124, 84),
            &[Colour(240, 208, 150), Colour(232, 184, 164), Colour(226, 226, 214)],
            &[Colour(190, 92, 62), Colour(170, 84, 64)],
        ),
        Scene::Mountains => (
            Colour(104, 136, 112),
            Colour(52, 96, 84),
            &[Colour(196, 152, 110), Colour(236, 228, 214), Colour(164, 120, 90)],
            &[Colour(92, 72, 66), Colour(72, 84, 98)],
        ),
        Scene::City => (
            Colour(146, 150, 158),
            Colour(88, 132, 98),
            &[Colour(222, 206, 184), Colour(196, 112, 90), Colour(198, 206, 214)],
            &[Colour(84, 96, 112), Colour(66, 76, 92), Colour(112, 128, 132)],
        ),
        Scene::Desert => (
            Colour(222, 170, 112),
            Colour(112, 140, 88),
            &[Colour(226, 150, 112), Colour(238, 196, 152), Colour(232, 168, 150)],
            &[Colour(196, 112, 80), Colour(244, 226, 196)],
        ),
        Scene::OldTown => (
            Colour(178, 162, 134),
            Colour(96, 130, 88),
            &[
                Colour(244, 222, 176),
                Colour(238, 196, 184),
                Colour(196, 214, 208),
                Colour(246, 240, 230),
            ],
            &[Colour(194, 96, 68), Colour(176, 84, 66)],
        ),
        Scene::Garden => (
            Colour(150, 168, 116),
            Colour(98, 140, 92),
            &[Colour(238, 230, 214), Colour(206, 178, 142), Colour(178, 134, 104)],
            &[Colour(74, 84, 94), Colour(92, 78, 74)],
        ),
    }
}
