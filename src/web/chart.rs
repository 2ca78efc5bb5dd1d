//! Charts with axes, drawn by plotters on a canvas of the page.

use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::Look;
use crate::app::panes::Plot;
use crate::timeline::scene::Ink;
use crate::timeline::ticks::clock;

/// Height of a chart, CSS pixels.
const HEIGHT: f64 = 104.0;

/// Draws a plot over the whole of `canvas`, as wide as the page has made it.
pub fn draw(canvas: &HtmlCanvasElement, times_ms: &[f64], plot: &Plot) {
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let width = f64::from(canvas.client_width().max(40));
    canvas.set_width((width * ratio) as u32);
    canvas.set_height((HEIGHT * ratio) as u32);
    // What cannot be drawn is left out; the words above the chart say the last values.
    let _ = paint(canvas, times_ms, plot, ratio);
}

fn paint(canvas: &HtmlCanvasElement, times_ms: &[f64], plot: &Plot, ratio: f64) -> Option<()> {
    let root = CanvasBackend::with_canvas_object(canvas.clone())?.into_drawing_area();
    let (first, last) = (times_ms.first().copied()?, times_ms.last().copied()?);
    let most = plot
        .lines
        .iter()
        .flat_map(|(_, amounts)| amounts)
        .copied()
        .filter(|amount| amount.is_finite());
    let most = most.fold(0.0, f64::max).max(1e-9);
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let look = Look::read(canvas, &context);
    let [ink, grid, one, two] = [Ink::Mute, Ink::Line, Ink::Accent, Ink::Text].map(|ink| {
        let [red, green, blue] = look.bytes(ink);
        RGBColor(red, green, blue)
    });
    let east = super::clock::east();
    let px = |css: f64| (css * ratio) as i32;
    let font = ("sans-serif", 11.0 * ratio).into_font().color(&ink);
    let mut chart = ChartBuilder::on(&root)
        .margin(px(4.0))
        .x_label_area_size(px(18.0))
        .y_label_area_size(px(72.0))
        .build_cartesian_2d(first..last.max(first + 1.0), 0.0..most * 1.1)
        .ok()?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(grid)
        .axis_style(grid)
        .label_style(font)
        .x_labels(4)
        .y_labels(3)
        .x_label_formatter(&|ms| clock((*ms * 1e3) as i64, east, 0))
        .y_label_formatter(&|amount| plot.unit.say(*amount))
        .draw()
        .ok()?;
    for ((_, amounts), color) in plot.lines.iter().zip([one, two]) {
        let points = times_ms.iter().copied().zip(amounts.iter().copied());
        let points = points.filter(|(_, amount)| amount.is_finite());
        let line = LineSeries::new(points, color.stroke_width(px(1.4).max(1) as u32));
        chart.draw_series(line).ok()?;
    }
    root.present().ok()
}
