//! Where the frames of a tree stand, in pixels: never more of them than can be seen.

use super::tree::Tree;
use feed::profile::NONE;

/// A rectangle.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Piece {
    /// Left edge, CSS px.
    pub x: f64,
    /// Width, CSS px.
    pub width: f64,
    /// Which row, the root's being 0.
    pub row: u16,
    /// The node; of several in one rectangle, the longest.
    pub node: u32,
    /// One past the last node that it stands for, those below included where they are not seen.
    pub until: u32,
    /// The first of them.
    pub from: u32,
    /// How many nodes side by side it stands for, where each is narrower than a pixel; 0 for one of its own.
    pub merged: u32,
    /// Whether it is above the one that fills the width.
    pub above: bool,
}

/// The rectangles, row by row as far as one frame's descendants go, and what they leave out.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Layout {
    /// In the order of the tree.
    pub pieces: Vec<Piece>,
    /// How many rows.
    pub rows: u16,
    /// Nodes that are too narrow to be seen, those below them included.
    pub hidden: u32,
}

/// Lays out `zoom` and all below it over `width` px, and what is above it over the same. Nodes
/// narrower than `least` px are merged with their neighbours. At most two rectangles a `least` a row
/// are made, and what is left out costs one step for each that hides others.
pub fn layout(tree: &Tree, zoom: u32, width: f64, least: f64) -> Layout {
    let mut made = Layout::default();
    let Some(top) = tree.get(zoom).filter(|top| top.total > 0.0) else { return made };
    let scale = width / top.total;
    let mut above = top.parent;
    while let Some(node) = tree.get(above).filter(|_| above != NONE) {
        made.pieces.push(Piece {
            x: 0.0,
            width,
            row: node.depth,
            node: above,
            from: above,
            until: above + 1,
            merged: 0,
            above: true,
        });
        above = node.parent;
    }
    made.pieces.reverse();
    // By row: the piece that merged nodes of that row were last put in.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut at = zoom;
    while at < top.end {
        let Some(node) = tree.get(at) else { break };
        let x = (node.left - top.left) * scale;
        let wide = node.total * scale;
        let row = usize::from(node.depth);
        made.rows = made.rows.max(node.depth + 1);
        if open.len() <= row {
            open.resize(row + 1, None);
        }
        if wide >= least {
            made.pieces.push(Piece {
                x,
                width: wide,
                row: node.depth,
                node: at,
                from: at,
                until: at + 1,
                merged: 0,
                above: false,
            });
            open[row] = None;
            at += 1;
            continue;
        }
        made.hidden += node.end.max(at + 1) - at;
        let next = node.end.max(at + 1);
        let last = open[row].and_then(|last| made.pieces.get_mut(last));
        match last {
            Some(last) if x <= last.x + last.width + least => {
                last.width = (x + wide - last.x).max(last.width);
                last.merged += 1;
                last.until = next;
                if tree.get(last.node).is_some_and(|longest| longest.total < node.total) {
                    last.node = at;
                }
            }
            _ => {
                open[row] = Some(made.pieces.len());
                let piece = Piece {
                    x,
                    width: wide.max(least),
                    row: node.depth,
                    node: at,
                    from: at,
                    until: next,
                    merged: 1,
                    above: false,
                };
                made.pieces.push(piece);
            }
        }
        at = next;
    }
    made
}

impl Layout {
    /// The rectangle at a point: `x` in CSS px, and the row. The last of those that meet there.
    pub fn at(&self, x: f64, row: u16) -> Option<usize> {
        let hit =
            |piece: &Piece| piece.row == row && x >= piece.x && x < piece.x + piece.width.max(1.0);
        self.pieces.iter().rposition(hit)
    }

    /// The rectangle in which a node is seen: its own, or one that it shares.
    pub fn piece_of(&self, node: u32, tree: &Tree) -> Option<usize> {
        let own = self.pieces.iter().position(|piece| piece.node == node && piece.merged == 0);
        own.or_else(|| {
            let first = self.pieces.iter().find(|piece| !piece.above)?;
            let (top, it) = (tree.get(first.node)?, tree.get(node)?);
            if !tree.is_in(node, first.node) {
                return None;
            }
            let x = (it.left + it.total / 2.0 - top.left) * (first.width / top.total);
            // It may be below one that is merged: the nearest row upwards where there is one.
            (first.row..=it.depth).rev().find_map(|row| {
                self.pieces.iter().position(|piece| {
                    piece.row == row && x >= piece.x && x <= piece.x + piece.width
                })
            })
        })
    }
}
