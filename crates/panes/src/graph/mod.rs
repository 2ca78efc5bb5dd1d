//! The pane of the task graph: what is in it, what belongs together, what is marked.

mod view;

use std::rc::Rc;

pub use view::View;

use super::{Group, Pane, Picture, groups};
use base::sort::sort_by;
use feed::bokeh::table::Table;
use feed::graph::{self as wire, EDGES, NODES};
pub use feed::graph::{Node, TaskState};
use feed::pool::DashboardPage;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 1] = [Pane {
    id: "graph",
    title: "Task graph",
    group: Group::Work,
    words: "dependencies nodes edges individual-graph",
    pages: &[DashboardPage::Graph],
    read: graph,
}];

/// The sources of the graph, as they came. Equal when they are the same ones: comparing them would cost
/// more than reading them.
#[derive(Clone, Debug)]
pub struct Tables {
    nodes: Rc<Table>,
    edges: Rc<Table>,
}

impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.nodes, &other.nodes) && Rc::ptr_eq(&self.edges, &other.edges)
    }
}

fn graph(view: &Snapshot<'_>) -> Option<Picture> {
    let whole = view.whole(DashboardPage::Graph)?;
    let nodes = whole.shared(&NODES)?;
    let edges = whole.tables.iter().find(|table| table.has(&EDGES) && !table.has(&["key"]))?;
    let visible = nodes.column("visible")?;
    if (0..visible.len()).any(|i| visible.text(i) == Some("True")) {
        return Some(Picture::Graph(Tables { nodes: nodes.clone(), edges: edges.clone() }));
    }
    // Where there are too many tasks, Dask empties the graph.
    Some(match groups::by_state(view) {
        Some(mut stacks) => {
            stacks.remark = "More tasks than Dask draws as a graph (5000, unless its setting \
                             distributed.dashboard.graph-max-items is another): here they are by prefix. The graph \
                             comes back when fewer are left."
                .into();
            Picture::Stacks(Rc::new(stacks))
        }
        None => Picture::Nothing("The graph appears when a client submits tasks."),
    })
}

/// How a task stands to the one that is marked.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Kin {
    /// Not at all.
    Other,
    /// It is the marked one.
    Itself,
    /// The marked one needs it.
    Before,
    /// It needs the marked one.
    After,
}

/// What belongs to the marked task.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// Its row.
    pub row: u32,
    /// How each row stands to it.
    pub kin: Vec<Kin>,
    /// Tasks before it, and how many of them are not done.
    pub before: [u32; 2],
    /// Tasks after it, and how many of them are not done.
    pub after: [u32; 2],
    wire_key: String,
}
/// The graph, with what a person does to it.
#[derive(Default, Debug)]
pub struct Graph {
    held: Option<Tables>,
    nodes: Vec<Node>,
    /// From what is needed to what needs it, by the step of the former.
    links: Vec<(u32, u32)>,
    counts: [u32; TaskState::ALL.len()],
    mark: Option<Mark>,
    hover: Option<u32>,
    view: View,
}

impl Graph {
    /// Takes what came. Says whether that is anything new.
    pub fn update(&mut self, tables: &Tables) -> bool {
        if self.held.as_ref() == Some(tables) {
            return false;
        }
        let mut nodes = Vec::with_capacity(tables.nodes.rows());
        wire::nodes(&tables.nodes, &mut nodes);
        let place = |node: &Node| (node.x, node.y, node.shown);
        let moved = nodes.len() != self.nodes.len()
            || nodes.iter().zip(&self.nodes).any(|(new, old)| place(new) != place(old));
        let same_edges =
            self.held.as_ref().is_some_and(|held| Rc::ptr_eq(&held.edges, &tables.edges));
        self.nodes = nodes;
        if moved || !same_edges {
            wire::links(&tables.edges, &self.nodes, &mut self.links);
            let step = |row: u32| self.nodes.get(row as usize).map_or(0.0, |node| node.x);
            sort_by(&mut self.links, |a, b| step(a.0).total_cmp(&step(b.0)));
            self.view.hold(&self.nodes);
        }
        self.counts = [0; TaskState::ALL.len()];
        for node in self.nodes.iter().filter(|node| node.shown) {
            if let Some(count) = self.counts.get_mut(node.state as usize) {
                *count += 1;
            }
        }
        self.held = Some(tables.clone());
        self.hover = self.hover.filter(|row| self.node(*row).is_some());
        if let Some(mark) = self.mark.take() {
            // Rows are numbered anew where the scheduler has forgotten many.
            let found = self.rows().find(|row| self.wire_key(*row) == mark.wire_key);
            self.mark = found.map(|row| self.trace(row));
        }
        true
    }

