//! Pages of a list on the wire: the two parameters and the envelope. What a cursor holds and
//! how many items are too many is `app`'s.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_app::cursors;

/// The two parameters of every list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Asks for the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page with each item in its wire form.
    pub fn of<A>(page: cursors::Page<A>, wire: impl FnMut(A) -> T) -> Page<T> {
        let cursors::Page { items, next_cursor } = page;
        Page { items: items.into_iter().map(wire).collect(), next_cursor }
    }
}
