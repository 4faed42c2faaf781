//! Goal: text can be read in light and in dark: WCAG 2.2 AA, 4.5 to 1 for text, 3 to 1 for edges.
//! Method: read the colours of both modes from the style sheet, compare every pair that meets.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use vacancy_server::pages::assets;

type Colours = BTreeMap<String, f64>;

/// Foreground, background, least contrast.
const PAIRS: [(&str, &str, f64); 22] = [
    ("ink", "page", 4.5),
    ("ink", "card", 4.5),
    ("ink", "tint", 4.5),
    ("soft", "page", 4.5),
    ("soft", "card", 4.5),
    ("accent", "page", 4.5),
    ("accent", "card", 4.5),
    ("accent", "tint", 4.5),
    ("accent-hover", "page", 4.5),
    ("accent-hover", "card", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("warn", "card", 4.5),
    ("warn", "warn-tint", 4.5),
    ("bad", "card", 4.5),
    ("bad", "page", 4.5),
    ("bad", "bad-tint", 4.5),
    ("card", "bad", 4.5),
    ("good", "card", 4.5),
    ("good", "good-tint", 4.5),
    ("edge", "card", 3.0),
    ("edge", "page", 3.0),
];

#[test]
fn every_pair_of_colours_has_enough_contrast_in_both_modes() {
    let modes = modes();
    assert_eq!(modes.len(), 2, "one set of colours for light, one for dark");
    for (mode, colours) in ["light", "dark"].into_iter().zip(modes) {
        for (fore, back, least) in PAIRS {
            let found = contrast(colours[fore], colours[back]);
            assert!(least <= found, "{mode}: {fore} on {back} has {found:.2}, needs {least}");
        }
    }
}

/// The luminance of every named colour, per `:root` block.
fn modes() -> Vec<Colours> {
    let blocks = assets::style_sheet().split(":root{").skip(1);
    blocks.map(|block| named(block.split('}').next().unwrap())).collect()
}

fn named(block: &str) -> Colours {
    let entries = block.split(';').filter_map(|entry| entry.trim().split_once(':'));
    entries
        .filter_map(|(name, value)| Some((name.strip_prefix("--")?, value.strip_prefix('#')?)))
        .map(|(name, hex)| (name.to_owned(), luminance(hex)))
        .collect()
}

/// Relative luminance as WCAG defines it, of `#rgb` or `#rrggbb`.
fn luminance(hex: &str) -> f64 {
    let width = hex.len() / 3;
    let channel = |at: usize| {
        let digits = &hex[at * width..(at + 1) * width];
        let both = if width == 1 { digits.repeat(2) } else { digits.to_owned() };
        let share = f64::from(u8::from_str_radix(&both, 16).unwrap()) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
