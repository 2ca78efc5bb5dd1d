//! L4: what a person sees.
pub mod mount;
