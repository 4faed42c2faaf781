//! The table of a run, as a person reads it and as it stands in the documents.

use std::path::Path;

use crate::Trouble;

const BEGIN: &str = "<!-- chaos:begin -->";
const END: &str = "<!-- chaos:end -->";

/// What one scenario came to on one engine.
pub(crate) struct Line {
    pub(crate) fault: &'static str,
    pub(crate) engine: String,
    pub(crate) done: String,
    pub(crate) figures: String,
    pub(crate) violations_count: usize,
}

impl Line {
    pub(crate) fn text(&self) -> String {
        let Line { fault, engine, done, figures, violations_count } = self;
        format!("| {fault} | {engine} | {done} | {figures} | {violations_count} |")
    }
}

/// Puts the table where the document has its marks.
pub(crate) fn write(path: &Path, lines: &[Line]) -> Result<(), Trouble> {
    let text = std::fs::read_to_string(path)?;
    std::fs::write(path, with_table(&text, lines)?)?;
    Ok(())
}

fn with_table(text: &str, lines: &[Line]) -> Result<String, Trouble> {
    let (before, rest) = text.split_once(BEGIN).ok_or("the document has no mark to begin at")?;
    let (_old, after) = rest.split_once(END).ok_or("the document has no mark to end at")?;
    let mut table = String::from("| fault | engine | what was done | figures | violations |\n");
    table.push_str("|---|---|---|---|---|\n");
    for line in lines {
        table.push_str(&line.text());
        table.push('\n');
    }
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_table_takes_the_place_of_the_old_one_and_leaves_the_rest() {
        let line = Line {
            fault: "F4",
            engine: "Sqlite".into(),
            done: "kill -9".into(),
            figures: "0 lost".into(),
            violations_count: 0,
        };
        let text = format!("a\n{BEGIN}\nold\n{END}\nz\n");
        let new = with_table(&text, &[line]).expect("the marks are there");
        assert!(new.starts_with("a\n") && new.ends_with("-->\nz\n"), "{new}");
        assert!(new.contains("| F4 | Sqlite | kill -9 | 0 lost | 0 |\n") && !new.contains("old"));
        assert!(with_table("no mark", &[]).is_err());
    }
}
