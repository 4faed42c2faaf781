//! The house itself: floors of windows, a roof of the place, a door with an awning.

use std::fmt::Write as _;

use super::Scene;
use super::colours::{Colour, Hour, Palette};
use super::draw::{Drawing, Seed};
use super::landscape::GROUND_Y;

/// Measures of one front, in picture units.
struct Front {
    x: i64,
    width: i64,
    top: i64,
    floors: i64,
    floor_height: i64,
    bays: i64,
}

impl Front {
    fn middle(&self) -> i64 {
        self.x + self.width / 2
    }
}

#[derive(Clone, Copy)]
enum Roof {
    Flat,
    Hipped,
    Gabled,
    Mansard,
    Domed,
    Swept,
}

/// One hotel, large, in the middle of the picture.
pub(super) fn front(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette) {
    let (floors, bays, floor_height) = match scene {
        Scene::City => (seed.between(4, 6), seed.between(4, 6), 26),
        Scene::Mountains | Scene::Garden => (seed.between(2, 3), seed.between(4, 6), 32),
        Scene::Desert => (seed.between(2, 3), seed.between(4, 6), 34),
        Scene::Coast | Scene::River | Scene::OldTown => {
            (seed.between(3, 4), seed.between(4, 6), 31)
        }
    };
    let width = bays * seed.between(32, 38) + 22;
    let x = 240 - width / 2 + seed.between(-14, 14);
    let top = GROUND_Y - floors * floor_height - 14;
    let front = Front { x, width, top, floors, floor_height, bays };
    if seed.chance(60) {
        wing(drawing, seed, palette, &front);
    }
    roof(drawing, roof_of(seed, scene), palette, &front);
    drawing.rect(x, top, width, GROUND_Y - top, palette.wall);
    drawing.rect(x + width - 12, top, 12, GROUND_Y - top, palette.wall.darker(9));
    drawing.rect(x, top, width, 5, palette.trim.mix(palette.wall, 25));
    windows(drawing, seed, scene, palette, &front);
    entrance(drawing, seed, palette, &front);
}

/// A row of small houses side by side: a street of the place.
pub(super) fn row(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette) {
    let walls = [palette.wall, palette.trim, palette.wall.lighter(25)];
    let mut x = seed.between(84, 104);
    while x < 350 {
        let bays = seed.between(2, 3);
        let floors = if scene == Scene::City { seed.between(3, 5) } else { seed.between(2, 3) };
        let width = bays * 24 + 12;
        let top = GROUND_Y - floors * 28 - 8;
        let front = Front { x, width, top, floors, floor_height: 28, bays };
        roof(drawing, roof_of(seed, scene), palette, &front);
        drawing.rect(x, top, width, GROUND_Y - top, seed.pick(&walls));
        windows(drawing, seed, scene, palette, &front);
        x += width;
    }
}

/// A lower part beside the main house.
fn wing(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette, front: &Front) {
    let width = seed.between(48, 78);
    let height = front.floor_height * (front.floors - 1).max(1) * 2 / 3 + 14;
    let x = if seed.chance(50) { front.x - width + 4 } else { front.x + front.width - 4 };
    let top = GROUND_Y - height;
    drawing.rect(x, top, width, height, palette.wall.darker(13));
    drawing.rect(x - 3, top - 6, width + 6, 7, palette.roof.darker(12));
    let mut panes = String::new();
    let mut pane_x = x + 10;
    while pane_x + 18 < x + width {
        write!(panes, "M{pane_x} {y}h12v18h-12z", y = top + 14).expect("a String takes all");
        pane_x += 22;
    }
    drawing.path(&panes, palette.glass);
}

fn roof_of(seed: &mut Seed, scene: Scene) -> Roof {
    match scene {
        Scene::Coast => seed.pick(&[Roof::Hipped, Roof::Flat]),
        Scene::River | Scene::OldTown => seed.pick(&[Roof::Hipped, Roof::Mansard, Roof::Gabled]),
        Scene::Mountains => Roof::Gabled,
        Scene::City => seed.pick(&[Roof::Mansard, Roof::Flat, Roof::Flat]),
        Scene::Desert => seed.pick(&[Roof::Domed, Roof::Flat]),
        Scene::Garden => seed.pick(&[Roof::Swept, Roof::Swept, Roof::Hipped]),
    }
}

