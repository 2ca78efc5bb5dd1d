//! The tree that is shown: of calls as they were made, or of callers below what they called.

use base::hash::FxHashMap;
use base::sort::sorted;
use feed::profile::{NONE, Profile};

/// A frame as it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// A frame of the profile that it stands for: the first one, where several are one here.
    pub frame: u32,
    /// Its function, by number in the profile.
    pub function: u32,
    /// The node above; [`NONE`] for the root.
    pub parent: u32,
    /// One past the last node below it.
    pub end: u32,
    /// How far below the root.
    pub depth: u16,
    /// Seconds of the root's time that lie left of it.
    pub left: f64,
    /// Seconds in it.
    pub total: f64,
    /// Seconds in it and in no node below.
    pub own: f64,
}

/// Nodes in the order of a walk from the root: parents before children, the root first.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Tree {
    /// The nodes; none where nothing was sampled.
    pub nodes: Vec<Node>,
    /// Of how many frames not all callers are among them: see [`Tree::of_callers`].
    pub cut: u32,
}

/// Most nodes of a tree of callers, some 10 MB: every frame may have as many as it is deep.
const MOST: usize = 200_000;

impl Tree {
    /// Callees below their callers, in Dask's order.
    pub fn of_calls(profile: &Profile) -> Self {
        let nodes = profile.frames.iter().enumerate().map(|(i, frame)| Node {
            frame: i as u32,
            function: frame.function,
            parent: frame.parent,
            end: frame.end,
            depth: frame.depth,
            left: frame.left,
            total: frame.total,
            own: frame.own,
        });
        Self { nodes: nodes.collect(), cut: 0 }
    }

    /// The other way round: below the root all functions by their own time, the longest first, and
    /// below each who called it. O(frames × depth). Beyond 200 000 nodes the callers of the frames with
    /// the least time of their own are left out, and those frames counted; their time is not.
    pub fn of_callers(profile: &Profile) -> Self {
        let Some(root) = profile.frames.first() else { return Self::default() };
        let node = |frame: u32, function: u32, parent: u32, depth: u16| Node {
            frame,
            function,
            parent,
            end: 0,
            depth,
            left: 0.0,
            total: 0.0,
            own: 0.0,
        };
        let mut found = vec![node(0, root.function, NONE, 0)];
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        let own = |i: u32| profile.frames.get(i as usize).map_or(0.0, |frame| frame.own);
        let mut cut = 0;
        for i in sorted(profile.frames.len(), &mut |a, b| own(b).total_cmp(&own(a))) {
            let Some(leaf) = profile.frames.get(i as usize).filter(|leaf| leaf.own > 0.0) else {
                break;
            };
            let (mut at, mut frame) = (0u32, i);
            let mut depth = 0;
            loop {
                if let Some(here) = found.get_mut(at as usize) {
                    here.total += leaf.own;
                }
                let Some(caller) = profile.frames.get(frame as usize) else { break };
                if caller.parent == NONE {
                    break;
                }
                depth += 1;
                let new = found.len() as u32;
                let slot = u64::from(at) << 32 | u64::from(caller.function);
                let next = known.get(&slot).copied().unwrap_or(new);
                if next == new {
                    // The functions themselves are always there.
                    if found.len() >= MOST && depth > 1 {
                        cut += 1;
                        break;
                    }
                    known.insert(slot, new);
                    found.push(node(frame, caller.function, at, depth));
                }
                (at, frame) = (next, caller.parent);
            }
            if let Some(last) = found.get_mut(at as usize) {
                last.own += leaf.own;
            }
        }
        Self { nodes: walked(&found), cut }
    }

