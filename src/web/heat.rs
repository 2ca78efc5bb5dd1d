//! A matrix of colours on a canvas.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::canvas::Look;
use super::chart::{LEFT, clock, ratio};
use base::number::fixed;
use panes::matrix::{Across, Matrix};
use timeline::ramp;
use timeline::scene::{Ink, crop, crop_front};

/// Room around the plot, CSS pixels.
const MARGIN: f64 = 4.0;
/// Room for the names below, CSS pixels beyond the margin.
pub const BELOW: f64 = 18.0;
/// Least distance of two names, CSS pixels.
const APART: f64 = 13.0;
/// Cells that are at least so large have a line between them, CSS pixels.
const LINED: f64 = 7.0;

/// How high the plot is, CSS pixels.
fn height(rows: usize) -> f64 {
    let rows = rows as f64;
    (rows * 22.0).min(320.0).max(rows * 2.0).max(44.0)
}

/// Draws a matrix over the whole of `canvas`, as wide as the page has made it and as high as it needs,
/// with a frame around one cell.
pub fn draw(canvas: &HtmlCanvasElement, matrix: &Matrix, cursor: Option<(usize, usize)>) {
    let high = height(matrix.rows.len()) + 2.0 * MARGIN + BELOW;
    let _ = canvas.style().set_property("height", &(fixed(high, 2) + "px"));
    let ratio = ratio();
    let wide = f64::from(canvas.client_width().max(120));
    canvas.set_width((wide * ratio) as u32);
    canvas.set_height((high * ratio) as u32);
    let _ = paint(canvas, matrix, cursor, ratio, (wide, high));
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// The cells, a pixel each, on a canvas of no page.
fn pixels(matrix: &Matrix, dark: bool) -> Option<HtmlCanvasElement> {
    let (rows, columns) = (matrix.rows.len(), matrix.columns());
    let colors = ramp::table(dark);
    let mut bytes = vec![0; rows * columns * 4];
    for (i, pixel) in bytes.chunks_exact_mut(4).enumerate() {
        if let Some(share) = matrix.share(i / columns, i % columns)
            && let Some([r, g, b]) = colors.get((share * (ramp::COLORS - 1) as f64 + 0.5) as usize)
        {
            pixel.copy_from_slice(&[*r, *g, *b, 255]);
        }
    }
    let document = web_sys::window()?.document()?;
    let canvas = document.create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
    canvas.set_width(columns as u32);
    canvas.set_height(rows as u32);
    let image =
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(&bytes), columns as u32, rows as u32);
    context(&canvas)?.put_image_data(&image.ok()?, 0.0, 0.0).ok()?;
    Some(canvas)
}

fn paint(
    canvas: &HtmlCanvasElement,
    matrix: &Matrix,
    cursor: Option<(usize, usize)>,
    ratio: f64,
    (wide, high): (f64, f64),
) -> Option<()> {
    let (rows, columns) = (matrix.rows.len(), matrix.columns());
    if rows == 0 || columns == 0 {
        return None;
    }
    let ground = context(canvas)?;
    let look = Look::read(canvas, &ground);
    // On whole pixels, or edges would be smeared.
    let device = |css: f64| (css * ratio).round();
    let (x, y) = (device(LEFT + MARGIN), device(MARGIN));
    let (w, h) = (device(wide - MARGIN) - x, device(high - MARGIN - BELOW) - y);
    let (cell_w, cell_h) = (w / columns as f64, h / rows as f64);
    ground.set_fill_style_str(look.css(Ink::Raise));
    ground.fill_rect(x, y, w, h);
    ground.set_image_smoothing_enabled(false);
    ground
        .draw_image_with_html_canvas_element_and_dw_and_dh(
            &pixels(matrix, look.theme.dark)?,
            x,
            y,
            w,
            h,
        )
        .ok()?;
    let line = ratio.floor().max(1.0);
    ground.set_fill_style_str(look.css(Ink::Panel));
    for row in 1..if cell_h >= LINED * ratio { rows } else { 1 } {
        ground.fill_rect(x, (y + row as f64 * cell_h).round(), w, line);
    }
    // Time flows: no lines across it.
    let lined = matches!(matrix.across, Across::Names(..)) && cell_w >= LINED * ratio;
    for column in 1..if lined { columns } else { 1 } {
        ground.fill_rect((x + column as f64 * cell_w).round(), y, line, h);
    }
    if let Some((row, column)) = cursor.filter(|(row, column)| *row < rows && *column < columns) {
        let (left, top) = (x + column as f64 * cell_w, y + row as f64 * cell_h);
        for (ink, out) in [(Ink::Panel, 2.0), (Ink::Text, 1.0)] {
            ground.set_stroke_style_str(look.css(ink));
            ground.set_line_width(1.5 * ratio);
            let out = out * ratio;
            ground.stroke_rect(left - out, top - out, cell_w + 2.0 * out, cell_h + 2.0 * out);
        }
    }
    // Names, in CSS pixels, as many as there is room for.
    let _ = ground.scale(ratio, ratio);
    let (cell_w, cell_h) = (cell_w / ratio, cell_h / ratio);
    ground.set_font(&look.mono);
    ground.set_fill_style_str(look.css(Ink::Mute));
    ground.set_text_baseline("middle");
    ground.set_text_align("right");
    let fit = |name: &str, room: f64| {
        let chars = (room / look.char_width).max(0.0) as usize;
        if name.contains("://") { crop_front(name, chars) } else { crop(name, chars) }
    };
    let each = (APART / cell_h).ceil().max(1.0) as usize;
    for (row, label) in matrix.rows.iter().enumerate().step_by(each) {
        let at = MARGIN + (row as f64 + if each == 1 { 0.5 } else { 0.0 }) * cell_h;
        let at = if each == 1 { at } else { at + APART / 2.0 };
        let _ = ground.fill_text(&fit(&label.name, LEFT - 6.0), LEFT - 2.0, at);
    }
    let room = match &matrix.across {
        Across::Times { .. } => 10.0 * look.char_width,
        Across::Names(_, labels) => {
            let longest = labels.iter().map(|label| label.name.chars().count()).max()?;
            (longest.clamp(3, 12) + 1) as f64 * look.char_width
        }
    };
    let each = (room / cell_w).ceil().max(1.0) as usize;
    let align = if each == 1 { "center" } else { "left" };
    ground.set_text_align(align);
    let mut before = String::new();
    for column in (0..columns).step_by(each) {
        let at = LEFT + MARGIN + (column as f64 + if each == 1 { 0.5 } else { 0.0 }) * cell_w;
        let room = (cell_w * each as f64 - look.char_width).min(wide - at);
        let name = matrix.column_name(column, &clock);
        // Half a time says nothing.
        let time = matches!(matrix.across, Across::Times { .. });
        let name =
            if time && room < 8.0 * look.char_width { String::new() } else { fit(&name, room) };
        // Of columns of one second the first is named.
        if !time || name != before {
            let _ = ground.fill_text(&name, at, high - BELOW / 2.0);
        }
        before = name;
    }
    Some(())
}