fn roof(drawing: &mut Drawing, roof: Roof, palette: &Palette, front: &Front) {
    let Front { x, width, top, .. } = *front;
    let middle = front.middle();
    let colour = palette.roof;
    match roof {
        Roof::Flat => {
            drawing.rect(x - 5, top - 8, width + 10, 10, palette.trim.mix(palette.wall, 40));
            drawing.rect(middle - 22, top - 20, 44, 12, palette.wall.darker(16));
        }
        Roof::Hipped => {
            drawing.path(&format!("M{} {top}l26 -30h{}l26 30z", x - 8, width - 36), colour);
            drawing.rect(x + 34, top - 38, 12, 22, colour.darker(18));
        }
        Roof::Gabled => {
            let rise = (width / 4).min(58);
            let data =
                format!("M{} {top}L{middle} {}L{} {top}z", x - 14, top - rise, x + width + 14);
            drawing.path(&data, colour);
            let gable =
                format!("M{} {top}L{middle} {}L{} {top}z", x + 10, top - rise + 11, x + width - 10);
            drawing.path(&gable, palette.wall.darker(5));
            drawing.circle(middle, top - rise / 3, 7, palette.lit);
        }
        Roof::Mansard => {
            drawing.path(&format!("M{} {top}l9 -30h{}l9 30z", x - 4, width - 10), colour);
            drawing.rect(x + 5, top - 33, width - 10, 4, colour.darker(20));
            let mut dormers = String::new();
            for bay in 0..front.bays {
                let at = x + 18 + bay * (width - 36) / front.bays + (width - 36) / front.bays / 2;
                write!(dormers, "M{} {}v-12a6 6 0 0 1 12 0v12z", at - 6, top - 5)
                    .expect("a String takes all");
            }
            drawing.path(&dormers, palette.trim.mix(palette.glass, 55));
        }
        Roof::Domed => {
            drawing.rect(x - 4, top - 7, width + 8, 9, palette.wall.lighter(18));
            let dome = format!("M{} {}c0 -34 52 -34 52 0z", middle - 26, top - 7);
            drawing.path(&dome, colour.lighter(6));
            drawing.rect(middle - 1, top - 42, 3, 12, palette.trim);
            let mut teeth = String::new();
            let mut at = x;
            while at < x + width - 6 {
                write!(teeth, "M{at} {}h6v6h-6z", top - 12).expect("a String takes all");
                at += 14;
            }
            drawing.path(&teeth, palette.wall.lighter(18));
        }
        Roof::Swept => {
            // A second tier needs a house wide enough to carry it.
            let tiers: &[(i64, i64)] = if 130 < width { &[(0, 0), (1, 46)] } else { &[(0, 0)] };
            for &(level, inset) in tiers {
                let (left, right) = (x - 22 + inset, x + width + 22 - inset);
                let low = top + 4 - level * 34;
                let data = format!(
                    "M{left} {low}Q{a} {b} {c} {d}H{e}Q{f} {b} {right} {low}z",
                    a = left + 26,
                    b = low - 4,
                    c = left + 40,
                    d = low - 22,
                    e = right - 40,
                    f = right - 26,
                );
                if level == 1 {
                    drawing.rect(left + 34, low - 2, right - left - 68, 16, palette.wall.darker(8));
                }
                drawing.path(&data, colour.darker(level * 6));
            }
        }
    }
}

/// Glass by day with one lamp on, many lamps at dusk: there is always a light in the window.
fn windows(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette, front: &Front) {
    let lit_percent = match palette.hour {
        Hour::Dusk => 55,
        Hour::Golden => 18,
        Hour::Morning | Hour::Noon => 4,
    };
    let arched =
        matches!(scene, Scene::Desert) || matches!(scene, Scene::OldTown) && seed.chance(40);
    let balconies = matches!(scene, Scene::Coast | Scene::River | Scene::OldTown);
    let (mut dark, mut lit, mut rails) = (String::new(), String::new(), String::new());
    let step = (front.width - 22) / front.bays;
    let pane = (step * 9 / 20).clamp(10, 17);
    let height = front.floor_height * 11 / 20;
    let lamp = (seed.between(0, front.floors - 2), seed.between(0, front.bays - 1));
    for floor in 0..front.floors - 1 {
        for bay in 0..front.bays {
            let x = front.x + 11 + bay * step + (step - pane) / 2;
            let y = front.top + 13 + floor * front.floor_height;
            let is_lit = (floor, bay) == lamp || seed.chance(lit_percent);
            let panes = if is_lit { &mut lit } else { &mut dark };
            let half = pane / 2;
            if arched {
                write!(
                    panes,
                    "M{x} {}v-{height}a{half} {half} 0 0 1 {} 0v{height}z",
                    y + height,
                    half * 2
                )
            } else {
                write!(panes, "M{x} {y}h{pane}v{height}h-{pane}z")
            }
            .expect("a String takes all");
            if balconies && floor % 2 == 1 {
                write!(rails, "M{} {}h{}v5h-{}z", x - 4, y + height, pane + 8, pane + 8)
                    .expect("a String takes all");
            }
        }
    }
    drawing.path(&dark, palette.glass);
    drawing.path(&lit, palette.lit);
    drawing.path(&rails, palette.trim);
}

/// The ground floor: shop windows, an awning, the door and its two lamps.
fn entrance(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette, front: &Front) {
    let middle = front.middle();
    let y = GROUND_Y - front.floor_height + 4;
    let side = (front.width - 92) / 2;
    if 20 < side {
        let glow = if palette.hour == Hour::Dusk { palette.lit } else { palette.glass.lighter(14) };
        let data = format!(
            "M{a} {y}h{side}V258h-{side}zM{b} {y}h{side}V258h-{side}z",
            a = front.x + 12,
            b = middle + 34,
        );
        drawing.path(&data, glow);
    }
    drawing.rect(middle - 15, y + 3, 30, GROUND_Y - y - 3, palette.accent.darker(30));
    drawing.rect(
        middle - 10,
        y + 8,
        20,
        GROUND_Y - y - 8,
        palette.lit.mix(Colour(255, 244, 214), 40),
    );
    drawing.rect(middle - 1, y + 8, 2, GROUND_Y - y - 8, palette.accent.darker(30));
    let (left, width) = (middle - 27, 54);
    drawing
        .path(&format!("M{} {}h{}l6 11h-{}z", left + 6, y - 6, width - 12, width), palette.accent);
    if seed.chance(60) {
        let mut stripes = String::new();
        for stripe in 0..3 {
            write!(stripes, "M{} {}h7l1 11h-9z", left + 12 + stripe * 15, y - 6)
                .expect("a String takes all");
        }
        drawing.path(&stripes, palette.trim);
    }
    drawing.circle(middle - 24, y + 13, 3, palette.lit);
    drawing.circle(middle + 24, y + 13, 3, palette.lit);
}
