//! Saving what a pane shows: as PNG, SVG or CSV.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::board::Board;
use crate::ui::dom::{El, button};
use crate::web::{clock, download, theme};
use panes::{Picture, layout, svg};

/// A button for each form in which the picture can be saved.
pub fn offers(id: &'static str, picture: &Rc<Picture>, dark: bool, board: &Board) -> Vec<El> {
    let offer = |kind: &'static str, words: &'static str, save: Callback<MouseEvent>| {
        button("btn quiet").testid(format!("save-{kind}")).onclick(save).text(words)
    };
    let mut all = Vec::new();
    let title = layout::title(id).unwrap_or(id);
    if svg::is_drawn(picture) {
        for (kind, words) in [("png", "Save as PNG"), ("svg", "Save as SVG")] {
            let (picture, board) = (picture.clone(), board.clone());
            let save = move |event: MouseEvent| {
                let inks = svg::Inks::read(&|name| theme::token(&event, name));
                let drawn = svg::draw(&picture, title, (inks, dark), clock::zone());
                let Some((text, size)) = drawn else { return };
                let name = format!("{id}.{kind}");
                if kind == "svg" {
                    download::text(&name, "image/svg+xml", &text);
                } else {
                    let board = board.clone();
                    download::png(name, text, size, move || {
                        board.say("This browser does not allow PNG export. Use Save as SVG.");
                    });
                }
            };
            all.push(offer(kind, words, Callback::from(save)));
        }
    }
    if picture.has_csv() {
        let picture = picture.clone();
        let save = move |_| {
            let text = picture.csv().unwrap_or_default();
            download::text(&format!("{id}.csv"), "text/csv", &text);
        };
        all.push(offer("csv", "Save as CSV", Callback::from(save)));
    }
    all
}
