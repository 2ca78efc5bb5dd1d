//! The model of the task stream: store, view and picture joined into what a canvas draws.
//!
//! It knows task intervals (`store`) and where they lie in pixels (`timeline`): what is in view, selected, searched
//! for and explained. It does not know where the intervals come from, no scheduler, no page and no browser: time is
//! an argument, and what is to be drawn comes back as pixels and rectangles.
//!
//! Feeds call [`TaskStreamModel::insert`], [`TaskStreamModel::shift`] and [`TaskStreamModel::set_gaps`]; the canvas
//! calls [`TaskStreamModel::turn`] once a frame and then takes what the answer says has changed. Pointer, wheel and
//! keys are plain method calls. All lengths are CSS px, except in the strips (device px).
//!
//! ```
//! use base::task::{Action, Interval, Rgb};
//! use base::time::Micros;
//! use daskscope_stream::{Size, TaskStreamModel};
//!
//! let mut stream = TaskStreamModel::default();
//! stream.insert(&Interval {
//!     key: "inc-1",
//!     key_is_json: false,
//!     prefix: "inc",
//!     action: Action::Compute,
//!     erred: false,
//!     worker: "tcp://10.0.0.1:4000",
//!     thread: "tcp://10.0.0.1:4000-1",
//!     start: Micros(1_000_000),
//!     duration: Micros(500_000),
//!     color: Rgb(70, 110, 200),
//!     timebase: 0,
//! });
//! let size = Size { width: 800.0, height: 300.0, scale: 1.0 };
//! stream.turn(&|| 0.0, Micros(2_000_000), size);
//! assert_eq!((stream.totals().tasks, stream.totals().workers), (1, 1));
//! ```

mod arrange;
#[cfg(test)]
mod ask_tests;
mod dating;
mod details;
mod draw;
mod frames;
mod hover;
mod input;
mod legend;
mod lines;
mod listing;
mod passes;
mod query;
mod rhythm;
mod rows;
mod search;
mod select;
#[cfg(test)]
mod tests;
mod totals;
mod turn;
mod view_history;
mod worker_counts;

pub use arrange::DisplayOptions;
pub use details::{Details, Family, Kin, Line, family_of, length};
pub use frames::{FrameStats, Frames, Phase};
pub use hover::HoverCard;
pub use input::REDO;
pub use legend::LegendItem;
pub use listing::{Listed, MOST as MOST_LISTED};
pub use query::{Completion, Fault, spoken};
pub use search::Matches;
pub use select::{COLUMNS, Selection, StatRow, sheet};
pub use totals::Totals;
pub use turn::Dirty;
pub use worker_counts::Change;

use arrange::Arranged;
use base::dict::Dict;
use base::task::Interval;
use base::time::{Micros, Span};
use input::Drag;
use store::{RetentionPolicy, RowRef, Store};
use timeline::columns::Column;
use timeline::layout::Layout;
use timeline::palette::{Palette, Theme};
use timeline::pixels::PixelMap;
use timeline::scene::Scene;
use timeline::strip::Strip;
use timeline::ticks::Zone;
use timeline::tiles::{RowKey, Tiles};
use timeline::view::{Mode, View};
use turn::{Painted, RATION};
use view_history::ViewHistory;
use worker_counts::WorkerCountHistory;

/// So many names of workers are kept, whether or not they are there or have rows.
const NAMES: usize = 2048;

/// The size of the canvas.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Size {
    /// CSS px.
    pub width: f64,
    /// CSS px.
    pub height: f64,
    /// Device px per CSS px.
    pub scale: f64,
}

/// A rectangle of the canvas, CSS px.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Area {
    /// Whether a point lies inside.
    pub fn holds(&self, x: f64, y: f64) -> bool {
        self.x <= x && x < self.x + self.w && self.y <= y && y < self.y + self.h
    }
}

