//! What lies behind and before a house: sun, sea, mountains, skylines, trees.

use std::fmt::Write as _;

use super::Scene;
use super::colours::{Colour, Hour, Palette};
use super::draw::{Drawing, HEIGHT, Seed, WIDTH, ridge};

/// Where the ground begins that houses stand on.
pub(super) const GROUND_Y: i64 = 264;

/// Everything further away than the house.
pub(super) fn behind(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette) {
    heaven(drawing, seed, palette);
    match scene {
        Scene::Coast => sea(drawing, seed, palette),
        Scene::River => {
            hills(drawing, seed, palette.far, 190);
            hills(drawing, seed, palette.middle, 222);
        }
        Scene::Mountains => {
            peaks(drawing, seed, palette);
            hills(drawing, seed, palette.middle, 220);
        }
        Scene::City => {
            skyline(drawing, seed, palette.far, (70, 150));
            skyline(drawing, seed, palette.middle, (40, 100));
        }
        Scene::Desert => {
            hills(drawing, seed, palette.far, 206);
            hills(drawing, seed, palette.middle, 232);
        }
        Scene::OldTown => {
            hills(drawing, seed, palette.far, 186);
            roofscape(drawing, seed, palette);
        }
        Scene::Garden => {
            hills(drawing, seed, palette.far, 170);
            hills(drawing, seed, palette.middle, 212);
        }
    }
}

/// The ground, and everything nearer than the house.
pub(super) fn before(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette) {
    let ground = palette.ground;
    drawing.rect(0, GROUND_Y, WIDTH, HEIGHT - GROUND_Y, ground);
    match scene {
        Scene::River => {
            drawing.rect(0, 282, WIDTH, HEIGHT - 282, palette.water);
            ripples(drawing, seed, palette.water.lighter(30), 290);
        }
        Scene::City | Scene::OldTown => {
            drawing.rect(0, GROUND_Y, WIDTH, 8, ground.lighter(35));
            drawing.rect(0, 290, WIDTH, HEIGHT - 290, ground.darker(22));
        }
        Scene::Coast | Scene::Mountains | Scene::Desert | Scene::Garden => {
            let path = format!(
                "M222 {GROUND_Y}C226 286 170 296 150 320H320C300 296 262 286 262 {GROUND_Y}z"
            );
            drawing.path(&path, ground.lighter(30));
        }
    }
    let spots: &[i64] = if seed.chance(50) { &[28, 66, 428] } else { &[44, 402, 448] };
    for x in spots {
        let x = x + seed.between(-10, 10);
        tree(drawing, seed, scene, palette, x);
    }
}

fn heaven(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette) {
    let (x, y) = (seed.between(60, 420), seed.between(44, 92));
    if palette.hour == Hour::Dusk {
        let mut stars = String::new();
        for _ in 0..14 {
            let (star_x, star_y) = (seed.between(6, 474), seed.between(6, 120));
            write!(stars, "M{star_x} {star_y}h2v2h-2z").expect("a String takes all");
        }
        drawing.veil(&stars, palette.sun, 70);
        drawing.circle(x, y, 17, palette.sun);
        drawing.circle(x + 8, y - 5, 14, palette.sky_top.mix(palette.sky_low, 12));
        return;
    }
    drawing.circle(x, y, seed.between(19, 27), palette.sun);
    for _ in 0..seed.between(1, 3) {
        let (cloud_x, cloud_y) = (seed.between(-20, 400), seed.between(30, 110));
        let width = seed.between(56, 110);
        let cloud = format!(
            "M{cloud_x} {cloud_y}a9 9 0 0 1 9-9h{a}a12 12 0 0 1 23-3a9 9 0 0 1 {b} 4\
             a8 8 0 0 1 3 16h-{c}a8 8 0 0 1-9-8z",
            a = width / 4,
            b = width / 5,
            c = width / 4 + 26 + width / 5,
        );
        drawing.veil(&cloud, Colour(255, 255, 255), 62);
    }
}

