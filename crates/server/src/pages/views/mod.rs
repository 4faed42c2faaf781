//! One plain struct per page, filled with ready-to-show strings, and nothing else.
//!
//! Each file names one template and says in its doc comment which fields its forms send. A view
//! must not call a use case, hold a domain value or know a currency: `format` has done that before.
//! Templates escape every value; none uses script or inline style.

pub mod amenities;
pub mod booking;
pub mod cancel;
pub mod change;
pub mod checkout;
pub mod confirmation;
pub mod details;
pub mod expired;
pub mod find_booking;
pub mod hand_off;
pub mod home;
pub mod hotel;
pub mod parts;
pub mod pay;
pub mod problem;
pub mod reasons;
pub mod results;
pub mod search_form;
pub mod staff_sign_in;
pub mod staff_today;
pub mod waiting;