/// The task stream.
#[derive(Clone, Debug)]
// Independent facts, each read by itself.
#[allow(clippy::struct_excessive_bools)]
pub struct TaskStreamModel {
    store: Store,
    view: View,
    layout: Layout,
    looks: DisplayOptions,
    /// What is kept at most, whatever a person chooses.
    site: RetentionPolicy,
    opened: Vec<RowKey>,
    /// The row that the keyboard holds.
    held: Option<RowKey>,
    tiles: Tiles,
    palette: Palette,
    strip: Strip,
    mini: Strip,
    scene: Scene,
    size: Size,
    plot: Area,
    mini_area: Area,
    pointer: Option<(f64, f64)>,
    drag: Drag,
    hover: Option<RowRef>,
    overlay_due: bool,
    painted: Painted,
    arranged: Arranged,
    travel: ViewHistory,
    supply: WorkerCountHistory,
    mini_made: (u64, u64, Size),
    mini_at: f64,
    now_drawn: f64,
    /// Grows when colours, legend, names, folding or what is said of missing tasks change.
    look: u64,
    /// The present moment where the tasks run, while it is known.
    now: Option<Micros>,
    live: bool,
    data: Option<Span>,
    zone: Zone,
    char_width: f64,
    names: Dict<String>,
    /// With so many names, those that nobody needs any more go.
    most_names: usize,
    labels: Vec<String>,
    arrived: u64,
    paused_at: Option<u64>,
    frames: Frames,
    map: PixelMap,
    mini_map: PixelMap,
    /// When the left edge of the picture is, µs: at most half a pixel from that of the view.
    left: f64,
    raw: Vec<Column>,
    main: Vec<Column>,
    aux: Vec<Column>,
    ration: usize,
    /// By row in sight: whether it is drawn from columns that are all ready.
    exact: Vec<bool>,
    /// Some columns are not ready yet and shown from another level.
    unready: bool,
    /// Whether earlier tasks exist, or may, that were not loaded.
    partial: bool,
    /// About how many tasks ended before the scheduler began to record.
    unrecorded: u64,
    /// Tasks of schedulers before this one that ended well and are, or were, held.
    earlier: u64,
    /// How many tasks ended before they began.
    backward: u64,
    filter: String,
    ask: search::Ask,
    /// When the last event happened, ms.
    event_ms: f64,
    /// When a person last touched the picture, ms on the clock of [`TaskStreamModel::turn`].
    touched_ms: f64,
    /// When something was last drawn, ms on the same clock.
    drawn_ms: f64,
}

impl Default for TaskStreamModel {
    fn default() -> Self {
        Self::new(Store::default())
    }
}

impl TaskStreamModel {
    /// Over a store, which may hold rows already.
    pub fn new(store: Store) -> Self {
        Self {
            partial: false,
            unrecorded: 0,
            earlier: 0,
            backward: 0,
            filter: String::new(),
            ask: search::Ask::default(),
            event_ms: 0.0,
            touched_ms: f64::NEG_INFINITY,
            drawn_ms: f64::NEG_INFINITY,
            view: View::default(),
            layout: Layout::default(),
            looks: DisplayOptions::default(),
            site: store.keep(),
            store,
            opened: Vec::new(),
            held: None,
            tiles: Tiles::default(),
            palette: Palette::new(Theme::DARK),
            strip: Strip::default(),
            mini: Strip::default(),
            scene: Scene::default(),
            size: Size::default(),
            plot: Area::default(),
            mini_area: Area::default(),
            pointer: None,
            drag: Drag::None,
            hover: None,
            overlay_due: true,
            painted: Painted { generation: u64::MAX, ..Painted::default() },
            arranged: Arranged::default(),
            travel: ViewHistory::default(),
            supply: WorkerCountHistory::default(),
            mini_made: (u64::MAX, 0, Size::default()),
            mini_at: f64::NEG_INFINITY,
            now_drawn: f64::NAN,
            look: 0,
            now: None,
            live: false,
            data: None,
            zone: Zone::Fixed(0),
            char_width: 6.6,
            names: Dict::default(),
            most_names: NAMES,
            labels: Vec::new(),
            arrived: 0,
            paused_at: None,
            frames: Frames::default(),
            map: PixelMap::default(),
            mini_map: PixelMap::default(),
            left: 0.0,
            raw: Vec::new(),
            main: Vec::new(),
            aux: Vec::new(),
            ration: RATION,
            exact: Vec::new(),
            unready: false,
        }
    }

    /// Takes in one interval, in any order.
    #[inline(never)]
    pub fn insert(&mut self, row: &Interval) {
        self.store.insert(row);
        self.arrived += 1;
    }

    /// Marks a span in which an unknown number of tasks was missed.
    pub fn add_gap(&mut self, span: Span) {
        self.store.add_gap(span);
    }

    /// Marks these in the place of all that were marked: a gap moves with the rows beside it, and may
    /// close. Says whether they are others.
    pub fn set_gaps(&mut self, gaps: Vec<Span>) -> bool {
        self.store.set_gaps(gaps)
    }

    /// Forgets all rows and gaps; the view follows again.
    pub fn clear(&mut self) {
        self.store.clear();
        self.earlier = 0;
        self.paused_at = None;
        self.tiles.clear();
        self.view = View::default();
        self.arranged = Arranged::default();
        self.travel = ViewHistory::default();
        self.opened.clear();
        self.data = None;
        self.hover = None;
        self.close_details();
        self.clear_selection();
        self.look += 1;
    }

