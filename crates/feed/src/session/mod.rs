//! The state machine of one page's websocket: events in, commands out, no clock and no socket of
//! its own.
//!
//! The caller owes it this: times are Unix ms from a clock that never goes back; every
//! [`Command`] is carried out in order; after [`Command::Close`] and before the next
//! [`Command::Connect`] has opened, nothing of the old socket is reported; the newest
//! [`Command::Wake`] replaces the one before and leads to one [`Event::Tick`].

mod ask;
mod inbox;
mod machine;
mod repeat;
mod talk;
mod types;

pub use machine::Session;
pub use types::{
    Ask, Asked, Command, Config, Counters, DocumentSnapshot, Event, Server, State, Update,
};