fn sea(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette) {
    let left = seed.chance(50);
    let (from, to) = if left { (-20, 220) } else { (260, 500) };
    let top = seed.between(128, 158);
    let points = [(from, 198), (i64::midpoint(from, to), top), (to, 198)];
    drawing.path(&ridge(&points), palette.far);
    drawing.rect(0, 192, WIDTH, 84, palette.water);
    drawing.rect(0, 192, WIDTH, 3, palette.water.lighter(35));
    ripples(drawing, seed, palette.water.lighter(26), 204);
    let x = if left { seed.between(330, 440) } else { seed.between(40, 150) };
    drawing.path(&format!("M{x} 168v28h-18z"), palette.trim);
    drawing.path(&format!("M{a} 172v24h14z", a = x + 3), palette.accent.lighter(20));
    drawing.path(&format!("M{a} 198h40l-7 8h-26z", a = x - 19), palette.roof.darker(20));
}

fn ripples(drawing: &mut Drawing, seed: &mut Seed, colour: Colour, top: i64) {
    let mut data = String::new();
    for row in 0..7 {
        let x = seed.between(0, 420);
        let width = seed.between(20, 64);
        write!(data, "M{x} {y}h{width}v2h-{width}z", y = top + row * 8 / 2 + row * 2)
            .expect("a String takes all");
    }
    drawing.veil(&data, colour, 70);
}

fn hills(drawing: &mut Drawing, seed: &mut Seed, colour: Colour, top: i64) {
    let mut points = Vec::new();
    let mut x = -30;
    while x < WIDTH + 120 {
        points.push((x, top + seed.between(-26, 26)));
        x += seed.between(80, 130);
    }
    drawing.path(&ridge(&points), colour);
}

fn peaks(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette) {
    let snow = palette.far.lighter(72);
    let shade = palette.far.darker(12);
    let mut x = seed.between(-60, -10);
    while x < WIDTH {
        let half = seed.between(72, 112);
        let top = seed.between(72, 128);
        let middle = x + half;
        drawing.path(&format!("M{x} 280L{middle} {top}L{} 280z", middle + half), palette.far);
        drawing.path(&format!("M{middle} {top}L{} 280H{}z", middle + half, middle + 10), shade);
        let cap = (280 - top) / 5;
        let wide = half * cap / (280 - top);
        drawing.path(
            &format!(
                "M{middle} {top}l{wide} {cap}l-{a} -5l-{a} 7l-{a} -7l-{b} 5z",
                a = wide / 2,
                b = wide * 2 - wide / 2 * 3
            ),
            snow,
        );
        x += half + seed.between(20, 60);
    }
}

fn skyline(drawing: &mut Drawing, seed: &mut Seed, colour: Colour, (low, high): (i64, i64)) {
    let mut data = format!("M-4 {HEIGHT}");
    let mut x = -4;
    while x < WIDTH {
        let width = seed.between(22, 48);
        let top = GROUND_Y - seed.between(low, high);
        write!(data, "V{top}").expect("a String takes all");
        if seed.chance(22) {
            let half = width / 2;
            write!(data, "l{half} -16l{rest} 16", rest = width - half).expect("a String takes all");
        } else if seed.chance(16) {
            let half = width / 2;
            write!(data, "h{half}v-20h3v20h{rest}", rest = width - half - 3)
                .expect("a String takes all");
        } else {
            write!(data, "h{width}").expect("a String takes all");
        }
        x += width;
    }
    write!(data, "V{HEIGHT}z").expect("a String takes all");
    drawing.path(&data, colour);
}

