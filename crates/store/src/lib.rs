//! REMEMBERS: the only SQL of the project, SQLite and PostgreSQL behind one seam. Public
//! functions take and give domain values, never SQL or a row. It must not decide anything and
//! must not call the network, except its own database.

pub mod access;
pub mod availability;
pub mod businesses;
pub mod disputes;
pub mod events;
pub mod exports;
pub mod faults;
pub mod figures;
pub mod holds;
pub mod hotels;
pub mod idempotency;
pub mod ids;
pub mod jobs;
pub mod listings;
pub mod locations;
pub mod migrate;
pub mod payment_accounts;
pub mod payments;
pub mod plan_rates;
pub mod prices;
pub mod quotes;
pub mod rates;
pub mod reservations;
pub mod room_nights;
pub mod room_types;
pub mod rooms;
pub mod sql;
pub mod tariffs;
pub mod testing;
pub mod verify;
pub mod vitals;
pub mod work_items;
