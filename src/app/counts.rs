//! A scheduler's totals, from `<dashboard>/json/counts.json`.

use crate::feed::{counts, metrics};

/// Totals at one moment.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Workers that have arrived.
    pub workers: u32,
    /// Their threads.
    pub cores: u32,
    /// Connected clients; the scheduler counts itself as one.
    pub clients: u32,
    /// Tasks being computed.
    pub processing: u64,
    /// Tasks waiting for others.
    pub waiting: u64,
    /// Results held.
    pub memory: u64,
    /// Tasks the scheduler knows.
    pub tasks: u64,
    /// Tasks that failed.
    pub erred: u64,
    /// Changes of a task's state since the scheduler began, where that was asked for and is counted
    /// (it takes `prometheus_client` beside the scheduler): tells of work between two looks.
    pub transitions: Option<u64>,
}

impl Counts {
    /// Reads the document; a missing or odd number counts as zero, no object as nothing at all.
    pub fn parse(text: &str) -> Option<Self> {
        let wire = counts::parse(text)?;
        // Casts saturate: a number below zero is zero.
        Some(Self {
            workers: wire.workers as u32,
            cores: wire.cores as u32,
            clients: wire.clients as u32,
            processing: wire.processing as u64,
            waiting: wire.waiting as u64,
            memory: wire.memory as u64,
            tasks: wire.tasks as u64,
            erred: wire.erred as u64,
            transitions: None,
        })
    }

    /// Adds what `/metrics` counts.
    #[must_use]
    pub fn with_metrics(self, text: &str) -> Self {
        Self { transitions: metrics::parse(text).map(|made| made.transitions as u64), ..self }
    }

    /// Whether nothing runs and nothing waits.
    pub fn is_idle(self) -> bool {
        self.processing == 0 && self.waiting == 0
    }

    /// People connected, without the scheduler's own client.
    pub fn people(self) -> u32 {
        self.clients.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerant() {
        let counts = Counts::parse(
            r#"{"bytes": 76580, "clients": 2, "cores": 4, "erred": 0, "processing": 6,
                "tasks": 5050, "waiting": 1539, "workers": 2, "desired_workers": 2, "memory": -1}"#,
        );
        let want = Counts {
            workers: 2,
            cores: 4,
            clients: 2,
            processing: 6,
            waiting: 1539,
            tasks: 5050,
            ..Counts::default()
        };
        assert_eq!(counts, Some(want));
        assert!(!want.is_idle());
        assert_eq!(want.people(), 1);
        assert!(Counts::parse(r#"{"workers": 0}"#).is_some_and(Counts::is_idle));
        assert_eq!(Counts::parse("500 Internal Server Error"), None);
        assert_eq!(Counts::parse("{}"), None);
    }
}