    /// The rows themselves.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Changes what is kept at most, where a person has not chosen less.
    pub fn set_keep(&mut self, keep: RetentionPolicy) {
        self.site = keep;
        self.store.set_keep(self.looks.keep().min(self.site));
    }

    /// Whether tasks may still come: shows the now-line and lets the view run a little ahead.
    pub fn set_live(&mut self, live: bool) {
        if self.live != live {
            // What is beside it speaks of it too.
            self.ask_changed();
        }
        self.live = live;
    }

    /// Whether tasks may still come.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Grows when colours, legend, names or folding change.
    pub fn look(&self) -> u64 {
        self.look
    }

    /// The visible span on the wall clock: `14:02:12`, `14:02:42`.
    pub fn shown(&self) -> (String, String) {
        let span = self.view();
        let digits = if span.len().0 < 5_000_000 { 3 } else { 0 };
        let text = |at: Micros| self.zone.clock(at.0, digits);
        (text(span.start), text(span.end))
    }

    /// The width of one character of the label font, CSS px, as measured by the painter.
    pub fn set_char_width(&mut self, px: f64) {
        if px.is_finite() && px > 1.0 && (px - self.char_width).abs() > 0.01 {
            self.char_width = px;
            self.look += 1;
        }
    }

    /// Grounds and inks of the raster.
    pub fn theme(&self) -> Theme {
        self.palette.theme()
    }

    /// Sets grounds and inks of the raster.
    pub fn set_theme(&mut self, theme: Theme) {
        if self.palette.theme() != theme {
            self.palette.set_theme(theme);
            self.look += 1;
        }
    }

    /// The name to show for a worker's address.
    pub fn name_worker(&mut self, address: &str, name: &str) {
        if self.names.get(address).is_none_or(|old| old != name) {
            if self.names.len() >= self.most_names {
                let Self { store, supply, names, .. } = self;
                names.retain(|address, _| store.has_worker(address) || supply.has(address));
                self.most_names = NAMES.max(2 * names.len());
            }
            self.names.insert(address.to_owned(), name.to_owned());
            self.look += 1;
            self.arranged.names_due = true;
            self.arranged.due = true;
        }
    }

    /// Rows that overlap `range` (all when `None`), by start, at most `limit`.
    pub fn tasks(&self, range: Option<Span>, limit: usize, visit: impl FnMut(&Interval<'_>)) {
        self.store.for_each(range, limit, visit);
    }

    /// The visible span, or the one it moves to.
    pub fn view(&self) -> Span {
        self.view.span()
    }

    /// Shows exactly `span` from now on.
    pub fn set_view(&mut self, span: Span) {
        self.view.set(span);
    }

    /// Who moves the view.
    pub fn mode(&self) -> Mode {
        self.view.mode()
    }

    /// Whether the view stands still although tasks may arrive.
    pub fn is_paused(&self) -> bool {
        self.view.is_paused()
    }

    /// Stops the view, or lets it go on. Nothing is lost meanwhile.
    pub fn set_paused(&mut self, paused: bool) {
        if paused != self.view.is_paused() {
            self.begin_gesture();
        }
        self.hold_view(paused);
        if paused {
            // To hold still is no step of its own: the way back leads past it.
            self.rest_here();
        } else if self.view.mode() == Mode::Free {
            self.view.follow();
        } else {
            self.rest_here();
        }
    }

    /// Holds the view where it is, or no longer.
    fn hold_view(&mut self, paused: bool) {
        self.paused_at = paused.then(|| self.paused_at.unwrap_or(self.arrived));
        self.view.pause(paused);
        self.overlay_due = true;
    }

    /// Keeps the newest tasks in sight.
    pub fn follow(&mut self) {
        self.paused_at = None;
        self.view.follow();
    }

    /// Keeps all tasks in sight.
    pub fn fit(&mut self) {
        self.paused_at = None;
        self.view.fit();
    }

    /// How long frames take.
    pub fn frames(&self) -> &Frames {
        &self.frames
    }

    /// The same, to record what the painter does.
    pub fn frames_mut(&mut self) -> &mut Frames {
        &mut self.frames
    }

    /// The picture of the plot, device px.
    pub fn strip(&self) -> &Strip {
        &self.strip
    }

    /// The picture of the minimap, device px.
    pub fn minimap(&self) -> &Strip {
        &self.mini
    }

    /// What lies over them.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Where the strip goes, CSS px. Its corner is a whole number of device px.
    pub fn plot(&self) -> Area {
        self.plot
    }

    /// Where the minimap goes, CSS px; empty when there is no room for one.
    pub fn mini_area(&self) -> Area {
        self.mini_area
    }
}
