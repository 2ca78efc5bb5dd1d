//! Which panes stand on the page, how wide and how tall: a list that flows through twelve columns.
//!
//! As text, in links and where it is kept: `task-stream.12~progress.4~memory.6.300`, each pane with
//! its columns and, where a person has set one, its height in px.

use std::fmt::Write as _;
use std::rc::Rc;

/// Columns of the page.
pub const COLUMNS: u16 = 12;
/// Columns that the narrowest pane takes.
pub const NARROWEST: u16 = 2;
/// The least height of a pane, px: its head and some of its content.
pub const LOWEST: u16 = 120;
/// From where a pane grows that is as tall as its content, px.
const USUAL: u16 = 360;
/// The most, px: what no screen shows at once is scrolled inside.
const TALLEST: u16 = 4000;
/// Panes on the page at most: each may keep a page of the scheduler open.
const MOST: usize = 60;

/// The panes that are drawn by themselves, and not from a [`super::Picture`].
pub const OWN: [(&str, &str); 3] =
    [("task-stream", "Task stream"), ("progress", "Progress"), ("workers", "Workers")];

/// Panes that take the whole width when they are added.
const WIDE: [&str; 10] = [
    "task-stream",
    "profile",
    "profile-server",
    "memory-heat",
    "worker-series",
    "processing-series",
    "occupancy-series",
    "graph",
    "logs",
    "call-stacks",
];

/// One pane on the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which pane.
    pub id: Rc<str>,
    /// How many of the twelve columns it takes.
    pub wide: u16,
    /// How tall it is, px; none: as its content wants it.
    pub tall: Option<u16>,
}

/// The panes in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout(pub Vec<Place>);

/// Layouts that are there from the beginning: a name and the text.
pub const READY: [(&str, &str); 4] = [
    ("Run", "task-stream.12~progress.4~workers.8"),
    ("Memory", "cluster-memory.4~memory.8~memory-heat.12~prefix-memory.4~workers.8~task-stream.12"),
    (
        "Communication",
        "bandwidth-workers.6~bandwidth-types.6~transfers.6~network.6~action-times.4~task-stream.8",
    ),
    ("Scheduler", "scheduler.8~contention.4~advice.6~events.6~logs.12"),
];

impl Layout {
    /// Reads a text. Panes that `known` does not know, and what is no pane, are left out and given
    /// beside it.
    pub fn parse(text: &str, known: &dyn Fn(&str) -> bool) -> (Self, Vec<String>) {
        let (mut layout, mut strange) = (Self::default(), Vec::new());
        for word in text.split('~').filter(|word| !word.is_empty()) {
            let mut parts = word.split('.');
            let id = parts.next().unwrap_or_default();
            let mut number = || parts.next()?.parse::<u16>().ok();
            let (wide, tall) = (number(), number());
            if !known(id) || layout.0.len() >= MOST {
                strange.push(id.to_owned());
            } else if layout.find(id).is_none() {
                layout.0.push(place(id, wide.unwrap_or(COLUMNS / 2), tall));
            }
        }
        (layout, strange)
    }

    /// The text that [`Self::parse`] reads.
    pub fn print(&self) -> String {
        let mut text = String::new();
        for Place { id, wide, tall } in &self.0 {
            if !text.is_empty() {
                text.push('~');
            }
            let _ = write!(text, "{id}.{wide}");
            if let Some(tall) = tall {
                let _ = write!(text, ".{tall}");
            }
        }
        text
    }

    /// Where a pane stands.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.0.iter().position(|place| &*place.id == id)
    }

    /// Puts a pane at the end, if it is not there.
    pub fn add(&mut self, id: &str) {
        if self.find(id).is_none() && self.0.len() < MOST {
            let wide = if WIDE.contains(&id) { COLUMNS } else { COLUMNS / 2 };
            self.0.push(place(id, wide, None));
        }
    }

    /// Adds a pane before all others, where it is seen at once.
    pub fn add_first(&mut self, id: &str) {
        let before = self.0.len();
        self.add(id);
        let new = self.0.len() - before;
        self.0.rotate_right(new);
    }

    /// Takes a pane away.
    pub fn remove(&mut self, id: &str) {
        self.0.retain(|place| &*place.id != id);
    }

    /// Moves a pane so that it stands before the one that is at `to` now; at the end for a larger `to`.
    pub fn put_before(&mut self, id: &str, to: usize) {
        let Some(from) = self.find(id) else { return };
        let to = if from < to { to - 1 } else { to };
        let moved = self.0.remove(from);
        self.0.insert(to.min(self.0.len()), moved);
    }

    /// Moves a pane some places forward or back.
    pub fn step(&mut self, id: &str, by: i32) {
        let Some(from) = self.find(id) else { return };
        let to = from.saturating_add_signed(by as isize).min(self.0.len() - 1);
        let moved = self.0.remove(from);
        self.0.insert(to, moved);
    }

    /// Makes a pane wider by so many columns, and taller by so many px.
    pub fn grow(&mut self, id: &str, wide: i16, tall: i16) {
        if let Some(place) = self.find(id).map(|at| self.0[at].clone()) {
            let tall = match (place.tall, tall) {
                (old, 0) => old,
                (old, by) => Some(old.unwrap_or(USUAL).saturating_add_signed(by)),
            };
            self.resize(id, place.wide.saturating_add_signed(wide), tall);
        }
    }

    /// Lets a pane be as tall as its content wants it.
    pub fn free(&mut self, id: &str) {
        if let Some(at) = self.find(id) {
            self.0[at].tall = None;
        }
    }

    /// Gives a pane another size, within limits; without a height it is as tall as it wants.
    pub fn resize(&mut self, id: &str, wide: u16, tall: Option<u16>) {
        if let Some(at) = self.find(id) {
            self.0[at] = place(id, wide, tall);
        }
    }
}

