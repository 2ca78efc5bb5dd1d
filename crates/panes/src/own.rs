//! Pages of Dask's dashboard as they are, in a frame: the whole of its menu, and whatever other page is
//! named.

use super::{Group, Pane, Picture};

/// What the ids of these panes begin with; the page's name follows, as it stands in its address.
const PREFIX: &str = "dask:";

/// Dask's page of GPUs.
pub const GPU: &str = "dask:gpu";

macro_rules! own {
    ($name:literal, $title:literal, $words:literal) => {
        Pane {
            id: concat!("dask:", $name),
            title: concat!("Dask's page: ", $title),
            group: Group::Own,
            words: $words,
            pages: &[],
            read: |_| Some(Picture::Own(concat!("dask:", $name))),
        }
    };
}

/// The panes of this kind: Dask's menu, and its pages that are in no menu.
pub(super) const PANES: [Pane; 16] = [
    own!("status", "Status", "front page"),
    own!("workers", "Workers", "table"),
    own!("tasks", "Tasks", "stream history"),
    own!("system", "System", "scheduler"),
    own!("profile", "Profile", "flame"),
    own!("graph", "Graph", "tasks"),
    own!("groups", "Groups", "task groups"),
    own!("info", "Info", "workers logs call stacks tasks"),
    own!("gpu", "GPU", "nvidia"),
    own!("hardware", "Hardware", "bandwidth; opening it makes the workers measure"),
    own!("shuffle", "Shuffle", "p2p"),
    own!("stealing", "Stealing", "balance"),
    own!("events", "Events", "workers joined left"),
    own!("exceptions", "Exceptions", "errors"),
    own!("counters", "Counters", "messages"),
    own!("profile-server", "Profile of the scheduler", "flame"),
];

/// The path of the page that `#/panel/dask:<name>` names, below the dashboard's address; none where it
/// names no page that may be opened.
pub fn path_of(id: &str) -> Option<String> {
    let name = id.strip_prefix(PREFIX)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // Looking at the stream of events breaks something on the scheduler.
    let fine = !name.is_empty() && name.bytes().all(plain) && name != "eventstream";
    fine.then(|| match name {
        // Where its own redirect leads; behind a proxy that would lead elsewhere.
        "info" => "/info/main/workers.html".into(),
        _ => format!("/{name}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_are_opened() {
        for (id, path) in [
            ("dask:individual-cpu", Some("/individual-cpu")),
            ("dask:info", Some("/info/main/workers.html")),
            ("dask:eventstream", None),
            ("dask:../x", None),
            ("dask:/evil.example", None),
            ("dask:", None),
            ("cpu", None),
        ] {
            assert_eq!(path_of(id).as_deref(), path, "{id}");
        }
        assert!(PANES.iter().all(|pane| path_of(pane.id).is_some()));
    }
}
