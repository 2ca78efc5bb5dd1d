//! Charts with axes, drawn by plotters on a canvas of the page.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::element::Polygon;
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::Look;
use panes::Plot;
use timeline::palette;
use timeline::scene::Ink;
use timeline::ticks;

/// Least height of a chart, CSS pixels.
const LEAST: i32 = 60;
/// Room around the plot, CSS pixels: what lies over it in the page (`heat.css`) counts on it.
pub const MARGIN: f64 = 4.0;
/// Room for the words at the left, CSS pixels beyond the margin.
pub const LEFT: f64 = 72.0;
/// Room for the times below, CSS pixels beyond the margin.
const BELOW: f64 = 18.0;

/// Least distance of times below, CSS pixels.
const TICK_GAP: f64 = 90.0;

/// A moment, Unix ms, on the browser's wall clock.
pub fn clock(ms: f64) -> String {
    super::clock::zone().clock((ms * 1e3) as i64, 0)
}

/// How many device pixels a CSS pixel has.
pub fn ratio() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio())
}

/// Where a point of the page is in the plot of a chart or matrix in `element`: shares of its width
/// and height, beyond 0 and 1 outside. `below` is the room under the plot, CSS pixels.
pub fn place(element: &web_sys::Element, x: f64, y: f64, below: f64) -> (f64, f64) {
    let rect = element.get_bounding_client_rect();
    let width = (rect.width() - LEFT - 2.0 * MARGIN).max(1.0);
    let height = (rect.height() - below - 2.0 * MARGIN).max(1.0);
    ((x - rect.left() - LEFT - MARGIN) / width, (y - rect.top() - MARGIN) / height)
}

/// Draws a plot over the whole of `canvas`, as large as the page has made it.
pub fn draw(canvas: &HtmlCanvasElement, times_ms: &[f64], plot: &Plot) {
    let ratio = ratio();
    let width = f64::from(canvas.client_width().max(40));
    let height = f64::from(canvas.client_height().max(LEAST));
    canvas.set_width((width * ratio) as u32);
    canvas.set_height((height * ratio) as u32);
    // What cannot be drawn is left out; the words above the chart say the last values.
    let _ = paint(canvas, times_ms, plot, ratio);
}

/// The pieces of a line between its gaps.
fn pieces(times_ms: &[f64], amounts: &[f64], each: &mut dyn FnMut(Vec<(f64, f64)>)) {
    let mut piece = Vec::new();
    for (time, amount) in times_ms.iter().zip(amounts) {
        if amount.is_finite() {
            piece.push((*time, *amount));
        } else if !piece.is_empty() {
            each(std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        each(piece);
    }
}

/// An axis that is labelled where we say.
struct Axis {
    range: Range<f64>,
    points: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (low, high): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        low + (share * f64::from(high - low)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // No lines between those that are labelled.
        if hint.weight().allow_light_points() { Vec::new() } else { self.points.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

fn paint(canvas: &HtmlCanvasElement, times_ms: &[f64], plot: &Plot, ratio: f64) -> Option<()> {
    let root = CanvasBackend::with_canvas_object(canvas.clone())?.into_drawing_area();
    let (first, last) = (times_ms.first().copied()?, times_ms.last().copied()?);
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let look = Look::read(canvas, &context);
    let rgb = |[red, green, blue]: palette::Bytes| RGBColor(red, green, blue);
    let [ink, grid, one, two] =
        [Ink::Mute, Ink::Line, Ink::Accent, Ink::Text].map(|ink| rgb(look.bytes(ink)));
    let last = last.max(first + 1.0);
    let plot_width = (f64::from(canvas.width()) / ratio - LEFT - 2.0 * MARGIN).max(1.0);
    // Round moments, as those of the task stream.
    let zone = super::clock::zone();
    let moments = ticks::ticks(first * 1e3, (last - first) * 1e3, plot_width, TICK_GAP, zone);
    // A label beyond would be cut by the edge.
    let fits = |share: f64| share * plot_width + 25.0 <= plot_width;
    let moments = moments.into_iter().filter(|tick| fits(tick.share));
    let moments: Vec<(f64, String)> =
        moments.map(|tick| (first + tick.share * (last - first), tick.label)).collect();
    let amounts = plot.marks();
    let said = |points: &[(f64, String)], at: f64| {
        let found = points.iter().find(|(point, _)| point.to_bits() == at.to_bits());
        found.map_or_else(String::new, |(_, label)| label.clone())
    };
    let places = |points: &[(f64, String)]| points.iter().map(|(at, _)| *at).collect();
    let px = |css: f64| (css * ratio) as i32;
    let font = ("sans-serif", 11.0 * ratio).into_font().color(&ink);
    let mut chart = ChartBuilder::on(&root)
        .margin(px(MARGIN))
        .x_label_area_size(px(BELOW))
        .y_label_area_size(px(LEFT))
        .build_cartesian_2d(
            Axis { range: first..last, points: places(&moments) },
            Axis { range: 0.0..plot.top(), points: places(&amounts) },
        )
        .ok()?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(grid)
        .axis_style(grid)
        .label_style(font)
        .x_label_formatter(&|ms| said(&moments, *ms))
        .y_label_formatter(&|amount| said(&amounts, *amount))
        .draw()
        .ok()?;
    let mut lines: Vec<(&[f64], RGBColor)> = Vec::new();
    if let Some(band) = &plot.band {
        let [low, quarter, median, three, high] = &band.edges;
        for (low, high, alpha) in [(low, high, 0.16), (quarter, three, 0.3)] {
            let mut tops = Vec::new();
            pieces(times_ms, high, &mut |piece| tops.push(piece));
            let mut at = 0;
            pieces(times_ms, low, &mut |piece| {
                // Both break where there was nobody.
                let Some(top) = tops.get(at) else { return };
                at += 1;
                let around: Vec<(f64, f64)> =
                    piece.into_iter().chain(top.iter().rev().copied()).collect();
                let area = Polygon::new(around, one.mix(alpha));
                let _ = chart.draw_series(std::iter::once(area));
            });
        }
        lines.push((median, one));
    }
    let many = plot.lines.len() > 2;
    for (at, (_, amounts)) in plot.lines.iter().enumerate() {
        let color = match at {
            _ if many => rgb(palette::series(at, look.theme.dark)),
            0 => one,
            _ => two,
        };
        lines.push((amounts, color));
    }
    for (amounts, color) in lines {
        pieces(times_ms, amounts, &mut |piece| {
            let line = LineSeries::new(piece, color.stroke_width(px(1.4).max(1) as u32));
            let _ = chart.draw_series(line);
        });
    }
    root.present().ok()
}
