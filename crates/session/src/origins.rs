//! Origins, as people and sites write them.

use gateway::Address;

/// An origin (`https://host`, with a port where it is not the usual one) as browsers write it; none for anything
/// else, such as an address with a path.
pub fn origin(text: &str) -> Option<String> {
    let text = text.trim();
    let address = text.contains("://").then(|| Address::parse_whole(text, None).ok())??;
    (address.path().is_empty() && !text.contains(['?', '#'])).then(|| address.to_string())
}
