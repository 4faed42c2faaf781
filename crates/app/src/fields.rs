//! Defects of fields as `domain` tells them, turned into what a caller is told: a pointer into the
//! request, a code, and a sentence.

use vacancy_domain::hotels::{Defect, Wrong};

use crate::errors::{Error, FieldError};

/// Refuses unless there is nothing wrong.
pub fn invalid_unless_clean(defects: Vec<Defect>) -> Result<(), Error> {
    let errors = under("", &defects);
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// The defects of a part of the request: `/roomTypes/0`.
#[must_use]
pub fn under(parent: &str, defects: &[Defect]) -> Vec<FieldError> {
    let error = |defect: &Defect| {
        FieldError::new(
            format!("{parent}/{}", defect.field),
            defect.wrong.code(),
            sentence(defect.wrong),
        )
    };
    defects.iter().map(error).collect()
}

fn sentence(wrong: Wrong) -> String {
    match wrong {
        Wrong::Missing => "is missing".to_owned(),
        Wrong::TooLong { chars_max } => format!("is longer than {chars_max} characters"),
        Wrong::TooMany { count_max } => format!("has more than {count_max} entries"),
        Wrong::OutOfRange { min, max } => format!("must be from {min} to {max}"),
        Wrong::Malformed => "does not have the form it must have".to_owned(),
        Wrong::Unknown => "names nothing that exists".to_owned(),
        Wrong::Cycle => "comes back to itself".to_owned(),
        Wrong::Taken => "another one has it already".to_owned(),
    }
}