fn place(id: &str, wide: u16, tall: Option<u16>) -> Place {
    Place {
        id: id.into(),
        wide: wide.clamp(NARROWEST, COLUMNS),
        tall: tall.map(|tall| tall.clamp(LOWEST, TALLEST)),
    }
}

/// The title of a pane of any kind.
pub fn title(id: &str) -> Option<&'static str> {
    let own = OWN.iter().find(|(own, _)| *own == id).map(|(_, title)| *title);
    own.or_else(|| super::pane(id).map(|pane| pane.title))
}

/// What people keep: the layout in use, and those that they gave names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shelf {
    /// Names and texts, in the order in which they were kept.
    pub named: Vec<(String, String)>,
}

impl Shelf {
    /// Reads what [`Self::print`] wrote. Lines that are none are left out.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        let mut shelf = Self::default();
        lines.for_each(|(name, text)| shelf.keep(name, text));
        shelf
    }

    /// A line for each layout.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for (name, text) in &self.named {
            out = out + name + "\t" + text + "\n";
        }
        out
    }

    /// Keeps a layout under a name, in the place of one that had it. A name is a line of text, and not
    /// one of those that are there from the beginning.
    pub fn keep(&mut self, name: &str, text: &str) {
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
        let name = name.trim();
        if name.is_empty() || READY.iter().any(|(ready, _)| *ready == name) {
            return;
        }
        match self.named.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => text.clone_into(old),
            None => self.named.push((name.to_owned(), text.to_owned())),
        }
    }

    /// Forgets one.
    pub fn forget(&mut self, name: &str) {
        self.named.retain(|(other, _)| other != name);
    }

    /// The name of this layout, if it has one, as far as its panes are known here.
    pub fn name_of(&self, layout: &Layout, known: &dyn Fn(&str) -> bool) -> Option<&str> {
        let is = |text: &str| Layout::parse(text, known).0 == *layout;
        let ready = READY.iter().find(|(_, ready)| is(ready)).map(|(name, _)| *name);
        let named = || self.named.iter().find(|(_, kept)| is(kept));
        ready.or_else(|| named().map(|(name, _)| name.as_str()))
    }

    /// The text of the layout of that name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let ready = READY.iter().find(|(ready, _)| *ready == name).map(|(_, text)| *text);
        let named = || self.named.iter().find(|(kept, _)| kept == name);
        ready.or_else(|| named().map(|(_, text)| text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Layout {
        Layout::parse(text, &|id| title(id).is_some()).0
    }

    fn ids(layout: &Layout) -> Vec<&str> {
        layout.0.iter().map(|place| &*place.id).collect()
    }

    #[test]
    fn moved_and_sized() {
        let mut layout = read("task-stream.12~progress.4~workers.8.300");
        assert_eq!(layout.print(), "task-stream.12~progress.4~workers.8.300");
        layout.put_before("workers", 0);
        assert_eq!(ids(&layout), ["workers", "task-stream", "progress"]);
        layout.put_before("workers", 2);
        assert_eq!(ids(&layout), ["task-stream", "workers", "progress"]);
        layout.put_before("workers", 9);
        assert_eq!(ids(&layout), ["task-stream", "progress", "workers"]);
        layout.step("workers", -1);
        layout.step("task-stream", -1);
        layout.step("progress", 5);
        layout.step("nobody", 1);
        assert_eq!(ids(&layout), ["task-stream", "workers", "progress"]);
        layout.resize("progress", 99, Some(1));
        layout.resize("workers", 0, None);
        assert_eq!(layout.print(), "task-stream.12~workers.2~progress.12.120");
        layout.add("cpu");
        layout.add("cpu");
        layout.remove("workers");
        assert_eq!(layout.print(), "task-stream.12~progress.12.120~cpu.6");
    }

    #[test]
    fn what_is_strange_is_said() {
        let known = |id: &str| title(id).is_some();
        let (layout, strange) = Layout::parse("cpu.x.y~no-such.3~~cpu.2~memory", &known);
        assert_eq!(layout.print(), "cpu.6~memory.6");
        assert_eq!(strange, ["no-such"]);
    }

    #[test]
    fn named_layouts() {
        let mut shelf = Shelf::default();
        shelf.keep("mine\t\n", "cpu.6");
        shelf.keep("Run", "cpu.6");
        shelf.keep(" ", "cpu.6");
        shelf.keep("mine", "cpu.4");
        shelf.keep("other", "cpu.5");
        assert_eq!(Shelf::parse(&shelf.print()), shelf);
        assert_eq!(
            shelf.named,
            [("mine".into(), "cpu.4".into()), ("other".into(), "cpu.5".into())]
        );
        let name = |text: &str| shelf.name_of(&read(text), &|id| title(id).is_some());
        assert_eq!((name("cpu.4"), name("cpu.6")), (Some("mine"), None));
        assert_eq!((name(READY[0].1), name(READY[1].1)), (Some("Run"), Some("Memory")));
        assert_eq!(shelf.text_of("other"), Some("cpu.5"));
        shelf.forget("mine");
        assert_eq!((shelf.text_of("mine"), shelf.text_of("Run")), (None, Some(READY[0].1)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_settles(text in ".*", words in proptest::collection::vec("(cpu|memory|workers|x)(\\.[0-9]{0,6}){0,3}", 0..9)) {
            for text in [text, words.join("~")] {
                let layout = read(&text);
                prop_assert_eq!(read(&layout.print()), layout);
            }
        }
    }
}
