//! Goal: the pages book, show and change what the use cases allow, say no in words, and open
//! nothing to whoever has no right to it.
//! Method: the whole router in process on one hotel, with a clock that the test turns; a browser
//! of ours keeps cookies and sends the forms that pages really contain.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod answers;
mod book;
mod desk;
mod locked;
mod manage;
mod site;
