//! Pieces that several pages share: form fields, links, prices, the stay in short.
//!
//! They are shown by the macros of `templates/parts`. A piece must not know which page it is on.

use std::borrow::Cow;

/// One labelled input. Its id is `name`, its error stands beside it and in the summary on top.
#[derive(Debug, Clone, Default)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    /// The `type` of the input: `text`, `email`, `tel`, `date`, `password`.
    pub kind: &'static str,
    /// The `autocomplete` token, `off` where none fits.
    pub autocomplete: &'static str,
    /// Said under the label; may be empty.
    pub hint: &'static str,
    pub value: String,
    pub max_length: u32,
    /// What is wrong with the value, as a sentence the guest can act on.
    pub error: Option<String>,
}

impl Field {
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        value.clone_into(&mut self.value);
        self
    }

    #[must_use]
    pub fn with_error(mut self, error: &str) -> Self {
        self.error = Some(error.to_owned());
        self
    }
}

/// The errors of these fields in the order of the page, for the summary that takes the focus.
pub fn errors<'a>(fields: &[&'a Field]) -> Vec<FieldError<'a>> {
    fields
        .iter()
        .filter_map(|field| {
            field.error.as_deref().map(|message| FieldError { name: field.name, message })
        })
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError<'a> {
    pub name: &'static str,
    pub message: &'a str,
}

/// One labelled list to choose from.
#[derive(Debug, Clone)]
pub struct Select {
    pub name: String,
    pub label: String,
    pub options: Vec<Choice>,
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_selected: bool,
}

/// `first..=last` as choices, worded by `label`.
pub fn number_choices(
    first: i64,
    last: i64,
    selected: i64,
    label: impl Fn(i64) -> String,
) -> Vec<Choice> {
    (first..=last)
        .map(|number| Choice {
            value: number.to_string(),
            label: label(number),
            is_selected: number == selected,
        })
        .collect()
}

/// A hidden field: what the form must carry but the guest does not type.
#[derive(Debug, Clone)]
pub struct Hidden {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone)]
pub struct Link {
    pub label: String,
    pub href: String,
}

/// A drawing with its words; `alt` is empty where it only decorates.
#[derive(Debug, Clone)]
pub struct Picture {
    pub src: String,
    pub alt: String,
}

/// What the guest takes, in short: the card beside a form.
#[derive(Debug, Clone)]
pub struct StayCard {
    pub hotel_name: String,
    pub hotel_href: String,
    /// "Rua das Flores 12, Lisbon, Portugal"
    pub address: String,
    pub picture_src: String,
    /// "Wed 10 Mar 2027", and under it "from 15:00".
    pub check_in: String,
    pub check_in_time: String,
    pub check_out: String,
    pub check_out_time: String,
    pub nights: String,
    /// "2 × Deluxe double", one per room type.
    pub rooms: Vec<String>,
    pub guests: String,
}

/// How a price is made up. The parts add up to the total; the caller proves it, not the page.
#[derive(Debug, Clone)]
pub struct PriceTable {
    pub rooms: Vec<RoomPrice>,
    /// "City tax 6 %" and its amount.
    pub taxes: Vec<Amount>,
    pub total: String,
    /// "All taxes included. Charged in euro by the hotel."
    pub note: String,
}

#[derive(Debug, Clone)]
pub struct RoomPrice {
    /// "2 × Deluxe double"
    pub label: String,
    pub amount: String,
    pub nights: Vec<Amount>,
}

/// A line of a price: what for, how much.
#[derive(Debug, Clone)]
pub struct Amount {
    pub label: String,
    pub amount: String,
}

/// A state in a few words with its colour.
#[derive(Debug, Clone)]
pub struct Badge {
    pub label: Cow<'static, str>,
    pub tone: Tone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Calm,
    Good,
    Warn,
    Bad,
}

impl Tone {
    /// The class in the style sheet. Colour never stands alone: the label says the same.
    pub fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A hotel with room for these dates, offered where something else failed.
#[derive(Debug, Clone)]
pub struct Offer {
    pub href: String,
    pub picture_src: String,
    /// "Deluxe double at Casa do Limoeiro", or "Same room, 11 – 13 Mar 2027".
    pub title: String,
    /// "Alfama · 2 rooms left"
    pub detail: String,
    pub price: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_lists_errors_in_the_order_of_the_page() {
        let name = Field { name: "guestName", ..Field::default() }.with_error("Enter your name");
        let email = Field { name: "email", ..Field::default() };
        let phone = Field { name: "phone", ..Field::default() }.with_error("Too long");
        let listed = errors(&[&name, &email, &phone]);
        let names: Vec<_> = listed.iter().map(|error| error.name).collect();
        assert_eq!(names, ["guestName", "phone"]);
    }

    #[test]
    fn numbers_to_choose_from_mark_the_chosen_one() {
        let choices = number_choices(1, 3, 2, |number| format!("{number} rooms"));
        let marked: Vec<_> =
            choices.iter().filter(|c| c.is_selected).map(|c| c.label.as_str()).collect();
        assert_eq!(marked, ["2 rooms"]);
        assert_eq!(choices.len(), 3);
    }
}
