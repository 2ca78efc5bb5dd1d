//! Drawings of what the page has on canvases or in parts: stacked bars, areas, flame graphs, the graph
//! of tasks.

use std::fmt::Write as _;

use super::{Drawing, LINE, MOST, NAMES, WIDTH, said_room};
use crate::flame::{Flame, Tree, layout};
use crate::graph::{Graph, Tables, TaskState};
use crate::{Areas, Paint, Stack, Stacks, state_name};
use base::fmt;
use base::number::fixed;
use timeline::palette;

/// Height of a row of a flame graph, and of the areas, px.
const ROW: f64 = 18.0;
const AREA: f64 = 220.0;
/// Where a drawing's body begins, px.
const TOP: f64 = 60.0;
/// Left and right of what takes the whole width, px.
const EDGE: f64 = 16.0;

impl Drawing {
    fn state(&self, state: TaskState) -> String {
        let inks = &*self.inks;
        match state {
            TaskState::Waiting => &inks.mute,
            TaskState::Queued => &inks.warn,
            TaskState::NoWorker => &inks.violet,
            TaskState::Processing => &inks.link,
            TaskState::Memory => &inks.good,
            TaskState::Released => &inks.blue,
            TaskState::Erred => &inks.bad,
        }
        .clone()
    }

    fn paint(&self, paint: Paint) -> String {
        match paint {
            Paint::Own(color) => palette::css(palette::fit(color, self.dark)),
            Paint::State(state) => self.state(state),
        }
    }

    /// Names with their colours, in lines; gives where they end.
    fn keys(&mut self, keys: &[(String, String)], top: f64) -> f64 {
        let (mut x, mut y) = (EDGE, top);
        let ink = self.inks.mute.clone();
        for (name, color) in keys {
            let wide = name.chars().count() as f64 * 6.4 + 30.0;
            if x + wide > WIDTH - EDGE && x > EDGE {
                (x, y) = (EDGE, y + 18.0);
            }
            self.rect(x, y, 9.0, 9.0, color);
            self.text(x + 14.0, y + 9.0, "start", &ink, 11, name);
            x += wide;
        }
        y + 24.0
    }
}

pub fn stacks(to: &mut Drawing, shown: &Stacks) -> f64 {
    let keys: Vec<(String, String)> = shown
        .keys
        .iter()
        .map(|key| (format!("{} {}", key.name, shown.unit.say(key.total)), to.paint(key.paint)))
        .collect();
    let mut y = to.keys(&keys, TOP);
    let sum = |bar: &Stack| bar.amounts.iter().sum::<f64>();
    let longest = shown.bars.iter().map(sum).fold(1e-12, f64::max);
    let room = WIDTH - NAMES - said_room(shown.bars.iter().take(MOST).map(|bar| &bar.said));
    let inks = to.inks.clone();
    for bar in shown.bars.iter().take(MOST) {
        let name: String = bar.name.chars().take(32).collect();
        to.text(NAMES - 10.0, y + 14.0, "end", &inks.text, 12, &name);
        let whole = if shown.shares { sum(bar).max(1e-12) } else { longest };
        let mut x = NAMES;
        for (amount, (_, color)) in bar.amounts.iter().zip(&keys) {
            let wide = amount.max(0.0) / whole * room;
            if wide > 0.0 {
                to.rect(x, y + 3.0, wide, LINE - 8.0, color);
            }
            x += wide;
        }
        to.text(WIDTH - EDGE, y + 14.0, "end", &inks.text, 12, &bar.said);
        y += LINE;
    }
    if let Some(more) = shown.bars.len().checked_sub(MOST).filter(|more| *more > 0) {
        to.text(NAMES, y + 14.0, "start", &inks.mute, 12, &format!("and {more} more"));
        y += LINE;
    }
    y + 14.0
}

