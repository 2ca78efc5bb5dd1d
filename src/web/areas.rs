//! A chart of areas, one upon the other. Drawn by hand: what plotters compiles anew for filled areas is
//! larger than all that is here.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::chart;
use base::fmt::round_secs;
use base::number::fixed;
use panes::Areas;
use timeline::palette;
use timeline::ticks::step_for;

/// Height of the chart, and room around it, CSS px: at the sides as other charts have it, so that a
/// moment is found in all of them alike.
const HEIGHT: f64 = 170.0;
const LEFT: f64 = chart::LEFT + chart::MARGIN;
const BELOW: f64 = 18.0;

/// Draws it over the whole of `canvas`, as wide as the page has made it.
pub fn draw(canvas: &HtmlCanvasElement, areas: &Areas, dark: bool) {
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let width = f64::from(canvas.client_width().max(40));
    canvas.set_width((width * ratio) as u32);
    canvas.set_height((HEIGHT * ratio) as u32);
    // What cannot be drawn is left out; the key beside it says the last values.
    let _ = paint(canvas, areas, dark, width, ratio);
}

fn paint(
    canvas: &HtmlCanvasElement,
    areas: &Areas,
    dark: bool,
    width: f64,
    ratio: f64,
) -> Option<()> {
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let style = web_sys::window()?.get_computed_style(canvas).ok()??;
    let [ink, line] =
        ["--mute", "--line"].map(|name| style.get_property_value(name).unwrap_or_default());
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    let first = areas.ages_s.first().copied()?.min(-1.0);
    let mut sums = vec![0.0; areas.ages_s.len()];
    let mut tops: Vec<Vec<f64>> = Vec::new();
    for layer in &areas.layers {
        for (sum, amount) in sums.iter_mut().zip(&layer.amounts) {
            *sum += if amount.is_finite() { *amount } else { 0.0 };
        }
        tops.push(sums.clone());
    }
    let most = sums.iter().chain(&areas.limit).copied().fold(1.0, f64::max);
    let right = width - chart::MARGIN;
    let x = |age: f64| LEFT + (right - LEFT) * (1.0 - age / first);
    let y = |amount: f64| 6.0 + (HEIGHT - BELOW - 6.0) * (1.0 - amount / most);
    context.set_font("11px sans-serif");
    context.set_text_baseline("middle");
    context.set_stroke_style_str(&line);
    context.set_fill_style_str(&ink);
    // Whole threads only: at most five lines.
    let step = (most / 4.0).ceil().max(1.0);
    for at in 0..=(most / step) as u32 {
        let amount = f64::from(at) * step;
        let level = y(amount).round() + 0.5;
        context.begin_path();
        context.move_to(LEFT, level);
        context.line_to(right, level);
        context.stroke();
        context.set_text_align("right");
        let _ = context.fill_text(&fixed(amount, 0), LEFT - 6.0, level);
    }
    // Round times before that.
    let step = step_for(-first * 1e6 / 3.5) as f64 / 1e6;
    for at in 0..=(-first / step) as u32 {
        let age = f64::from(at) * step;
        context.set_text_align(if at == 0 { "right" } else { "center" });
        let words = if at == 0 { "last seen".into() } else { format!("−{}", round_secs(age)) };
        let _ = context.fill_text(&words, x(-age), HEIGHT - BELOW / 2.0 + 2.0);
    }
    let path = |amounts: &[f64]| {
        context.begin_path();
        for (age, amount) in areas.ages_s.iter().zip(amounts) {
            context.line_to(x(*age), y(*amount));
        }
    };
    // The highest first: the next one covers what is not its own.
    for (layer, top) in areas.layers.iter().zip(&tops).rev() {
        path(top);
        context.line_to(x(0.0), y(0.0));
        context.line_to(x(areas.ages_s.first().copied()?), y(0.0));
        context.set_fill_style_str(&palette::css(palette::fit(layer.color, dark)));
        context.fill();
    }
    path(&areas.limit);
    context.set_stroke_style_str(&ink);
    context.stroke();
    Some(())
}
