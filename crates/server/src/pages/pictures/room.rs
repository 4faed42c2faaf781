//! A room: the bed, a lamp, and the place seen through the window.

use super::Scene;
use super::colours::{Colour, Palette};
use super::draw::{Drawing, HEIGHT, Seed, WIDTH};

const FLOOR_Y: i64 = 252;

pub(super) fn inside(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette) {
    let walls = [
        Colour(238, 230, 216),
        Colour(214, 226, 222),
        Colour(232, 214, 202),
        Colour(208, 216, 228),
        Colour(226, 222, 200),
    ];
    let wall = seed.pick(&walls);
    let floor = seed.pick(&[Colour(186, 146, 108), Colour(164, 128, 98), Colour(206, 178, 142)]);
    let mirrored = seed.chance(50);
    drawing.rect(0, 0, WIDTH, FLOOR_Y, wall);
    let (window_x, bed_x) = if mirrored { (300, 34) } else { (36, 186) };
    let lamp_x = if mirrored { bed_x + 244 } else { bed_x - 14 };
    let glow = format!("M{lamp_x} 190m-66 0a66 66 0 1 0 132 0a66 66 0 1 0 -132 0");
    drawing.veil(&glow, palette.lit, 22);
    window(drawing, seed, scene, palette, window_x);
    drawing.rect(0, FLOOR_Y, WIDTH, HEIGHT - FLOOR_Y, floor);
    drawing.rect(0, FLOOR_Y - 7, WIDTH, 7, wall.lighter(55));
    let rug_x = if mirrored { 20 } else { 170 };
    let rug = format!("M{} 284h260l26 30h-312z", rug_x + 12);
    drawing.path(&rug, palette.accent.mix(wall, 55));
    bed(drawing, seed, palette, wall, bed_x);
    lamp(drawing, palette, lamp_x);
    let plant_x = if mirrored { 446 } else { 24 };
    if seed.chance(70) {
        plant(drawing, palette, plant_x);
    }
    let frame_x = bed_x + seed.between(70, 120);
    frame(drawing, seed, palette, frame_x);
}

fn window(drawing: &mut Drawing, seed: &mut Seed, scene: Scene, palette: &Palette, x: i64) {
    let (y, width, height) = (44, 144, 150);
    drawing.rect(x - 7, y - 7, width + 14, height + 14, Colour(250, 248, 243));
    drawing.sky(x, y, width, height);
    let (sun_x, sun_y) = (x + seed.between(24, 116), y + seed.between(22, 46));
    drawing.circle(sun_x, sun_y, 11, palette.sun);
    let low = y + height;
    match scene {
        Scene::Coast | Scene::River => {
            drawing.path(&format!("M{x} {}q40 -44 84 0z", low - 50), palette.far);
            drawing.rect(x, low - 52, width, 52, palette.water);
            drawing.path(&format!("M{} {}v-24l14 24z", x + 98, low - 50), palette.trim);
        }
        Scene::Mountains => {
            let data = format!("M{x} {low}l46 -84l34 52l26 -36l38 56v12z");
            drawing.path(&data, palette.far);
            drawing.path(&format!("M{} {}l12 22l-12 -5l-11 6z", x + 46, low - 84), palette.trim);
            drawing.path(&format!("M{x} {low}v-22q70 -30 {width} -4v26z"), palette.leaf);
        }
        Scene::City => {
            let data = format!("M{x} {low}v-56h26v-30h24v44h20v-66h22v40h24v-22h28v90z");
            drawing.path(&data, palette.middle);
            let lights = format!(
                "M{a} {b}h4v6h-4zM{c} {d}h4v6h-4zM{e} {d}h4v6h-4z",
                a = x + 34,
                b = low - 74,
                c = x + 76,
                d = low - 92,
                e = x + 122
            );
            drawing.path(&lights, palette.lit);
        }
        Scene::Desert => {
            drawing.path(&format!("M{x} {low}v-30q44 -36 82 -10q30 18 62 -8v48z"), palette.far);
            drawing.path(&format!("M{x} {low}v-12q70 -30 {width} 0v12z"), palette.middle);
        }
        Scene::OldTown => {
            let data = format!(
                "M{x} {low}v-40l18 -16l18 16v-14h24v-36l9 -14l9 14v30l22 -12l22 14v10h22v48z"
            );
            drawing.path(&data, palette.roof.mix(palette.sky_low, 35));
        }
        Scene::Garden => {
            drawing.path(&format!("M{x} {low}v-44q60 -46 {width} -6v50z"), palette.far);
            drawing.circle(x + 34, low - 26, 24, palette.leaf);
            drawing.circle(x + 104, low - 22, 28, Colour(236, 176, 184));
            drawing.rect(x, low - 14, width, 14, palette.leaf.darker(10));
        }
    }
    drawing.rect(x + width / 2 - 2, y, 4, height, Colour(250, 248, 243));
    drawing.rect(x - 12, low + 5, width + 24, 8, Colour(238, 234, 226));
    let cloth = palette.accent.mix(Colour(250, 246, 238), 62);
    let drop = height + 34;
    drawing.path(&format!("M{} {}h36q4 90 -18 {drop}h-18z", x - 22, y - 16), cloth);
    drawing.path(&format!("M{} {}h-36q-4 90 18 {drop}h18z", x + width + 22, y - 16), cloth);
    drawing.rect(x - 28, y - 20, width + 56, 5, Colour(120, 92, 70));
}