    /// One node.
    pub fn get(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// The nodes right below one, from left to right.
    pub fn below(&self, node: u32) -> impl Iterator<Item = u32> {
        let end = self.get(node).map_or(0, |node| node.end);
        let mut next = node.saturating_add(1);
        std::iter::from_fn(move || {
            let here = (next < end).then_some(next)?;
            next = self.get(here).map_or(end, |node| node.end.max(here + 1));
            Some(here)
        })
    }

    /// Whether `node` is `above` or below it.
    pub fn is_in(&self, node: u32, above: u32) -> bool {
        node >= above && self.get(above).is_some_and(|above| node < above.end)
    }

    /// Seconds in nodes of `range` for whose function `matched` says yes, each moment counted once, and
    /// how many such nodes there are.
    pub fn matched(&self, above: u32, matched: &[bool]) -> (f64, u32) {
        let end = self.get(above).map_or(0, |node| node.end);
        let (mut seconds, mut count, mut until) = (0.0, 0, 0);
        for at in above.max(1)..end {
            let Some(node) = self.get(at) else { break };
            if matched.get(node.function as usize) == Some(&true) {
                count += 1;
                if at >= until {
                    seconds += node.total;
                    until = node.end;
                }
            }
        }
        (seconds, count)
    }

    /// The functions on the way from the root to a node, as keys that mean the same in any profile.
    pub fn path(&self, node: u32, profile: &Profile) -> Vec<u64> {
        let mut path = Vec::new();
        let mut at = node;
        while let Some(node) = self.get(at).filter(|node| node.parent != NONE) {
            path.extend(profile.functions.get(node.function as usize).map(|one| one.key));
            at = node.parent;
        }
        path.reverse();
        path
    }

    /// The node to which a path leads, as far as it does.
    pub fn follow(&self, path: &[u64], profile: &Profile) -> u32 {
        let mut at = 0;
        for key in path {
            let is = |node: &u32| {
                let function = self.get(*node).map_or(NONE, |node| node.function);
                profile.functions.get(function as usize).is_some_and(|one| one.key == *key)
            };
            let Some(next) = self.below(at).find(is) else { break };
            at = next;
        }
        at
    }
}

/// Nodes with parents only, in the order of a walk; of those with one parent the longest first.
fn walked(found: &[Node]) -> Vec<Node> {
    let of = |i: u32| found.get(i as usize);
    let order = sorted(found.len(), &mut |a, b| match (of(a), of(b)) {
        // The root, whose parent is none, comes last, and is not looked up.
        (Some(a), Some(b)) => a.parent.cmp(&b.parent).then(b.total.total_cmp(&a.total)),
        _ => std::cmp::Ordering::Equal,
    });
    // Where in that order the children of each begin.
    let mut first = vec![NONE; found.len()];
    for (at, i) in order.iter().enumerate().rev() {
        let parent = of(*i).map_or(NONE, |node| node.parent);
        if let Some(slot) = first.get_mut(parent as usize) {
            *slot = at as u32;
        }
    }
    let mut out: Vec<Node> = Vec::with_capacity(found.len());
    // What is open: the new number of a node, where its next child stands, where that begins.
    let mut open: Vec<(u32, u32, u32, f64)> = Vec::new();
    let mut next = Some((0u32, NONE, 0.0));
    loop {
        if let Some((old, parent, left)) = next.take() {
            let Some(node) = of(old) else { break };
            let new = out.len() as u32;
            out.push(Node { parent, left, ..node.clone() });
            open.push((old, new, first.get(old as usize).copied().unwrap_or(NONE), left));
        }
        let Some((old, new, at, left)) = open.last_mut() else { break };
        let child = order.get(*at as usize).copied();
        match child.and_then(|child| Some((child, of(child)?))) {
            Some((child, node)) if node.parent == *old && child != 0 => {
                next = Some((child, *new, *left));
                *at += 1;
                *left += node.total;
            }
            _ => {
                let end = out.len() as u32;
                if let Some(node) = out.get_mut(*new as usize) {
                    node.end = end;
                }
                open.pop();
            }
        }
    }
    out
}

/// What a function comes to, wherever it was called.
#[derive(Clone, PartialEq, Debug)]
pub struct Sum {
    /// The function, by number in the profile.
    pub function: u32,
    /// Seconds in it and in nothing it called.
    pub own: f64,
    /// Seconds in it and in what it called. Of a function that calls itself, each moment counts once.
    pub total: f64,
}

/// The functions of a profile that were seen, in no particular order.
pub fn sums(profile: &Profile) -> Vec<Sum> {
    let count = profile.functions.len();
    let mut sums: Vec<Sum> =
        (0..count as u32).map(|function| Sum { function, own: 0.0, total: 0.0 }).collect();
    let mut until = vec![0u32; count];
    for (i, frame) in profile.frames.iter().enumerate().skip(1) {
        let at = frame.function as usize;
        let (Some(sum), Some(until)) = (sums.get_mut(at), until.get_mut(at)) else { continue };
        sum.own += frame.own;
        if i as u32 >= *until {
            sum.total += frame.total;
            *until = frame.end;
        }
    }
    sums.retain(|sum| sum.total > 0.0);
    sums
}
