//! A flame graph in use: what is zoomed into, searched for, pointed at. No browser in it.

use std::rc::Rc;

use super::layout::{Layout, Piece, layout};
use super::tree::{Node, Tree};
use base::fmt;
use base::number::fixed;
use feed::profile::{NONE, Profile};
use timeline::palette::{Bytes, fit, mix};

/// What is said about a frame.
#[derive(Clone, PartialEq, Debug)]
pub struct Facts {
    /// The function.
    pub name: String,
    /// Seconds in it, in words.
    pub total: String,
    /// Names and values, in order.
    pub rows: Vec<(&'static str, String)>,
    /// How many frames more are in the same rectangle, where they are narrower than a pixel.
    pub others: u32,
    /// Its colour.
    pub color: Bytes,
}

/// A flame graph and what a person does with it.
#[derive(Default)]
pub struct FlameModel {
    profile: Option<Rc<Profile>>,
    tree: Tree,
    inverted: bool,
    query: String,
    /// By function: whether it is searched for; empty without a search.
    matched: Vec<bool>,
    colors: Vec<Bytes>,
    dark: bool,
    zoom: u32,
    focus: u32,
    width: f64,
    least: f64,
    layout: Layout,
    version: u64,
}

impl FlameModel {
    /// Grows with every change that is seen.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is shown.
    pub fn profile(&self) -> Option<&Rc<Profile>> {
        self.profile.as_ref()
    }

    /// The tree that is shown.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Where its frames stand.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether callers are below what they called.
    pub fn is_inverted(&self) -> bool {
        self.inverted
    }

    /// What is searched for.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The node that fills the width.
    pub fn zoom(&self) -> u32 {
        self.zoom
    }

    /// The node that the keyboard is at.
    pub fn focus(&self) -> u32 {
        self.focus
    }

    /// Shows another profile. What is zoomed into stays, as far as it is in that, too.
    pub fn set_profile(&mut self, profile: &Rc<Profile>) {
        if self.profile.as_ref().is_some_and(|old| Rc::ptr_eq(old, profile)) {
            return;
        }
        let paths = self
            .profile
            .take()
            .map(|old| [self.zoom, self.focus].map(|node| self.tree.path(node, &old)));
        self.profile = Some(profile.clone());
        self.plant();
        if let Some([zoom, focus]) = paths {
            self.zoom = self.tree.follow(&zoom, profile);
            self.focus = self.tree.follow(&focus, profile);
        }
        self.paint();
        self.search();
    }

    /// Sets the ground that it stands on.
    pub fn set_dark(&mut self, dark: bool) {
        if self.dark != dark {
            self.dark = dark;
            self.paint();
            self.version += 1;
        }
    }

    /// Sets the width, CSS px, and how wide the narrowest rectangle is: one pixel of the device.
    pub fn resize(&mut self, width: f64, least: f64) {
        if (self.width, self.least) != (width, least) {
            (self.width, self.least) = (width, least);
            self.lay();
        }
    }

    /// Callers below what they called, or the other way round.
    pub fn invert(&mut self) {
        self.inverted = !self.inverted;
        self.plant();
        self.lay();
    }

    /// Searches for functions by name or file; an empty text ends the search.
    pub fn set_query(&mut self, query: &str) {
        if self.query != query {
            query.clone_into(&mut self.query);
            self.search();
        }
    }

    /// What the search found below the node that is zoomed into: seconds, their share, how many frames.
    pub fn found(&self) -> Option<(f64, f64, u32)> {
        if self.matched.is_empty() {
            return None;
        }
        let all = self.tree.get(self.zoom).map_or(0.0, |node| node.total);
        let (seconds, count) = self.tree.matched(self.zoom, &self.matched);
        // What is zoomed into is part of what is searched, but for the root.
        let whole = self.zoom > 0 && self.is_matched(self.zoom);
        let (seconds, count) = if whole { (all, count.max(1)) } else { (seconds, count) };
        Some((seconds, if all > 0.0 { seconds / all } else { 0.0 }, count))
    }

    /// Whether a rectangle holds nothing of what is searched for.
    pub fn is_faded(&self, piece: &Piece) -> bool {
        !self.matched.is_empty() && !(piece.from..piece.until).any(|node| self.is_matched(node))
    }

    fn is_matched(&self, node: u32) -> bool {
        let function = self.tree.get(node).map_or(NONE, |node| node.function);
        node > 0 && self.matched.get(function as usize) == Some(&true)
    }

