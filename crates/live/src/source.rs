//! What the live panes are about: where a scheduler's dashboard is, and its totals.

/// A scheduler's dashboard, whichever way leads to it.
#[derive(Clone, Eq, PartialEq, Hash, Debug)]
pub struct Source {
    /// Root of the dashboard as an absolute http(s) address without a trailing slash.
    pub base: String,
    /// What to call it on screen.
    pub label: String,
}

impl Source {
    /// The websocket address of a page (`/individual-progress/ws`).
    pub fn socket_url(&self, path: &str) -> String {
        base::url::socket(&self.base) + path
    }
}

/// A cluster in numbers, as its workers last reported them.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct Totals {
    /// Workers that have arrived.
    pub workers: u32,
    /// Their threads.
    pub threads: u32,
    /// Memory they may use, bytes.
    pub memory_limit: f64,
    /// Memory their processes use, bytes.
    pub memory_used: f64,
    /// Cores busy (1.0 = one core).
    pub cpu: f64,
    /// Tasks being worked on.
    pub processing: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_follow_the_scheme() {
        let source =
            Source { base: "https://hub.example/a/clusters/x".into(), label: String::new() };
        assert_eq!(source.socket_url("/tasks/ws"), "wss://hub.example/a/clusters/x/tasks/ws");
        let source = Source { base: "http://127.0.0.1:8787".into(), label: String::new() };
        assert_eq!(source.socket_url("/tasks/ws"), "ws://127.0.0.1:8787/tasks/ws");
    }
}
