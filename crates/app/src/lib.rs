//! DOES: one file per use case: load, decide, apply. The desk, through which every change of stock
//! goes; jobs; imports. No SQL, no HTTP, no wire forms.

pub mod access;
pub mod alternatives;
pub mod availability;
pub mod businesses;
pub mod calendar;
pub mod cursors;
pub mod demo;
pub mod desk;
pub mod encodings;
pub mod errors;
pub mod exports;
pub mod fields;
pub mod holds;
pub mod hotels;
pub mod ids;
pub mod import;
pub mod inventory;
pub mod jobs;
pub mod listings;
pub mod locations;
pub mod once;
pub mod payments;
pub mod pricing;
pub mod quotes;
pub mod rates;
pub mod reservations;
pub mod room_types;
pub mod rooms;
pub mod tariffs;
pub mod verify;
pub mod work_items;