    /// All tasks, those that are not shown among them.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// From what is needed to what needs it, as rows of [`Graph::nodes`].
    pub fn links(&self) -> &[(u32, u32)] {
        &self.links
    }

    /// How many of the tasks that are shown are in each state, in the order of [`TaskState::ALL`].
    pub fn counts(&self) -> &[u32; TaskState::ALL.len()] {
        &self.counts
    }

    /// Where things are on the canvas.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The same, to be changed.
    pub fn view_mut(&mut self) -> &mut View {
        &mut self.view
    }

    /// The task that is marked, and what belongs to it.
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// The task that the pointer is on.
    pub fn hover(&self) -> Option<u32> {
        self.hover
    }

    /// A task that is shown.
    pub fn node(&self, row: u32) -> Option<&Node> {
        self.nodes.get(row as usize).filter(|node| node.shown)
    }

    fn rows(&self) -> impl Iterator<Item = u32> {
        (0..self.nodes.len() as u32).filter(|row| self.node(*row).is_some())
    }

    /// A task's key.
    pub fn key(&self, row: u32) -> String {
        wire::key_of(self.wire_key(row))
    }

    /// The path of Dask's own page of a task.
    pub fn page(&self, row: u32) -> String {
        self.held.as_ref().map_or_else(String::new, |held| wire::page(&held.nodes, row as usize))
    }

    /// The key as it stands on the wire.
    pub fn wire_key(&self, row: u32) -> &str {
        self.held.as_ref().map_or("", |held| wire::key(&held.nodes, row as usize))
    }

    /// A task's prefix.
    pub fn prefix(&self, row: u32) -> &str {
        self.held.as_ref().map_or("", |held| wire::prefix(&held.nodes, row as usize))
    }

    /// The pointer is there, CSS px, or nowhere. Says whether that is on another task than before.
    pub fn point(&mut self, at: Option<(f64, f64)>) -> bool {
        let found = at.and_then(|(x, y)| self.view.hit(&self.nodes, x, y));
        std::mem::replace(&mut self.hover, found) != found
    }

    /// Marks a task with all that it needs and all that needs it, or none.
    pub fn mark_row(&mut self, row: Option<u32>) {
        let row = row.filter(|row| self.node(*row).is_some());
        self.mark = row.map(|row| self.trace(row));
    }

    /// Marks the next one (1) or the one before (-1), in the order in which they came.
    pub fn mark_next(&mut self, way: i32) {
        let rows: Vec<u32> = self.rows().collect();
        let at = self.mark.as_ref().and_then(|mark| rows.iter().position(|row| *row == mark.row));
        let count = rows.len() as i32;
        let next = match at {
            Some(at) => (at as i32 + way).rem_euclid(count.max(1)),
            None if way < 0 => count - 1,
            None => 0,
        };
        let row = rows.get(next as usize).copied();
        self.mark_row(row);
        if let Some(node) = row.and_then(|row| self.node(row)).copied() {
            self.view.bring(&node);
        }
    }

    fn trace(&self, row: u32) -> Mark {
        let mut kin = vec![Kin::Other; self.nodes.len()];
        let is = |kin: &[Kin], row: u32, what: Kin| {
            kin.get(row as usize).is_some_and(|one| *one == what || *one == Kin::Itself)
        };
        let set = |kin: &mut [Kin], row: u32, what: Kin| {
            if let Some(one) = kin.get_mut(row as usize)
                && *one == Kin::Other
            {
                *one = what;
            }
        };
        if let Some(one) = kin.get_mut(row as usize) {
            *one = Kin::Itself;
        }
        // Each link leads to a later step: one way through them all finds what is reached.
        for (from, to) in &self.links {
            if is(&kin, *from, Kin::After) {
                set(&mut kin, *to, Kin::After);
            }
        }
        for (from, to) in self.links.iter().rev() {
            if is(&kin, *to, Kin::Before) {
                set(&mut kin, *from, Kin::Before);
            }
        }
        let (mut before, mut after) = ([0; 2], [0; 2]);
        for (node, kin) in self.nodes.iter().zip(&kin).filter(|(node, _)| node.shown) {
            let [all, open] = match kin {
                Kin::Before => &mut before,
                Kin::After => &mut after,
                Kin::Itself | Kin::Other => continue,
            };
            *all += 1;
            *open += u32::from(!node.state.is_done());
        }
        Mark { row, kin, before, after, wire_key: self.wire_key(row).into() }
    }
}
