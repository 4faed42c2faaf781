//! What a run tells: on the terminal, in a file about a broken seed, and between two marks of a
//! document, so that no figure there is written by hand.

use std::fmt::Write;

use crate::runs::Run;
use crate::shrink::Shrunk;
use crate::situations::LISTED;

pub const BEGIN: &str = "<!-- sim:begin -->";
pub const END: &str = "<!-- sim:end -->";

/// The document with what stands between its marks replaced.
///
/// # Errors
/// When a mark is missing.
pub fn replaced(document: &str, text: &str) -> Result<String, String> {
    let (before, rest) = document.split_once(BEGIN).ok_or(format!("no {BEGIN} in the document"))?;
    let (_, after) = rest.split_once(END).ok_or(format!("no {END} in the document"))?;
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", text.trim_end()))
}

/// How often every situation happened, those that must be seen first.
#[must_use]
pub fn situations(run: &Run) -> String {
    let mut text = String::new();
    for (what, times) in run.situations.iter() {
        let mark = if LISTED.contains(&what) { "*" } else { " " };
        let _ = writeln!(text, "{times:>10} {mark} {what}");
    }
    text
}

/// The file about a broken seed.
#[must_use]
pub fn broken(shrunk: &Shrunk, commit: &str) -> String {
    let Shrunk { plan, ended, faults_left_out, lives_count } = shrunk;
    let mut text = String::new();
    let _ = writeln!(text, "SEED {} commit {commit}\nprofile {:?}", plan.seed, plan.profile);
    let _ = writeln!(text, "again: cargo run -p vacancy-sim -- --from {} --seeds 1", plan.seed);
    let _ = writeln!(text, "made small in {lives_count} lives");
    let _ = writeln!(text, "not needed: {}", faults_left_out.join(", "));
    let orders: i64 = ended.orders.iter().sum();
    let left_out = plan.left_out.len();
    let _ = writeln!(text, "{} steps; of {orders} orders {left_out} left out", plan.steps);
    for line in &ended.log {
        let _ = writeln!(text, "{line}");
    }
    if let Some((at, violation)) = &ended.violation {
        let _ = writeln!(text, "step {at}: {}: {}", violation.rule, violation.told);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let document = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = format!("before\n{BEGIN}\nnew\n{END}\nafter\n");
        assert_eq!(replaced(&document, "new\n"), Ok(new));
        assert!(replaced("no marks", "new").is_err());
    }
}
