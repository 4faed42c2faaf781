//! The door for staff: they sign in with the admin key.

use askama::Template;

use super::parts::{Field, FieldError, errors};
use crate::pages::links;

/// Form: POST `/staff/sign-in` with `adminKey` and the hidden `next` (a path of ours).
#[derive(Debug, Clone, Template)]
#[template(path = "staff_sign_in.html")]
pub struct StaffSignIn {
    pub action: String,
    pub next: String,
    pub key: Field,
}

impl StaffSignIn {
    pub fn empty(next: &str) -> Self {
        Self {
            action: links::STAFF_SIGN_IN.to_owned(),
            next: next.to_owned(),
            key: Field {
                name: "adminKey",
                label: "Admin key",
                kind: "password",
                autocomplete: "current-password",
                hint: "It stands in the file admin-key of the data folder.",
                max_length: 200,
                ..Field::default()
            },
        }
    }

    /// The key is never sent back into the page.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.key = self.key.with_error("This key does not open the door. Check it and try again.");
        self
    }

    pub fn errors(&self) -> Vec<FieldError<'_>> {
        errors(&[&self.key])
    }
}
