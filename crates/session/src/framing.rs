//! Pages of others around this one.
//!
//! A page that shows ours in a frame can lay a picture of its own over it, so that people press our buttons without
//! knowing. Inside of a page that nobody vouches for, what ends work, costs money or throws something away is
//! refused: here, by kind, and not at each button.

use std::rc::Rc;

use crate::action::{Action, Call};
use crate::state::{Dialog, Entry, State};

/// Whether an action ends work, costs money, throws away what a person has kept, or lets this page contact somebody
/// new; `open` is the question that is open. Every action has its place here: a new one does not compile
/// without.
pub fn is_risky(action: &Action, open: Option<&Dialog>) -> bool {
    match action {
        Action::Create(_)
        | Action::ForgetPast
        | Action::Preset(..)
        | Action::Scale(..)
        | Action::Adapt { .. }
        | Action::AdaptStop(_)
        | Action::SetScope(..)
        | Action::Watch(_) => true,
        Action::Ask(dialog) => is_risky_question(dialog),
        Action::Confirm => open.is_some_and(is_risky_question),
        // What the browser, the clock and the gateway say, and what only changes what is shown.
        Action::Start { .. }
        | Action::Arrived(_)
        | Action::Go(_)
        | Action::Moved(_)
        | Action::Tick { .. }
        | Action::Probed(_)
        | Action::Remembered(_)
        | Action::KeptElsewhere(_)
        | Action::WatchedElsewhere(_)
        | Action::Answer { .. }
        | Action::Counted { .. }
        | Action::Refresh
        | Action::ClearCreation
        | Action::TryAgain(_)
        | Action::ClearMessage(_)
        | Action::Cancel
        | Action::Say(_)
        // Signing in takes a secret that only the person has; signing out and forgetting an answer lose nothing.
        | Action::Connect { .. }
        | Action::SignInAgain(_)
        | Action::GiveUp
        | Action::Visited { .. }
        | Action::AskOptions
        | Action::SignOut
        | Action::Unwatch(_) => false,
    }
}

fn is_risky_question(dialog: &Dialog) -> bool {
    match dialog {
        Dialog::Shutdown(_)
        | Dialog::ShutdownAll
        | Dialog::ScaleZero(_)
        | Dialog::OddAdapt { .. } => true,
        Dialog::Keys | Dialog::Framed => false,
    }
}

impl State {
    /// Whether a request may leave this page. Inside a stranger's page only those that change nothing do, whatever
    /// asks for them: Auto stop asks without a press.
    pub fn may_send(&self, call: &Call) -> bool {
        let changes = match call {
            Call::Create(_) | Call::Scale(..) | Call::Adapt(..) | Call::Delete(_) => true,
            Call::Version | Call::Options | Call::List | Call::Get(_) => false,
        };
        self.framed.is_none() || !changes
    }

    /// Clusters that end when this page is closed for good.
    pub fn ending_with_page(&self) -> Vec<Rc<Entry>> {
        if !self.is_in() || self.framed.is_some() {
            return Vec::new();
        }
        let ends = |entry: &&Rc<Entry>| entry.scope.on_close && entry.is_live();
        self.clusters.values().filter(ends).cloned().collect()
    }
}
