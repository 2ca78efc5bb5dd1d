//! L0: the vocabulary every other module shares. No input or output.

pub mod alias;
pub mod clock;
pub mod csv;
pub mod date;
pub mod dict;
pub mod exact;
pub mod fmt;
pub mod hash;
pub mod intern;
pub mod json;
pub mod number;
pub mod observable;
pub mod percent;
pub mod sort;
pub mod task;
pub mod time;
