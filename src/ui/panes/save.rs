//! Saving what a pane shows: as PNG, SVG or CSV.

use yew::prelude::*;

use crate::app::panes::{Pane, Picture, svg};
use crate::ui::dom::{El, button};
use crate::web::download;

/// How far the clock on the wall is east of UTC, seconds.
pub fn offset_secs() -> i64 {
    -60 * js_sys::Date::new_0().get_timezone_offset() as i64
}

/// A button for each form in which the picture can be saved.
pub fn offers(pane: &'static Pane, picture: &Picture, dark: bool) -> Vec<El> {
    let offer = |kind: &'static str, words: &'static str, save: Callback<MouseEvent>| {
        button("btn quiet").testid(format!("save-{kind}")).onclick(save).text(words)
    };
    let mut all = Vec::new();
    // Made anew when it is saved: it may be large, and the menu is drawn with each change.
    if matches!(picture, Picture::Nothing(_)) {
        return all;
    }
    if svg::draw(picture, pane.title, dark, 0).is_some() {
        for (kind, words) in [("png", "Save as PNG"), ("svg", "Save as SVG")] {
            let picture = picture.clone();
            let save = move |_| {
                let Some((text, size)) = svg::draw(&picture, pane.title, dark, offset_secs())
                else {
                    return;
                };
                let name = format!("{}.{kind}", pane.id);
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
            download::text(&format!("{}.csv", pane.id), "text/csv", &text);
        }
    };
    all.push(offer("csv", "Save as CSV", Callback::from(save)));
    all
}