    /// Fills the width with a node.
    pub fn zoom_to(&mut self, node: u32) {
        if self.tree.get(node).is_some_and(|it| it.total > 0.0) && self.zoom != node {
            self.zoom = node;
            self.lay();
        }
        self.focus_on(node);
    }

    /// Goes to the node at a point, to see it over the whole width; back, where it is above.
    pub fn click(&mut self, x: f64, row: u16) {
        if let Some(piece) = self.layout.at(x, row).and_then(|at| self.layout.pieces.get(at)) {
            self.zoom_to(piece.node);
        }
    }

    fn focus_on(&mut self, node: u32) {
        if self.focus != node && self.tree.get(node).is_some() {
            self.focus = node;
            self.version += 1;
        }
    }

    /// Does what a key says: arrows to the caller, the longest callee and the neighbours, Enter or
    /// space to zoom, Escape or Backspace back to all, `n` and `N` to the next match. Says whether it
    /// means something here.
    pub fn key(&mut self, key: &str) -> bool {
        let Some(here) = self.tree.get(self.focus) else { return false };
        let parent = here.parent;
        let longest = |tree: &Tree| {
            let total = |node: &u32| tree.get(*node).map_or(0.0, |node| node.total);
            let mut best: Option<u32> = None;
            for node in tree.below(self.focus) {
                if best.is_none_or(|best| total(&node) > total(&best)) {
                    best = Some(node);
                }
            }
            best
        };
        let next = match key {
            "ArrowUp" => Some(parent).filter(|node| *node != NONE),
            // Above what is zoomed into there is one way down only.
            "ArrowDown" if self.focus != self.zoom && self.tree.is_in(self.zoom, self.focus) => {
                self.tree.below(self.focus).find(|node| self.tree.is_in(self.zoom, *node))
            }
            "ArrowDown" => longest(&self.tree),
            "ArrowLeft" | "ArrowRight" if !self.tree.is_in(self.zoom, self.focus) => {
                let mut all = self.tree.below(parent);
                if key == "ArrowRight" {
                    all.find(|node| *node > self.focus)
                } else {
                    all.take_while(|node| *node < self.focus).last()
                }
            }
            "ArrowLeft" | "ArrowRight" => None,
            "Home" => Some(self.zoom),
            "n" | "N" => self.next_match(key == "n"),
            "Enter" | " " => {
                self.zoom_to(self.focus);
                None
            }
            "Escape" | "Backspace" => {
                self.zoom_to(0);
                None
            }
            _ => return false,
        };
        if let Some(next) = next {
            self.focus_on(next);
        }
        true
    }

    /// The next node that is searched for, in the order of the tree and around its ends.
    fn next_match(&self, forward: bool) -> Option<u32> {
        let end = self.tree.get(self.zoom)?.end;
        let is = |node: &u32| self.is_matched(*node);
        if forward {
            (self.focus + 1..end).find(is).or_else(|| (self.zoom..end).find(is))
        } else {
            (self.zoom..self.focus.min(end))
                .rev()
                .find(is)
                .or_else(|| (self.zoom..end).rev().find(is))
        }
    }

    /// The rectangle of the node that the keyboard is at.
    pub fn focused(&self) -> Option<&Piece> {
        let at = self.layout.piece_of(self.focus, &self.tree)?;
        self.layout.pieces.get(at)
    }

    /// The name of a node's function.
    pub fn name(&self, node: u32) -> &str {
        let name = self.function(node).map_or("", |(profile, name, _)| profile.text(name));
        match name {
            "" if node == 0 => "all samples",
            "" => "?",
            name => name,
        }
    }

    fn function(&self, node: u32) -> Option<(&Profile, u32, u32)> {
        let profile = self.profile.as_deref()?;
        let function = profile.functions.get(self.tree.get(node)?.function as usize)?;
        Some((profile, function.name, function.file))
    }

    /// The colour of a node's function.
    pub fn color(&self, node: u32) -> Bytes {
        let function = self.tree.get(node).map_or(NONE, |node| node.function);
        self.colors.get(function as usize).copied().unwrap_or([0x80; 3])
    }

