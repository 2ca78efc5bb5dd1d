//! Saving what a pane shows: as PNG, SVG or CSV.

use yew::prelude::*;

use crate::app::panes::{Picture, layout, svg};
use crate::ui::dom::{El, button};
use crate::web::{download, theme};

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
    if svg::is_drawn(picture) {
        for (kind, words) in [("png", "Save as PNG"), ("svg", "Save as SVG")] {
            let picture = picture.clone();
            let save = move |event: MouseEvent| {
                let inks = svg::Inks::read(&|name| theme::token(&event, name));
                let drawn = svg::draw(&picture, title, (inks, dark), offset_secs());
                let Some((text, size)) = drawn else { return };
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
