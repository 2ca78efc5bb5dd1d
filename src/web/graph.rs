//! The canvas of the task graph.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use panes::graph::{Graph, Kin, Node, TaskState};

/// Colours of the page that the graph uses: one for each state, in the order of [`TaskState::ALL`], then
/// edges, what is marked, and the ground.
const INKS: [&str; 10] = [
    "--t-waiting",
    "--t-queued",
    "--t-noworker",
    "--t-processing",
    "--t-memory",
    "--t-released",
    "--t-erred",
    "--faint",
    "--text",
    "--panel",
];

/// How strongly is drawn what does not belong to the marked task.
const ASIDE: f64 = 0.16;

/// Draws all of it, as large as the view says. `ratio` is device pixels for each CSS px.
pub fn draw(canvas: &HtmlCanvasElement, graph: &Graph, ratio: f64) -> Option<()> {
    let (width, height) = graph.view().size();
    let device = [width, height].map(|css| (css * ratio) as u32);
    if [canvas.width(), canvas.height()] != device {
        canvas.set_width(device[0]);
        canvas.set_height(device[1]);
    }
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let style = web_sys::window()?.get_computed_style(canvas).ok()??;
    let inks = INKS.map(|name| style.get_property_value(name).unwrap_or_default());
    let [.., edge, strong, ground] = &inks;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    edges(&context, graph, [edge, strong]);
    for (state, ink) in TaskState::ALL.into_iter().zip(&inks) {
        for aside in [true, false] {
            if graph.mark().is_some() || !aside {
                nodes(&context, graph, state, aside, [ink, ground]);
            }
        }
    }
    context.set_global_alpha(1.0);
    let half = graph.view().half() + 3.0;
    context.set_stroke_style_str(strong);
    context.set_line_width(2.0);
    for row in [graph.hover(), graph.mark().map(|mark| mark.row)].into_iter().flatten() {
        if let Some(node) = graph.node(row) {
            let (x, y) = graph.view().place(node);
            context.stroke_rect(x - half, y - half, 2.0 * half, 2.0 * half);
        }
    }
    Some(())
}

fn edges(context: &CanvasRenderingContext2d, graph: &Graph, [ink, strong]: [&str; 2]) {
    let (width, height) = graph.view().size();
    let kin = graph.mark().map(|mark| &*mark.kin);
    let is_kin = |row: u32, side: Kin| {
        let kin = kin.and_then(|kin| kin.get(row as usize));
        kin.is_some_and(|kin| *kin == Kin::Itself || *kin == side)
    };
    for marked in [false, true] {
        if marked && kin.is_none() {
            return;
        }
        context.begin_path();
        for (from, to) in graph.links() {
            let both = |side| is_kin(*from, side) && is_kin(*to, side);
            if marked != (both(Kin::Before) || both(Kin::After)) {
                continue;
            }
            let (Some(from), Some(to)) = (graph.node(*from), graph.node(*to)) else { continue };
            let ((ax, ay), (bx, by)) = (graph.view().place(from), graph.view().place(to));
            let out = |a: f64, b: f64, end: f64| (a < 0.0 && b < 0.0) || (a > end && b > end);
            if out(ax, bx, width) || out(ay, by, height) {
                continue;
            }
            context.move_to(ax, ay);
            context.line_to(bx, by);
        }
        context.set_stroke_style_str(if marked { strong } else { ink });
        let alpha = match (marked, kin.is_some()) {
            (true, _) => 0.8,
            (false, true) => ASIDE,
            // The more there are, the fainter: they must not hide the tasks.
            (false, false) => (12.0 / (graph.links().len() as f64).sqrt()).clamp(0.14, 0.5),
        };
        context.set_global_alpha(alpha);
        context.set_line_width(1.0);
        context.stroke();
    }
}

/// The tasks of one state in one path; each state has a shape of its own.
fn nodes(
    context: &CanvasRenderingContext2d,
    graph: &Graph,
    state: TaskState,
    aside: bool,
    [ink, ground]: [&str; 2],
) {
    let view = graph.view();
    let (width, height) = view.size();
    let half = view.half();
    let mark = graph.mark();
    let seen = |row: usize, node: &Node| {
        let other = mark.is_some_and(|mark| mark.kin.get(row) == Some(&Kin::Other));
        node.shown && node.state == state && other == aside
    };
    context.begin_path();
    let mut any = false;
    for (_, node) in graph.nodes().iter().enumerate().filter(|(row, node)| seen(*row, node)) {
        let (x, y) = view.place(node);
        if x < -half || y < -half || x > width + half || y > height + half {
            continue;
        }
        any = true;
        outline(context, state, x, y, half);
    }
    if !any {
        return;
    }
    context.set_global_alpha(if aside { ASIDE } else { 1.0 });
    context.set_stroke_style_str(ink);
    let hollow = matches!(state, TaskState::Waiting | TaskState::Queued | TaskState::NoWorker);
    context.set_line_width((half * 0.4).clamp(1.0, 2.0));
    if state != TaskState::Erred {
        context.set_fill_style_str(if hollow && half > 2.5 { ground } else { ink });
        context.fill();
    }
    if hollow || state == TaskState::Erred {
        context.stroke();
    }
}

fn outline(context: &CanvasRenderingContext2d, state: TaskState, x: f64, y: f64, half: f64) {
    match state {
        TaskState::Waiting | TaskState::Memory => {
            context.rect(x - half, y - half, 2.0 * half, 2.0 * half);
        }
        TaskState::Queued | TaskState::Released => {
            context.move_to(x + half, y);
            let _ = context.arc(x, y, half, 0.0, std::f64::consts::TAU);
        }
        TaskState::NoWorker => {
            context.move_to(x, y - half);
            context.line_to(x + half, y + half);
            context.line_to(x - half, y + half);
            context.close_path();
        }
        TaskState::Processing => {
            context.move_to(x - half, y - half);
            context.line_to(x + half, y);
            context.line_to(x - half, y + half);
            context.close_path();
        }
        TaskState::Erred => {
            context.move_to(x - half, y - half);
            context.line_to(x + half, y + half);
            context.move_to(x + half, y - half);
            context.line_to(x - half, y + half);
        }
    }
}
