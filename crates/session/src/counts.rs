//! A scheduler's totals, from `<dashboard>/json/counts.json`, `/metrics` and `/json/identity.json`.

use feed::{counts, identity, metrics};

/// What the workers say of themselves, apart from tasks.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Workers {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// They were asked, and may tell the next time.
    Unknown,
    /// This scheduler does not tell.
    NotTold,
    /// Their latest heartbeats.
    Told {
        /// CPU of the busiest one, in percent of one core.
        cpu: u32,
        /// The heartbeat that is longest ago, ms since the epoch on the scheduler's clock.
        heard: u64,
    },
}

/// Totals at one moment.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Workers that have arrived.
    pub workers: u32,
    /// Those of them that have room for tasks and take them.
    pub idle_workers: u32,
    /// Their threads.
    pub cores: u32,
    /// Connected clients; the scheduler counts itself as one.
    pub clients: u32,
    /// Tasks being computed.
    pub processing: u64,
    /// Tasks waiting for others.
    pub waiting: u64,
    /// Results held; one that several workers hold counts as often.
    pub memory: u64,
    /// Tasks the scheduler knows.
    pub tasks: u64,
    /// Tasks that failed.
    pub erred: u64,
    /// Tasks whose results were released.
    pub released: u64,
    /// Tasks that cannot run.
    pub unrunnable: u64,
    /// Tasks that have not ended, queued ones included, by the scheduler's metrics, where those are.
    pub unfinished_by_metrics: Option<u64>,
    /// Changes of a task's state since the scheduler began, where that was asked for and is counted
    /// (it takes `prometheus_client` beside the scheduler): tells of work between two looks.
    pub transitions: Option<u64>,
    /// What the workers say of themselves.
    pub said: Workers,
}

impl Counts {
    /// Reads the document; a missing or odd number counts as zero, no object as nothing at all.
    pub fn parse(text: &str) -> Option<Self> {
        let wire = counts::parse(text)?;
        // Casts saturate: a number below zero is zero.
        Some(Self {
            workers: wire.workers as u32,
            idle_workers: wire.idle as u32,
            cores: wire.cores as u32,
            clients: wire.clients as u32,
            processing: wire.processing as u64,
            waiting: wire.waiting as u64,
            memory: wire.memory as u64,
            tasks: wire.tasks as u64,
            erred: wire.erred as u64,
            released: wire.released as u64,
            unrunnable: wire.unrunnable as u64,
            ..Self::default()
        })
    }

    /// Adds what `/metrics` counts.
    #[must_use]
    pub fn with_metrics(self, text: &str) -> Self {
        let metrics = metrics::parse(text);
        Self {
            transitions: metrics.map(|made| made.transitions as u64),
            unfinished_by_metrics: metrics.and_then(|made| made.unfinished).map(|n| n as u64),
            ..self
        }
    }

    /// Adds what `/json/identity.json` answered: its status and text, or nothing.
    #[must_use]
    pub fn with_identity(self, answer: Option<(u16, &str)>) -> Self {
        let said = match answer {
            Some((200, text)) => match identity::parse(text) {
                Some(workers) => Workers::Told {
                    cpu: workers.busiest_cpu.round() as u32,
                    heard: (workers.oldest_heartbeat * 1e3).round() as u64,
                },
                None => Workers::Unknown,
            },
            Some((401 | 403 | 404, _)) => Workers::NotTold,
            // Status 500 is how it answers while its workers run tasks.
            _ => Workers::Unknown,
        };
        Self { said, ..self }
    }

    /// Tasks that have not ended, as far as the totals tell. They have no number of queued tasks, so those
    /// are what is left of all tasks without the others.
    pub fn unfinished(self) -> u64 {
        let ended = self.memory.saturating_add(self.erred).saturating_add(self.released);
        (self.processing + self.waiting + self.unrunnable)
            .max(self.tasks.saturating_sub(ended))
            .max(self.unfinished_by_metrics.unwrap_or(0))
    }

    /// Whether tasks may be queued that [`unfinished`](Self::unfinished) does not see: copies of results
    /// count as results, and workers that take no tasks (paused ones, say) leave them queued.
    pub fn may_hide_tasks(self) -> bool {
        self.unfinished_by_metrics.is_none() && self.memory > 0 && self.idle_workers < self.workers
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
        assert_eq!(want.people(), 1);
        assert_eq!(Counts::parse("500 Internal Server Error"), None);
        assert_eq!(Counts::parse("{}"), None);
    }

    #[test]
    fn tasks_without_a_number_of_their_own_are_unfinished() {
        // Recorded: fifty queued tasks before the first worker.
        let queued = r#"{"tasks": 50, "processing": 0, "waiting": 0, "workers": 0, "memory": 0}"#;
        assert_eq!(Counts::parse(queued).map(Counts::unfinished), Some(50));
        let done = Counts { tasks: 12, memory: 20, erred: 1, released: 1, ..Counts::default() };
        assert_eq!(done.unfinished(), 0, "copies of results are no tasks less");
        assert_eq!(Counts { unrunnable: 1, ..done }.unfinished(), 1);
        let text = "dask_scheduler_prefix_state_totals_total{state=\"queued\",task_prefix_name=\"a\"} 3\n\
             dask_scheduler_tasks{state=\"queued\"} 3.0\n";
        assert_eq!(done.with_metrics(text).unfinished(), 3);
        let paused = Counts { workers: 2, idle_workers: 1, ..done };
        assert!(paused.may_hide_tasks() && !paused.with_metrics(text).may_hide_tasks());
    }

    #[test]
    fn workers_are_unknown_unless_they_tell() {
        let said = |answer| Counts::default().with_identity(answer).said;
        assert_eq!(said(None), Workers::Unknown);
        assert_eq!(said(Some((500, ""))), Workers::Unknown);
        assert_eq!(said(Some((404, ""))), Workers::NotTold);
        assert_eq!(said(Some((200, "<html>"))), Workers::Unknown);
        let text = r#"{"workers": {"a": {"last_seen": 1.5, "metrics": {"cpu": 99.6}}}}"#;
        assert_eq!(said(Some((200, text))), Workers::Told { cpu: 100, heard: 1_500 });
    }
}
