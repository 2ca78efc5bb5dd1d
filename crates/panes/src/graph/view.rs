//! Where the tasks of a graph are on its canvas: all of them in it at first, then as far and as large as a
//! person wants.

use super::Node;

/// Ground around the tasks, CSS px.
const PAD: f64 = 14.0;
/// As large as one can make it: one task of five thousand fills the canvas.
const MOST: f64 = 400.0;

/// A piece of the graph on a canvas.
#[derive(Clone, PartialEq, Debug)]
pub struct View {
    width: f64,
    height: f64,
    /// The least and the largest place of a task, in steps.
    x: [f64; 2],
    y: [f64; 2],
    zoom: f64,
    /// What stands in the middle, as a share of the graph.
    center: [f64; 2],
}

impl Default for View {
    fn default() -> Self {
        Self { width: 1.0, height: 1.0, x: [0.0; 2], y: [0.0; 2], zoom: 1.0, center: [0.5; 2] }
    }
}

impl View {
    /// Learns where the tasks are.
    pub fn hold(&mut self, nodes: &[Node]) {
        let (mut x, mut y) =
            ([f64::INFINITY, f64::NEG_INFINITY], [f64::INFINITY, f64::NEG_INFINITY]);
        for node in nodes.iter().filter(|node| node.shown) {
            x = [x[0].min(node.x), x[1].max(node.x)];
            y = [y[0].min(node.y), y[1].max(node.y)];
        }
        if x[0] <= x[1] {
            (self.x, self.y) = (x, y);
        }
    }

    /// Learns how large the canvas is, CSS px. Says whether it was another size before.
    pub fn resize(&mut self, width: f64, height: f64) -> bool {
        let old = (self.width, self.height);
        (self.width, self.height) = (width.max(1.0), height.max(1.0));
        old != (self.width, self.height)
    }

    /// Its size, CSS px.
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// Whether all of the graph is in it.
    pub fn is_whole(&self) -> bool {
        self.zoom == 1.0
    }

    /// Pixels for all of the graph, at this scale.
    fn reach(&self) -> [f64; 2] {
        [self.width, self.height].map(|px| (px - 2.0 * PAD).max(1.0) * self.zoom)
    }

    /// Where a task is, CSS px.
    pub fn place(&self, node: &Node) -> (f64, f64) {
        let [reach_x, reach_y] = self.reach();
        let at = |value: f64, [low, high]: [f64; 2], center: f64, reach: f64, px: f64| {
            let share = if high > low { (value - low) / (high - low) } else { 0.5 };
            (share - center) * reach + px / 2.0
        };
        (
            at(node.x, self.x, self.center[0], reach_x, self.width),
            at(node.y, self.y, self.center[1], reach_y, self.height),
        )
    }

    /// Half the side of a task, CSS px: as large as there is room for.
    pub fn half(&self) -> f64 {
        let [reach_x, reach_y] = self.reach();
        let room =
            (reach_x / (self.x[1] - self.x[0] + 1.0)).min(reach_y / (self.y[1] - self.y[0] + 1.0));
        (room * 0.35).clamp(1.5, 7.0)
    }

    /// The task at a point, CSS px: the nearest one, if it is near enough to be meant.
    pub fn hit(&self, nodes: &[Node], x: f64, y: f64) -> Option<u32> {
        let near = (self.half() + 3.0).max(6.0);
        let mut best = near * near;
        let mut found = None;
        for (row, node) in nodes.iter().enumerate().filter(|(_, node)| node.shown) {
            let (node_x, node_y) = self.place(node);
            let far = (node_x - x) * (node_x - x) + (node_y - y) * (node_y - y);
            if far <= best {
                (best, found) = (far, Some(row as u32));
            }
        }
        found
    }

    /// Makes it larger (a factor above 1) around a point, CSS px.
    pub fn zoom(&mut self, factor: f64, x: f64, y: f64) {
        let before = self.reach();
        self.zoom = (self.zoom * factor).clamp(1.0, MOST);
        let after = self.reach();
        let from_middle = [x - self.width / 2.0, y - self.height / 2.0];
        for axis in 0..2 {
            self.center[axis] += from_middle[axis] / before[axis] - from_middle[axis] / after[axis];
        }
        self.settle();
    }

    /// The same around its middle.
    pub fn zoom_middle(&mut self, factor: f64) {
        self.zoom(factor, self.width / 2.0, self.height / 2.0);
    }

    /// Moves what is seen by so many CSS px.
    pub fn pan(&mut self, dx: f64, dy: f64) {
        let reach = self.reach();
        self.center[0] -= dx / reach[0];
        self.center[1] -= dy / reach[1];
        self.settle();
    }

    /// Shows all of it.
    pub fn fit(&mut self) {
        self.zoom = 1.0;
        self.settle();
    }

    /// Moves a task into the middle where it is out of sight.
    pub fn bring(&mut self, node: &Node) {
        let (x, y) = self.place(node);
        if !(0.0..=self.width).contains(&x) || !(0.0..=self.height).contains(&y) {
            self.pan(self.width / 2.0 - x, self.height / 2.0 - y);
        }
    }

    /// Nothing but the graph is in the middle; all of it, where it fits.
    fn settle(&mut self) {
        if self.zoom <= 1.0 {
            self.center = [0.5; 2];
        }
        self.center = self.center.map(|share| share.clamp(0.0, 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::super::TaskState;
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let node = |x, y| Node { x, y, state: TaskState::Memory, shown: true };
        let nodes = [node(0.0, 0.0), node(3.0, 9.0), node(1.0, 4.0)];
        let mut view = View::default();
        view.hold(&nodes);
        assert!(view.resize(400.0, 300.0) && !view.resize(400.0, 300.0));
        assert_eq!(view.place(&nodes[0]), (14.0, 14.0));
        assert_eq!(view.place(&nodes[1]), (386.0, 286.0));
        let (x, y) = view.place(&nodes[2]);
        assert_eq!(view.hit(&nodes, x + 2.0, y), Some(2));
        assert_eq!(view.hit(&nodes, x + 60.0, y), None);
        view.zoom(3.0, x, y);
        let (again_x, again_y) = view.place(&nodes[2]);
        assert!((again_x - x).abs() < 1e-9 && (again_y - y).abs() < 1e-9);
        view.pan(-50.0, 20.0);
        let (moved_x, moved_y) = view.place(&nodes[2]);
        assert!((moved_x - x + 50.0).abs() < 1e-9 && (moved_y - y - 20.0).abs() < 1e-9);
        view.bring(&nodes[1]);
        let (x, y) = view.place(&nodes[1]);
        assert!((0.0..=400.0).contains(&x) && (0.0..=300.0).contains(&y));
        view.fit();
        assert!(view.is_whole());
        assert_eq!(view.place(&nodes[0]), (14.0, 14.0));
    }
}
