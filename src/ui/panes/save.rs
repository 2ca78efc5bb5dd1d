//! Saving what a pane shows: as PNG, SVG or CSV.

use yew::prelude::*;

use crate::app::panes::{Picture, layout, svg};
use crate::ui::dom::{El, button};
use crate::web::download;

/// How far the clock on the wall is east of UTC, seconds.
pub fn offset_secs() -> i64 {
    -60 * js_sys::Date::new_0().get_timezone_offset() as i64
}

/// A button for each form in which the picture can be saved.
pub fn offers(id: &'static str, picture: &Picture, dark: bool) -> Vec<El> {
    let offer = |kind: &'static str, words: &'static str, save: Callback<MouseEvent>| {
        button("btn quiet").testid(format!("save-{kind}")).onclick(save).text(words)
    };
    let mut all = Vec::new();
    // Made anew when it is saved: it may be large, and the menu is drawn with each change.
    if matches!(picture, Picture::Nothing(_)) {
        return all;
    }
    let title = layout::title(id).unwrap_or(id);
    if svg::draw(picture, title, dark, 0).is_some() {
        for (kind, words) in [("png", "Save as PNG"), ("svg", "Save as SVG")] {
            let picture = picture.clone();
            let save = move |_| {
                let Some((text, size)) = svg::draw(&picture, title, dark, offset_secs()) else {
                    return;
                };
                let name = format!("{id}.{kind}");
                if kind == "svg" {
                    download::text(&name, "image/svg+xml", &text);
                } else {
                    download::png(name, text, size);
                }
            };
            all.push(offer(kind, words, Callback::from(save)));
        }
    }
    let picture = picture.clone();
    let save = move |_| {
        if let Some(text) = picture.csv() {
            download::text(&format!("{id}.csv"), "text/csv", &text);
        }
    };
    all.push(offer("csv", "Save as CSV", Callback::from(save)));
    all
}
