//! Who is around this page: the pages in whose frames it is shown.

use crate::config::Config;
use gateway::PageOrigin;

/// A page around this one that is neither this site's own nor one that `config.json` names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Foreign {
    /// Its origin, where the browser tells it.
    pub origin: Option<String>,
}

/// The nearest stranger among `ancestors`: origins of the pages around this one, none for a page whose origin the
/// browser keeps to itself. Whoever is unknown is a stranger.
pub fn foreign(
    ancestors: &[Option<String>],
    here: Option<&PageOrigin>,
    config: &Config,
) -> Option<Foreign> {
    let is_strange = |origin: &String| {
        here.is_none_or(|here| here.origin() != origin) && !config.frame_ancestors.contains(origin)
    };
    let stranger = ancestors.iter().find(|one| one.as_ref().is_none_or(is_strange))?;
    Some(Foreign { origin: stranger.clone() })
}
