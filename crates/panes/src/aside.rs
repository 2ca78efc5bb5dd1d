//! Panes that are no picture of one page: advice, logs, call stacks.

use super::{Group, Pane, Picture};
use feed::pool::DashboardPage;

/// The panes of this kind.
pub(super) const PANES: [Pane; 3] = [
    Pane {
        id: "advice",
        title: "Advice",
        group: Group::Work,
        words: "lints hints help performance spilling stragglers idle restarts environment versions mismatch",
        pages: &[DashboardPage::Workers, DashboardPage::Progress, DashboardPage::Contention],
        read: |view| view.workers.map(|_| Picture::Advice),
    },
    Pane {
        id: "logs",
        title: "Logs",
        group: Group::Scheduler,
        words: "log messages warnings errors stderr scheduler workers info/main/logs.html info/logs",
        pages: &[DashboardPage::Workers],
        read: |view| view.workers.map(|_| Picture::Logs),
    },
    Pane {
        id: "call-stacks",
        title: "Call stacks",
        group: Group::Work,
        words: "traceback running tasks where stuck hanging info/call-stacks",
        pages: &[DashboardPage::Workers],
        read: |view| view.workers.map(|_| Picture::CallStacks),
    },
];