/// Small gabled houses up a hill, with one dome or tower among them.
fn roofscape(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette) {
    let far_roof = palette.roof.mix(palette.sky_low, 45);
    let far_wall = palette.wall.mix(palette.sky_low, 40);
    let mut walls = String::new();
    let mut roofs = String::new();
    let mut x = -10;
    while x < WIDTH {
        let width = seed.between(30, 50);
        let top = seed.between(176, 214);
        write!(walls, "M{x} {top}h{width}V300h-{width}z").expect("a String takes all");
        write!(roofs, "M{a} {top}l{half} -15l{half} 15z", a = x - 3, half = width / 2 + 3)
            .expect("a String takes all");
        x += width;
    }
    let tower = seed.between(30, 430);
    drawing.rect(tower, 128, 22, 120, far_wall.darker(8));
    if seed.chance(50) {
        drawing.path(&format!("M{a} 128a13 15 0 0 1 26 0z", a = tower - 2), far_roof);
    } else {
        drawing.path(&format!("M{a} 128l13 -26l13 26z", a = tower - 2), far_roof);
    }
    drawing.path(&walls, far_wall);
    drawing.path(&roofs, far_roof);
}

fn tree(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette, x: i64) {
    let base = GROUND_Y + seed.between(4, 14);
    let leaf = palette.leaf.mix(palette.ground, seed.between(0, 18));
    let trunk = Colour(108, 80, 62).mix(palette.ground, 20);
    match scene {
        Scene::Coast | Scene::Desert => palm(drawing, seed, leaf, trunk, (x, base)),
        Scene::Mountains => {
            let height = seed.between(58, 84);
            drawing.rect(x - 3, base - 10, 6, 10, trunk);
            for (level, half) in [(0, 20), (1, 16), (2, 11)] {
                let low = base - 8 - level * height / 4;
                drawing.path(
                    &format!("M{} {low}L{x} {}L{} {low}z", x - half, low - height / 2, x + half),
                    leaf.darker(8 - level * 4),
                );
            }
        }
        Scene::River => {
            let height = seed.between(74, 104);
            drawing.rect(x - 2, base - 10, 4, 10, trunk);
            let top = base - height;
            let data = format!(
                "M{x} {top}C{a} {b} {a} {c} {x} {c}C{d} {c} {d} {b} {x} {top}z",
                a = x - 16,
                b = top + 40,
                c = base - 6,
                d = x + 16
            );
            drawing.path(&data, leaf.darker(14));
        }
        Scene::City | Scene::OldTown | Scene::Garden => {
            let radius = seed.between(17, 25);
            let blossom = scene == Scene::Garden && seed.chance(55);
            let crown = if blossom { Colour(238, 170, 178).mix(palette.far, 18) } else { leaf };
            drawing.rect(x - 3, base - 40, 6, 40, trunk);
            drawing.circle(x, base - 36 - radius, radius, crown);
            drawing.circle(x - radius / 2, base - 30 - radius / 2, radius * 2 / 3, crown.darker(7));
            drawing.circle(
                x + radius / 2,
                base - 32 - radius / 2,
                radius * 3 / 5,
                crown.lighter(7),
            );
        }
    }
}

fn palm(
    drawing: &mut Drawing,
    seed: &mut Seed,
    leaf: Colour,
    trunk: Colour,
    (x, base): (i64, i64),
) {
    let height = seed.between(74, 104);
    let lean = seed.between(-12, 12);
    let (top_x, top_y) = (x + lean, base - height);
    drawing.line(&format!("M{x} {base}Q{x} {} {top_x} {top_y}", base - height / 2), trunk, 6);
    let mut fronds = String::new();
    for (reach, drop) in [(-36, 16), (-30, -8), (-14, -24), (14, -24), (30, -8), (36, 16)] {
        write!(
            fronds,
            "M{top_x} {top_y}q{a} {b} {reach} {drop}q{c} {d} {e} {f}z",
            a = reach / 2,
            b = drop / 2 - 12,
            c = -reach / 3,
            d = -drop / 4 - 3,
            e = -reach,
            f = -drop,
        )
        .expect("a String takes all");
    }
    drawing.path(&fronds, leaf);
}
