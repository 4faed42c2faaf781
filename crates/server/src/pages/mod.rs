//! The pages people see: plain HTML that works without JavaScript, on small phones and bad lines.
//!
//! `views` holds one struct per page, `format` the only place where money and dates become text,
//! `links` every page address, `assets` the style sheet, `pictures` the generated drawings.
//! Nothing here decides: a view is filled with answers of `app` and only shown.

pub mod assets;
pub mod format;
pub mod links;
pub mod pictures;
pub mod views;
