//! What is remembered of a page that is talked to.

use std::rc::Rc;

use super::super::profile::Profile;
use super::types::Asked;

/// A page that is talked to.
#[derive(Default, Debug)]
pub(super) struct Talk {
    pub asked: Asked,
    pub profile: Option<Rc<Profile>>,
    /// The number of the last message that asked for something.
    pub number: u64,
    /// The selection that `asked` speaks of: it is another one in another session on the server.
    pub selection: String,
    pub turn: bool,
}
