//! The pages people see: plain HTML that works without JavaScript, on small phones and bad lines.
//!
//! `views` holds one struct per page, `format` the only place where money and dates become text,
//! `links` every page address, `assets` the style sheet, `pictures` the generated drawings.
//! `router` lists the routes; `guest`, `staff`, `sandbox` and `razorpay` hold one file per page, which
//! asks use cases of `app` and fills a view with their answers. Nothing here decides.

pub mod answer;
pub mod asked;
pub mod assets;
pub mod cookies;
pub mod countries;
pub mod elsewhere;
pub mod files;
pub mod format;
pub mod forms;
pub mod guest;
pub mod links;
pub mod origin;
pub mod pictures;
pub mod problems;
pub mod razorpay;
pub mod router;
pub mod sandbox;
pub mod shown;
pub mod staff;
pub mod views;
pub mod visitor;
