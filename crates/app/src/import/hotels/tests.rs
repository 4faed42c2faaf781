//! Goal: the fate of every row of a list, alone and among others.
//! Method: a table of rows in short form, and the fates as text. Only `check` calls the API.

use super::*;

/// Rows as `id|name|lat|lon|rooms|brand|dup_of`, the rest the same for all.
fn check(rows: &[&str], expected: &[&str]) {
    let rows: Vec<Row> =
        rows.iter().zip(2..).map(|(text, line)| Row { line, fields: fields(text) }).collect();
    let seen: Vec<String> = decide(&rows)
        .rows
        .iter()
        .map(|row| match &row.fate {
            Fate::Take(take) => format!("{} take {:?} {:?}", row.id, take.hotel.rooms, take.filled),
            Fate::Merge { into, why } => format!("{} into {into} {why:?}", row.id),
            Fate::Refuse { why } => format!("{} refuse {why}", row.id),
        })
        .collect();
    assert_eq!(seen, expected);
}

fn fields(text: &str) -> Result<Vec<String>, input::RowFault> {
    let part: Vec<&str> = text.split('|').collect();
    if part.len() != 7 {
        return Err(input::RowFault::ColumnCount { found: part.len(), wanted: 7 });
    }
    let (id, name, lat, lon, rooms, brand, dup_of) =
        (part[0], part[1], part[2], part[3], part[4], part[5], part[6]);
    let all = [
        id,
        name,
        lat,
        lon,
        "Paris",
        "FR",
        "",
        rooms,
        brand,
        "hotel",
        "Europe/Paris",
        "osm",
        "l",
        "2026",
        dup_of,
    ];
    Ok(all.map(str::to_owned).to_vec())
}

#[test]
fn a_listed_duplicate_is_merged_and_fills_what_the_original_lacks() {
    check(
        &["a|A|48.8|2.3|||", "b|Other|48.9|2.3|40|Ibis|a", "c|Third|48.9|2.3|99||a"],
        &[
            r#"a take Some(40) [("rooms", "b"), ("brand", "b")]"#,
            "b into a Listed",
            "c into a Listed",
        ],
    );
}

#[test]
fn a_chain_of_duplicates_ends_at_the_last_original() {
    check(
        &["a|A|48.8|2.3|1||b", "b|B|48.8|2.3|1||c", "c|C|48.8|2.3|1||"],
        &["a into c Listed", "b into c Listed", "c take Some(1) []"],
    );
}

#[test]
fn duplicates_of_nothing_of_each_other_and_of_refused_rows_are_refused() {
    check(
        &[
            "a|A|48.8|2.3|||nobody",
            "b|B|48.8|2.3|||c",
            "c|C|48.8|2.3|||b",
            "d|D|48.8|2.3|||d",
            "e|E|48.8|2.3|0||",
            "f|F|48.8|2.3|||e",
        ],
        &[
            "a refuse duplicate_of_unknown: nobody",
            "b refuse duplicate_in_a_circle: c",
            "c refuse duplicate_in_a_circle: b",
            "d refuse duplicate_in_a_circle: d",
            "e refuse rooms_out_of_range: 0 is not within 1 to 10000",
            "f refuse duplicate_of_refused: e",
        ],
    );
}

#[test]
fn the_second_row_of_an_id_is_refused() {
    check(
        &["a|A|48.8|2.3|||", " a |B|48.8|2.3|||"],
        &["a take None []", "a refuse id_repeated: line 2 has it"],
    );
}

#[test]
fn one_name_within_a_walk_is_one_house_and_the_row_with_rooms_stands_for_it() {
    check(
        &[
            "a|Park Hôtel|48.8000|2.3|||",
            "b|PARK HOTEL|48.8005|2.3|30||",
            "c|Park Hotel|48.8100|2.3|20||",
            "d|Somebody|48.9|2.3|||a",
        ],
        &[
            "a into b SameNameNearby { metres: 55 }",
            "b take Some(30) []",
            "c take Some(20) []",
            "d into b Listed",
        ],
    );
}

#[test]
fn an_unreadable_row_is_refused_and_the_others_go_on() {
    check(
        &["a|A", "b|B|48.8|2.3|||"],
        &[" refuse column_count: 2 columns, not 7", "b take None []"],
    );
}

#[test]
fn a_place_is_named_by_its_most_frequent_spelling() {
    let mut rows = Vec::new();
    for (line, city) in (2..).zip(["La Massana", "la Massana", "la massana", "la Massana"]) {
        let mut all = fields(&format!("{line}|N{line}|42.5|1.5|||")).expect("fields");
        all[4] = city.to_owned();
        rows.push(Row { line, fields: Ok(all) });
    }
    let decision = decide(&rows);
    let places: Vec<_> = decision.places.iter().map(|place| place.name.as_str()).collect();
    assert_eq!(places, ["la Massana"]);
    assert_eq!(decision.taken().count(), 4);
}
