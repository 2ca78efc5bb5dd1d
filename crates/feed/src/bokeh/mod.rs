//! The Bokeh server protocol, as far as Dask's dashboards use it (Bokeh 2.4 to 3.9).

pub mod controls;
pub mod document;
pub mod encoding;
pub mod event;
pub mod frame;
pub(super) mod json;
pub mod message;
pub mod table;
pub mod token;
pub mod value;

use std::fmt;

/// Something that could not be read. Nothing is applied of a message in doubt; whoever keeps a
/// document asks for it anew.
#[derive(Clone, PartialEq, Debug)]
pub struct DecodeError(pub String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}