fn bed(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette, wall: Colour, x: i64) {
    let wood = Colour(122, 88, 66);
    let linen = Colour(250, 247, 240);
    let cover = palette.accent.mix(wall, seed.between(10, 30));
    let width = 220;
    let head = seed.pick(&[palette.accent.darker(14), wood, palette.roof.mix(wall, 30)]);
    drawing.round(x - 4, 150, (width + 8, 90), 12, head);
    drawing.rect(x + 2, 276, 9, 18, wood.darker(30));
    drawing.rect(x + width - 11, 276, 9, 18, wood.darker(30));
    drawing.round(x - 2, 208, (width + 4, 74), 9, linen);
    if seed.chance(35) {
        drawing.round(x + 12, 186, (84, 34), 12, linen.darker(7));
        drawing.round(x + width - 96, 186, (84, 34), 12, linen.darker(7));
        drawing.rect(x + width / 2 - 2, 208, 4, 74, wall.darker(12));
    } else {
        drawing.round(x + 16, 184, (90, 38), 13, linen.darker(6));
        drawing.round(x + width - 106, 184, (90, 38), 13, linen.darker(6));
        drawing.round(x + width / 2 - 31, 196, (62, 28), 10, cover.lighter(22));
    }
    drawing.round(x - 4, 230, (width + 8, 54), 10, cover);
    drawing.rect(x - 4, 230, width + 8, 12, cover.lighter(28));
    drawing.rect(x + 14, 258, width - 28, 3, cover.darker(12));
}

fn lamp(drawing: &mut Drawing, palette: &Palette, x: i64) {
    let wood = Colour(122, 88, 66);
    drawing.rect(x - 18, 238, 36, 42, wood);
    drawing.rect(x - 21, 234, 42, 6, wood.lighter(14));
    drawing.circle(x - 8, 258, 2, palette.lit);
    drawing.rect(x - 2, 204, 4, 30, Colour(84, 70, 62));
    drawing
        .path(&format!("M{} 180h24l9 28h-42z", x - 12), palette.lit.mix(Colour(255, 248, 228), 35));
}

fn plant(drawing: &mut Drawing, palette: &Palette, x: i64) {
    let leaf = palette.leaf.darker(6);
    drawing.path(
        &format!(
            "M{x} 250q-34 -20 -28 -62q26 22 28 62zM{x} 250q-6 -50 8 -84q16 44 -8 84z\
             M{x} 250q32 -14 30 -56q-28 16 -30 56z"
        ),
        leaf,
    );
    drawing.path(&format!("M{} 248h36l-5 38h-26z", x - 18), palette.roof);
}

fn frame(drawing: &mut Drawing, seed: &mut Seed, palette: &Palette, x: i64) {
    let y = seed.between(66, 84);
    drawing.rect(x - 30, y - 24, 60, 50, Colour(110, 84, 66));
    drawing.rect(x - 25, y - 19, 50, 40, Colour(250, 247, 240));
    drawing.path(&format!("M{} {}l17 -22l12 13l9 -9l12 18z", x - 25, y + 21), palette.middle);
    drawing.circle(x + 11, y - 7, 5, palette.accent);
}
