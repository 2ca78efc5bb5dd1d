//! Panes moved by their heads and sized by their corners, with a pointer. By keyboard and with
//! fingers the same is done in a pane's menu.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, PointerEvent};

use super::Board;
use crate::web::input::{Listening, listen};
use panes::layout::COLUMNS;

/// How far a pointer goes until it drags, px.
const FAR: f64 = 6.0;
/// The board's gap between panes, px, as in the style sheet.
const GAP: f64 = 12.0;

enum Drag {
    /// A pane by its head: where it was taken, and before which place it would go.
    Move { id: Rc<str>, from: (f64, f64), to: Option<usize> },
    /// A pane by its corner: where its left and upper edges are, and how wide a column is.
    Size { id: Rc<str>, left: f64, top: f64, column: f64 },
}

/// Listens on the board's element for as long as what it gives is held.
pub fn watch(place: &HtmlElement, board: Board) -> Vec<Listening> {
    let drag = Rc::new(RefCell::new(None::<Drag>));
    let mut all = Vec::new();
    {
        let (place, drag) = (place.clone(), drag.clone());
        let target = place.clone();
        all.extend(listen(&target, "pointerdown", move |event: PointerEvent| {
            *drag.borrow_mut() = begin(&place, &event);
            if let Some(Drag::Size { .. }) = &*drag.borrow() {
                event.prevent_default();
                let _ = place.set_pointer_capture(event.pointer_id());
            }
        }));
    }
    {
        let (target, drag, board) = (place.clone(), drag.clone(), board.clone());
        all.extend(listen(place, "pointermove", move |event: PointerEvent| {
            follow(&target, &mut drag.borrow_mut(), &board, &event);
        }));
    }
    for name in ["pointerup", "pointercancel"] {
        let (target, drag, board) = (place.clone(), drag.clone(), board.clone());
        all.extend(listen(place, name, move |_: PointerEvent| {
            let Some(drag) = drag.borrow_mut().take() else { return };
            mark(&target, None, None);
            match drag {
                Drag::Size { .. } => board.dragged(),
                Drag::Move { id, to: Some(to), .. } if name == "pointerup" => {
                    board.change(|board| board.change_much(|layout| layout.put_before(&id, to)));
                }
                Drag::Move { .. } => {}
            }
        }));
    }
    if let Some(window) = web_sys::window() {
        let target = place.clone();
        all.extend(listen(&window, "keydown", move |event: KeyboardEvent| {
            let moves = matches!(&*drag.borrow(), Some(Drag::Move { to: Some(_), .. }));
            if moves && event.key() == "Escape" {
                event.prevent_default();
                *drag.borrow_mut() = None;
                mark(&target, None, None);
            }
        }));
    }
    all
}

fn begin(place: &HtmlElement, event: &PointerEvent) -> Option<Drag> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let cell = target.closest(".cell").ok()??;
    let id = Rc::from(cell.get_attribute("data-pane")?);
    // One pane alone, or one that fills the board, stays where it is.
    let lone = place.closest(".alone,.most").ok()?.is_some();
    if event.button() != 0 || lone {
        return None;
    }
    if target.class_list().contains("pane-grip") {
        let rect = cell.get_bounding_client_rect();
        let column = (place.get_bounding_client_rect().width() + GAP) / f64::from(COLUMNS);
        return Some(Drag::Size { id, left: rect.left(), top: rect.top(), column });
    }
    // Fingers scroll the page there.
    let takes = event.pointer_type() != "touch" && target.closest("header").ok()?.is_some();
    let other = target.closest("button,input,select,a,summary,label,.board-menu,.stream-legend");
    (takes && other.ok()?.is_none()).then(|| {
        let from = (f64::from(event.client_x()), f64::from(event.client_y()));
        Drag::Move { id, from, to: None }
    })
}

fn follow(place: &HtmlElement, drag: &mut Option<Drag>, board: &Board, event: &PointerEvent) {
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    match drag {
        None => {}
        // The button was let go where nobody heard it.
        Some(_) if event.buttons() == 0 => {
            *drag = None;
            mark(place, None, None);
            board.dragged();
        }
        Some(Drag::Size { id, left, top, column }) => {
            let wide = ((x - *left + GAP) / *column).round().max(0.0) as u16;
            let tall = (y - *top).max(0.0) as u16;
            board.drag(|layout| layout.resize(id, wide, Some(tall)));
        }
        Some(Drag::Move { id, from, to }) => {
            if to.is_none() {
                if (x - from.0).abs().max((y - from.1).abs()) < FAR {
                    return;
                }
                let _ = place.set_pointer_capture(event.pointer_id());
            }
            let Some((at, before)) = under(place, x, y) else { return };
            *to = Some(if before { at } else { at + 1 });
            mark(place, Some(id), Some((at, before)));
        }
    }
}

fn cells(place: &HtmlElement) -> impl Iterator<Item = Element> {
    let all = place.children();
    (0..all.length()).filter_map(move |at| all.item(at))
}

/// The place of the pane under a point, and whether the point is in its first half.
fn under(place: &HtmlElement, x: f64, y: f64) -> Option<(usize, bool)> {
    let whole = place.get_bounding_client_rect().width();
    cells(place).enumerate().find_map(|(at, cell)| {
        let rect = cell.get_bounding_client_rect();
        let inside = rect.left() <= x
            && x < rect.right() + GAP
            && rect.top() <= y
            && y < rect.bottom() + GAP;
        // Of panes that stand alone in their line, before is above.
        let before = if rect.width() > whole * 0.9 {
            y < rect.top() + rect.height() / 2.0
        } else {
            x < rect.left() + rect.width() / 2.0
        };
        inside.then_some((at, before))
    })
}

/// Shows which pane is dragged, and where it would go.
fn mark(place: &HtmlElement, id: Option<&str>, to: Option<(usize, bool)>) {
    let on = |cell: &Element, class: &str, on: bool| {
        let _ = cell.class_list().toggle_with_force(class, on);
    };
    on(place, "arranging", id.is_some());
    for (at, cell) in cells(place).enumerate() {
        on(&cell, "dragged", id.is_some() && cell.get_attribute("data-pane").as_deref() == id);
        on(&cell, "drop-before", to == Some((at, true)));
        on(&cell, "drop-after", to == Some((at, false)));
    }
}

/// Gives the cells of a board the heights that a person has set.
pub fn set_heights(place: &HtmlElement, heights: &[Option<u16>]) {
    for (cell, tall) in cells(place).zip(heights) {
        let Some(cell) = cell.dyn_ref::<HtmlElement>() else { continue };
        let _ = match tall {
            Some(tall) => cell.style().set_property("height", &format!("{tall}px")),
            None => cell.style().remove_property("height").map(drop),
        };
    }
}
