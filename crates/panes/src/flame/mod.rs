//! Panes of profiles: where threads spend their time, as frames below those that called them.

mod activity;
mod layout;
mod model;
mod tree;

use std::rc::Rc;

pub use activity::Activity;
pub use layout::{Layout, Piece, layout};
pub use model::{Facts, FlameModel, place};
pub use tree::{Node, Sum, Tree, sums};

use super::{Group, Pane, Picture};
use base::fmt;
use feed::pool::DashboardPage;
use feed::profile::Profile;
use feed::session::Asked;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 2] = [
    Pane {
        id: "profile",
        title: "Profile",
        group: Group::Work,
        words: "flame graph functions code samples time individual-profile",
        pages: &[DashboardPage::Profile],
        read: workers,
    },
    Pane {
        id: "profile-server",
        title: "Profile of the scheduler",
        group: Group::Scheduler,
        words: "flame graph event loop functions code individual-profile-server",
        pages: &[DashboardPage::ProfileServer],
        read: scheduler,
    },
];

/// What is said on a Python whose page calls profiling off, though its workers sample.
const ELEVEN: &str = "Dask calls profiling off on Python 3.11, where it can make a process stand still \
    (dask/distributed issue 8616), and greys out its own buttons. Its workers sample their tasks all \
    the same, and asking for it works.";
/// What is said of workers' samples.
const CALLERS: &str = "Dask counts callers: the innermost function of a sample is no frame here, its \
    time is that of the one that called it.";
/// What is said of a scheduler's samples.
const SELDOM: &str = "Dask looks at its event loop once a second and counts each look as 10 ms: shares are \
    right, seconds are those of the looks. Looks at an idle loop are left out.";
/// What is said of a scheduler that samples nothing for that reason.
const ELEVEN_SERVER: &str = "Dask does not sample event loops on Python 3.11, where it can make a \
    process stand still (dask/distributed issue 8616). On any other Python this pane shows where the \
    scheduler spends its time.";
/// What is said where the configuration switches it off.
const OFF: &str = "Profiling is switched off: distributed.worker.profile.enabled is false in the \
    scheduler's configuration. It is for its event loop as for the workers' tasks, and on by default.";
/// What is said where there are no samples, and no word why.
const NONE_YET: &str = "No samples. Dask looks every 10 ms at what the threads of its workers do: run \
    something, then press Update. Workers whose configuration has distributed.worker.profile.enabled: \
    false take none.";
/// The same of a scheduler.
const NONE_SERVER: &str = "No samples of the scheduler's event loop yet. Press Update for what was \
    seen meanwhile. It takes none where distributed.worker.profile.enabled is false, nor on Python 3.11.";
/// The same of a choice that a person made.
const NONE_OF_THIS: &str = "No samples for this selection. Select another time, or All.";

/// A profile, and what can be asked of it.
#[derive(Clone, Debug)]
pub struct Flame {
    /// The page it is from.
    pub page: DashboardPage,
    /// What was sampled.
    pub profile: Rc<Profile>,
    /// The prefixes that there are profiles of, `All` first; empty where there is no choice.
    pub options: Vec<String>,
    /// The one that is shown.
    pub value: String,
    /// What was asked of the page.
    pub asked: Asked,
    /// Whether a new one can be asked for.
    pub can_update: bool,
    /// What has to be said about it.
    pub remarks: [Option<&'static str>; 2],
    /// Why there is nothing to see.
    pub empty: Option<&'static str>,
    /// What stands in the pane's head.
    pub note: String,
}

impl PartialEq for Flame {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.profile, &other.profile)
            && self.note == other.note
            && self.asked == other.asked
            && self.value == other.value
            && self.options == other.options
            && (self.remarks, self.empty) == (other.remarks, other.empty)
    }
}

fn workers(view: &Snapshot<'_>) -> Option<Picture> {
    flame(view, DashboardPage::Profile)
}

fn scheduler(view: &Snapshot<'_>) -> Option<Picture> {
    flame(view, DashboardPage::ProfileServer)
}

fn flame(view: &Snapshot<'_>, page: DashboardPage) -> Option<Picture> {
    let whole = view.whole(page)?;
    let profile = whole.profile.clone()?;
    let server = page == DashboardPage::ProfileServer;
    let bare = profile.total() <= 0.0;
    let off = whole.title.contains("disabled");
    let eleven = off && whole.title.contains("3.11");
    let chosen = whole.asked.between.is_some()
        || whole.controls.options.first().is_some_and(|all| *all != whole.controls.value);
    if off && bare && (server || !eleven) {
        return Some(Picture::Nothing(if eleven { ELEVEN_SERVER } else { OFF }));
    }
    let below = if server { SELDOM } else { CALLERS };
    let remarks = [(eleven && !server).then_some(ELEVEN), (!bare).then_some(below)];
    let empty = bare.then_some(match (chosen, server) {
        (true, _) => NONE_OF_THIS,
        (false, false) => NONE_YET,
        (false, true) => NONE_SERVER,
    });
    let age = fmt::secs(((view.now_ms - profile.at_ms) / 1000.0).floor().max(0.0));
    let note = match (whole.asked.pending, whole.asked.refused) {
        (true, _) => "requested".to_owned(),
        (_, true) => {
            "the scheduler could not make this profile; the previous one is shown".to_owned()
        }
        _ if bare => format!("asked {} ago", whole_seconds(&age)),
        _ => format!(
            "{} of {}, made {} ago",
            fmt::secs(profile.total()),
            if server { "the event loop" } else { "busy threads" },
            whole_seconds(&age)
        ),
    };
    Some(Picture::Flame(Flame {
        page,
        options: whole.controls.options.clone(),
        value: whole.controls.value.clone(),
        asked: whole.asked.clone(),
        can_update: whole.controls.can_update(),
        profile,
        remarks,
        empty,
        note,
    }))
}

/// Without decimals that only ever are zeros.
fn whole_seconds(words: &str) -> String {
    words.replace(".00 s", " s")
}