    /// What is to be said about what a rectangle shows.
    pub fn facts(&self, piece: &Piece) -> Option<Facts> {
        let node = self.tree.get(piece.node)?;
        let share = |part: f64, of: u32| {
            let all = self.tree.get(of).map_or(0.0, |node| node.total);
            fixed(if all > 0.0 { part / all * 100.0 } else { 0.0 }, 1) + " %"
        };
        let mut rows = Vec::new();
        if piece.node > 0 {
            let (profile, _, file) = self.function(piece.node)?;
            let frame = profile.frames.get(node.frame as usize)?;
            rows.push(("where", place(profile.text(file), frame.line, false)));
            let source = profile.text(frame.source);
            if !source.is_empty() {
                rows.push(("line", source.to_owned()));
            }
        }
        if self.inverted {
            rows.push(("time", self.time_of(node)));
        } else {
            rows.push(("own", format!("{} ({})", fmt::secs(node.own), share(node.own, 0))));
        }
        rows.push(("share", share(node.total, 0) + " of the total"));
        if self.zoom > 0 && self.tree.is_in(piece.node, self.zoom) {
            let what = format!("{} of {}", share(node.total, self.zoom), self.name(self.zoom));
            rows.push(("", what));
        }
        Some(Facts {
            name: self.name(piece.node).to_owned(),
            total: fmt::secs(node.total),
            rows,
            others: piece.merged.saturating_sub(1),
            color: self.color(piece.node),
        })
    }

    /// Whose time a node of the inverted tree stands for.
    fn time_of(&self, node: &Node) -> String {
        if node.depth == 0 {
            return "of all functions".into();
        }
        if node.depth == 1 {
            return "in the function itself, from all callers".into();
        }
        let mut at = node;
        while let Some(above) = self.tree.get(at.parent).filter(|above| above.depth > 0) {
            at = above;
        }
        let name = self.profile.as_deref().and_then(|profile| {
            let function = profile.functions.get(at.function as usize)?;
            Some(profile.text(function.name))
        });
        format!("of {}, called from here", name.unwrap_or("?"))
    }

    /// A sentence about the node that the keyboard is at.
    pub fn said(&self) -> String {
        let Some(node) = self.tree.get(self.focus) else { return String::new() };
        let all = self.tree.get(0).map_or(0.0, |root| root.total);
        let below = self.tree.below(self.focus).count() as u32;
        let word = if self.inverted { "caller" } else { "callee" };
        format!(
            "{}, {}, {} % of the total, {}",
            self.name(self.focus),
            fmt::secs(node.total),
            fixed(if all > 0.0 { node.total / all * 100.0 } else { 0.0 }, 1),
            fmt::plural(below, word)
        )
    }

    fn plant(&mut self) {
        let Some(profile) = &self.profile else { return };
        self.tree = if self.inverted { Tree::of_callers(profile) } else { Tree::of_calls(profile) };
        self.zoom = 0;
        self.focus = 0;
    }

    fn search(&mut self) {
        self.matched.clear();
        let words = self.query.trim().to_ascii_lowercase();
        if let Some(profile) = self.profile.as_deref().filter(|_| !words.is_empty()) {
            let has = |text: u32| profile.text(text).to_ascii_lowercase().contains(&words);
            self.matched.extend(profile.functions.iter().map(|one| has(one.name) || has(one.file)));
        }
        self.lay();
    }

    fn paint(&mut self) {
        let Some(profile) = &self.profile else { return };
        let dark = self.dark;
        let ground = if dark { [0; 3] } else { [255; 3] };
        self.colors.clear();
        // Functions of one file have one colour in Dask's picture; neighbours differ a little here.
        self.colors.extend(profile.functions.iter().map(|function| {
            let color = function.color.map_or([0x80; 3], |color| fit(color, dark));
            mix(color, ground, (function.key % 3) as u32 * 22)
        }));
    }

    fn lay(&mut self) {
        self.version += 1;
        self.layout = if self.width > 0.0 {
            layout(&self.tree, self.zoom, self.width, self.least)
        } else {
            Layout::default()
        };
    }
}

/// Where code is: its file and line, the file cut to what tells it from others if `short`.
pub fn place(file: &str, line: u32, short: bool) -> String {
    let mut cut = file;
    if short {
        let package = file.rfind("-packages").and_then(|at| file.get(at + "-packages".len() + 1..));
        let tail = || {
            let mut ends = file.rmatch_indices(['/', '\\']);
            ends.nth(1).and_then(|(at, _)| file.get(at + 1..))
        };
        cut = package.or_else(tail).unwrap_or(file);
    }
    match (cut, line) {
        ("", _) => "no file".into(),
        (cut, 0) => cut.into(),
        (cut, line) => format!("{cut}:{line}"),
    }
}