pub fn areas(to: &mut Drawing, shown: &Areas) -> f64 {
    let keys = shown
        .layers
        .iter()
        .map(|layer| (layer.name.clone(), palette::css(palette::fit(layer.color, to.dark))));
    let keys: Vec<_> = keys.collect();
    let top = to.keys(&keys, TOP);
    let (left, right, base) = (EDGE + 40.0, WIDTH - EDGE, top + AREA);
    let count = shown.ages_s.len();
    let at = |layer: &crate::Layer, i: usize| layer.amounts.get(i).copied().unwrap_or(0.0);
    let sum = |i: usize| shown.layers.iter().map(|layer| at(layer, i)).sum::<f64>();
    let most = (0..count).map(sum).chain(shown.limit.iter().copied());
    let most = most.filter(|amount| amount.is_finite()).fold(1e-9, f64::max);
    let (first, last) =
        (shown.ages_s.first().copied().unwrap_or(0.0), shown.ages_s.last().copied().unwrap_or(0.0));
    let x_of = |i: usize| {
        let age = shown.ages_s.get(i).copied().unwrap_or(0.0);
        left + (age - first) / (last - first).max(1e-9) * (right - left)
    };
    let y_of = |amount: f64| base - amount / most * AREA;
    let mut below = vec![0.0; count];
    for (layer, (_, color)) in shown.layers.iter().zip(&keys) {
        let mut points = String::new();
        let mut point = |i: usize, amount: f64| {
            let _ = write!(points, "{},{} ", fixed(x_of(i), 1), fixed(y_of(amount), 1));
        };
        (0..count).rev().for_each(|i| point(i, below[i]));
        for (i, below) in below.iter_mut().enumerate() {
            *below += at(layer, i).max(0.0);
            point(i, *below);
        }
        let _ = write!(to.body, "<polygon points=\"{points}\" fill=\"{color}\"/>");
    }
    let inks = to.inks.clone();
    to.rect(left, base, right - left, 1.0, &inks.line);
    to.text(left - 8.0, top + 10.0, "end", &inks.mute, 11, &fixed(most, 1));
    to.text(left - 8.0, base, "end", &inks.mute, 11, "0");
    to.text(left, base + 16.0, "start", &inks.mute, 11, &format!("{} ago", fmt::secs(-first)));
    to.text(right, base + 16.0, "end", &inks.mute, 11, &format!("{} ago", fmt::secs(-last)));
    base + 30.0
}

pub fn flame(to: &mut Drawing, shown: &Flame) -> f64 {
    let profile = &*shown.profile;
    let tree = Tree::of_calls(profile);
    let laid = layout(&tree, 0, WIDTH - 2.0 * EDGE, 1.0);
    let inks = to.inks.clone();
    for piece in &laid.pieces {
        let function =
            tree.get(piece.node).and_then(|node| profile.functions.get(node.function as usize));
        let color = function.and_then(|function| function.color);
        let fill = color.map(|color| palette::css(palette::fit(color, to.dark)));
        let fill = fill.unwrap_or_else(|| inks.line.clone());
        let (x, y) = (EDGE + piece.x, TOP + f64::from(piece.row) * ROW);
        to.rect(x, y, (piece.width - 0.5).max(0.5), ROW - 1.0, &fill);
        let room = ((piece.width - 8.0) / 6.4).max(0.0) as usize;
        let name = function.map_or("", |function| profile.text(function.name));
        if room > 2 && piece.merged == 0 {
            let name: String = name.chars().take(room).collect();
            let ink = color
                .map_or(inks.text.as_str(), |color| palette::ink_on(palette::fit(color, to.dark)));
            to.text(x + 4.0, y + 13.0, "start", ink, 11, &name);
        }
    }
    let base = TOP + f64::from(laid.rows) * ROW;
    if laid.hidden > 0 {
        let words = format!(
            "{} frames narrower than a pixel are drawn together",
            fmt::count(u64::from(laid.hidden))
        );
        to.text(EDGE, base + 16.0, "start", &inks.mute, 11, &words);
    }
    base + 26.0
}

pub fn graph(to: &mut Drawing, shown: &Tables) -> f64 {
    let mut graph = Graph::default();
    graph.update(shown);
    let keys = TaskState::ALL.into_iter().zip(graph.counts()).filter(|(_, count)| **count > 0);
    let keys: Vec<(String, String)> = keys
        .map(|(state, count)| (format!("{} {count}", state_name(state)), to.state(state)))
        .collect();
    let top = to.keys(&keys, TOP) + 8.0;
    let there = || graph.nodes().iter().filter(|node| node.shown);
    let range = |of: fn(&crate::graph::Node) -> f64| {
        let (low, high) =
            there().map(of).fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
        (low, (high - low).max(1e-9))
    };
    let ((left, wide), (low, tall)) = (range(|node| node.x), range(|node| node.y));
    let high = (tall * 14.0).clamp(120.0, 1400.0);
    let place = |node: &crate::graph::Node| {
        let x = EDGE + 10.0 + (node.x - left) / wide * (WIDTH - 2.0 * EDGE - 20.0);
        (x, top + (node.y - low) / tall * high)
    };
    let ends = graph.links().iter().filter_map(|(a, b)| graph.node(*a).zip(graph.node(*b)));
    let mut path = String::new();
    for (a, b) in ends {
        let ((x, y), (u, v)) = (place(a), place(b));
        let [x, y, u, v] = [x, y, u, v].map(|number| fixed(number, 1));
        let _ = write!(path, "M{x} {y}L{u} {v}");
    }
    let line = to.inks.line.clone();
    let _ = write!(to.body, "<path d=\"{path}\" fill=\"none\" stroke=\"{line}\"/>");
    let radius = (high / tall / 3.0).clamp(1.5, 5.0);
    for node in there() {
        let (x, y) = place(node);
        let [x, y, r] = [x, y, radius].map(|number| fixed(number, 1));
        let fill = to.state(node.state);
        let _ = write!(to.body, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{fill}\"/>");
    }
    top + high + 20.0
}
