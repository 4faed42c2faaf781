//! Pen and dice: writes SVG shapes, and draws numbers from a seed that is all the chance there is.
//!
//! It knows no hotel. Shapes carry attributes only, never a style, so that the strictest content
//! policy shows them.

use std::fmt::Write as _;

use super::colours::Colour;

/// The size of every picture.
pub(super) const WIDTH: i64 = 480;
pub(super) const HEIGHT: i64 = 320;

/// `SplitMix64`: tiny, and good enough to place windows.
pub(super) struct Seed(u64);

impl Seed {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `first..=last`.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last - first + 1).unwrap_or(1).max(1);
        first + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True in `percent` of all draws.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of these; the list is never empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = i64::try_from(choices.len()).unwrap_or(1) - 1;
        choices[usize::try_from(self.between(0, last)).unwrap_or(0)]
    }
}

/// One picture in the making.
pub(super) struct Drawing {
    svg: String,
}

impl Drawing {
    /// A picture whose whole ground is a sky of these two colours.
    pub(super) fn new(sky_top: Colour, sky_low: Colour) -> Self {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\
             <linearGradient id=\"s\" x2=\"0\" y2=\"1\"><stop stop-color=\"{sky_top}\"/>\
             <stop offset=\".8\" stop-color=\"{sky_low}\"/></linearGradient>\
             <path d=\"M0 0h{WIDTH}v{HEIGHT}H0z\" fill=\"url(#s)\"/>"
        );
        Self { svg }
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    pub(super) fn rect(&mut self, x: i64, y: i64, width: i64, height: i64, fill: Colour) {
        self.path(&format!("M{x} {y}h{width}v{height}h-{width}z"), fill);
    }

    /// The sky again, as seen through a window.
    pub(super) fn sky(&mut self, x: i64, y: i64, width: i64, height: i64) {
        self.add(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"url(#s)\"/>"
        ));
    }

    pub(super) fn round(
        &mut self,
        x: i64,
        y: i64,
        (width, height): (i64, i64),
        radius: i64,
        fill: Colour,
    ) {
        self.add(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\" \
             fill=\"{fill}\"/>"
        ));
    }

    pub(super) fn circle(&mut self, x: i64, y: i64, radius: i64, fill: Colour) {
        self.add(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\"/>"));
    }

    pub(super) fn path(&mut self, data: &str, fill: Colour) {
        if !data.is_empty() {
            self.add(format_args!("<path d=\"{data}\" fill=\"{fill}\"/>"));
        }
    }

    /// A path that lets what lies behind shine through.
    pub(super) fn veil(&mut self, data: &str, fill: Colour, percent: i64) {
        self.add(format_args!("<path d=\"{data}\" fill=\"{fill}\" opacity=\".{percent:02}\"/>"));
    }

    pub(super) fn line(&mut self, data: &str, stroke: Colour, width: i64) {
        self.add(format_args!(
            "<path d=\"{data}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>"
        ));
    }

    fn add(&mut self, shape: std::fmt::Arguments<'_>) {
        self.svg.write_fmt(shape).expect("a String takes all that is written to it");
    }
}

/// A soft ridge through `points` (x, y), closed along the lower edge of the picture.
pub(super) fn ridge(points: &[(i64, i64)]) -> String {
    let Some((first, rest)) = points.split_first() else { return String::new() };
    let mut data = format!("M{} {HEIGHT}V{}", first.0, first.1);
    let mut from = *first;
    for to in rest {
        let middle = i64::midpoint(from.0, to.0);
        write!(data, "C{middle} {} {middle} {} {} {}", from.1, to.1, to.0, to.1)
            .expect("a String takes all that is written to it");
        from = *to;
    }
    data.push_str("V320z");
    data
}
