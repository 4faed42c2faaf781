//! Goal: what an operator does at night works as the commands say: a backup in the middle of running
//! bookings has everything that was answered before it began, a restore elsewhere is right and keeps
//! what was there, a broken file or a running server is refused, keys are made and taken back, the
//! doctor finds what is wrong.
//! Method: the real binary on each engine, guests who keep booking over HTTP, and the commands as a
//! person types them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod backups;
mod doctor;
mod guests;
mod keys;
mod place;
