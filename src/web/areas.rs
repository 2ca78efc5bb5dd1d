//! A chart of areas, one upon the other, drawn by plotters.

use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::Look;
use crate::app::panes::Areas;
use crate::base::number::fixed;
use crate::timeline::palette;
use crate::timeline::scene::Ink;

/// Height of the chart, CSS pixels.
const HEIGHT: f64 = 170.0;

/// Draws it over the whole of `canvas`, as wide as the page has made it.
pub fn draw(canvas: &HtmlCanvasElement, areas: &Areas, dark: bool) {
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let width = f64::from(canvas.client_width().max(40));
    canvas.set_width((width * ratio) as u32);
    canvas.set_height((HEIGHT * ratio) as u32);
    // What cannot be drawn is left out; the key beside it says the last values.
    let _ = paint(canvas, areas, dark, ratio);
}

fn paint(canvas: &HtmlCanvasElement, areas: &Areas, dark: bool, ratio: f64) -> Option<()> {
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let look = Look::read(canvas, &context);
    let [ink, line] = [Ink::Mute, Ink::Line].map(|ink| {
        let [red, green, blue] = look.bytes(ink);
        RGBColor(red, green, blue)
    });
    let root = CanvasBackend::with_canvas_object(canvas.clone())?.into_drawing_area();
    let first = areas.ages_s.first().copied()?;
    let count = areas.ages_s.len();
    let mut base = vec![0.0; count];
    let mut tops: Vec<Vec<f64>> = Vec::new();
    for layer in &areas.layers {
        for (sum, amount) in base.iter_mut().zip(&layer.amounts) {
            *sum += if amount.is_finite() { *amount } else { 0.0 };
        }
        tops.push(base.clone());
    }
    let most = base.iter().chain(&areas.limit).copied().filter(|one| one.is_finite());
    let most = most.fold(0.0, f64::max).max(1e-9);
    let px = |css: f64| (css * ratio) as i32;
    let font = ("sans-serif", 11.0 * ratio).into_font().color(&ink);
    let mut chart = ChartBuilder::on(&root)
        .margin(px(4.0))
        .x_label_area_size(px(18.0))
        .y_label_area_size(px(36.0))
        .build_cartesian_2d(first.min(-1.0)..0.0, 0.0..most * 1.1)
        .ok()?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(line)
        .axis_style(line)
        .label_style(font)
        .x_labels(4)
        .y_labels(4)
        .x_label_formatter(&|age| fixed(*age, 0) + " s")
        .y_label_formatter(&|threads| fixed(*threads, 0))
        .draw()
        .ok()?;
    // The highest first: the next covers what is not its own.
    for (layer, top) in areas.layers.iter().zip(&tops).rev() {
        let [red, green, blue] = palette::fit(layer.color, dark);
        let mut points: Vec<(f64, f64)> = vec![(first, 0.0)];
        points.extend(areas.ages_s.iter().copied().zip(top.iter().copied()));
        points.push((0.0, 0.0));
        chart
            .plotting_area()
            .draw(&Polygon::new(points, RGBColor(red, green, blue).filled()))
            .ok()?;
    }
    let limit = areas.ages_s.iter().copied().zip(areas.limit.iter().copied());
    let stroke = ink.stroke_width(px(1.4).max(1) as u32);
    chart.draw_series(LineSeries::new(limit.filter(|(_, one)| one.is_finite()), stroke)).ok()?;
    root.present().ok()
}
