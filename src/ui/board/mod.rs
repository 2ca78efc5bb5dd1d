//! The board of panes: which stand on it, how they are arranged, and what a person does about that.

pub mod drag;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::functional::{UseForceUpdateHandle, use_force_update, use_mut_ref};
use yew::prelude::*;

use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::store::{Surroundings, use_surroundings};
use crate::ui::widgets::{Copier, leaving, on_choice, on_text, sets, stay};
use crate::web::storage;
use base::fmt;
use panes::arrange::{Arrangement, known};
use panes::layout::{self, Layout, READY, Shelf};
use session::action::Action;
use session::state::Dialog;

/// Where one's own layout is kept (of this tab: what it wrote into the address), and those with names.
const LAYOUT: &str = "layout";
const SHELF: &str = "layouts";
/// What is open on the board, by the name of what opens it.
const LIBRARY: &str = "+";
const NAMING: &str = "=";

/// What may have the focus when what was pressed is gone, the nearest first.
fn nearby(event: &Event) -> Vec<Element> {
    let Some(at) = event.target().and_then(|at| at.dyn_into::<Element>().ok()) else {
        return Vec::new();
    };
    let beside =
        |one: &Element| one.next_element_sibling().or_else(|| one.previous_element_sibling());
    let closest = |selector| at.closest(selector).ok().flatten();
    let find = |within: &Element, selector| within.query_selector(selector).ok().flatten();
    let offer = closest(".pane-offer").and_then(|offer| beside(&offer));
    let cell = closest(".cell");
    let menu = |cell: &Element| find(cell, ".pane-more");
    let (here, there) = (cell.as_ref().and_then(menu), cell.as_ref().and_then(beside));
    let panes = closest(".panes");
    let last = [".library input", ".board-bar select"];
    let last = last.map(|selector| panes.as_ref().and_then(|panes| find(panes, selector)));
    let near = [closest("button"), offer, here, there.as_ref().and_then(menu)];
    near.into_iter().chain(last).flatten().collect()
}

/// Scrolls so that all of a menu can be read, where it ends below the window and fits into it.
fn reveal(panel: &Element) {
    let high = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
    let rect = panel.get_bounding_client_rect();
    if high.is_some_and(|high| rect.bottom() > high && rect.height() < high) {
        panel.scroll_into_view_with_bool(false);
    }
}

struct Inner {
    shown: RefCell<Arrangement>,
    dragged: Cell<bool>,
    around: Surroundings,
    again: UseForceUpdateHandle,
}

/// The board of one scheduler's panes. Cheap to clone.
#[derive(Clone)]
pub struct Board {
    inner: Rc<Inner>,
    /// What is open: the menu of a pane, by its id, or one of the bar's.
    open: UseStateHandle<Option<Rc<str>>>,
    /// The pane that fills the board.
    most: UseStateHandle<Option<Rc<str>>>,
    /// Panes that show their table.
    tables: UseStateHandle<Vec<Rc<str>>>,
    find: UseStateHandle<String>,
    name: UseStateHandle<String>,
    /// The menu of a pane that is open.
    panel: NodeRef,
    /// What is typed into first, in the panel that is open.
    field: NodeRef,
    /// Whether panes of GPUs are offered.
    pub gpus: bool,
    /// Whether one pane is shown for itself, with nothing to arrange.
    pub alone: bool,
}

impl PartialEq for Board {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

/// The board, as the address says, or as it was left last.
#[hook]
pub fn use_board() -> Board {
    let around = use_surroundings();
    let linked = around.panes.clone();
    let again = use_force_update();
    let inner = use_mut_ref(|| None::<Rc<Inner>>);
    let inner = inner
        .borrow_mut()
        .get_or_insert_with(|| {
            Rc::new(Inner {
                shown: RefCell::new(Arrangement::new(storage::get(LAYOUT).as_deref())),
                dragged: Cell::new(false),
                around,
                again,
            })
        })
        .clone();
    inner.shown.borrow_mut().arrive(linked.as_deref(), || storage::get_here(LAYOUT));
    let board = Board {
        inner,
        open: use_state_eq(|| None),
        most: use_state_eq(|| None),
        tables: use_state_eq(Vec::new),
        find: use_state_eq(String::new),
        name: use_state_eq(String::new),
        panel: use_node_ref(),
        field: use_node_ref(),
        gpus: false,
        alone: false,
    };
    let open = board.open.setter();
    let (panel, field) = (board.panel.clone(), board.field.clone());
    use_effect_with((*board.open).clone(), move |name| {
        if let Some(panel) = panel.cast::<Element>().filter(|_| name.is_some()) {
            reveal(&panel);
        }
        // Where a panel begins with a field, that is what it was opened for.
        if let Some(field) = field.cast::<HtmlElement>().filter(|_| name.is_some()) {
            let _ = field.focus();
        }
        let close = move || {
            open.set(None);
            true
        };
        let watch = if name.is_some() { leaving(".board-menu", close) } else { None };
        move || drop(watch)
    });
    board
}

impl Board {
    /// The panes in order.
    pub fn layout(&self) -> Layout {
        self.inner.shown.borrow().shown().clone()
    }

    /// The pane that fills the board, if one does: it may be off it since, by the address.
    pub fn most(&self) -> Option<Rc<str>> {
        let shown = self.inner.shown.borrow();
        (*self.most).clone().filter(|id| shown.shown().find(id).is_some())
    }

    /// Whether a pane shows its table in the place of its picture.
    pub fn is_table(&self, id: &str) -> bool {
        self.tables.iter().any(|table| &**table == id)
    }

    /// Changes the arrangement for the time of a drag.
    pub fn drag(&self, with: impl FnOnce(&mut Layout)) {
        self.inner.shown.borrow_mut().drag(with);
        self.inner.dragged.set(true);
        self.inner.again.force_update();
    }

    /// Keeps what a drag has changed.
    pub fn dragged(&self) {
        if self.inner.dragged.take() {
            self.change(Arrangement::put_down);
        }
    }

    /// Changes the arrangement. It stands in the address; one's own is kept in this browser, too.
    pub fn change(&self, with: impl FnOnce(&mut Arrangement)) {
        let texts = |shown: &Arrangement| [shown.kept(), shown.shown().print()];
        let before = texts(&self.inner.shown.borrow());
        with(&mut self.inner.shown.borrow_mut());
        self.changed(before);
    }

    #[inline(never)]
    fn changed(&self, [before, seen]: [String; 2]) {
        let (word, own, is_own) = {
            let shown = self.inner.shown.borrow();
            if shown.shown().print() != seen {
                // What has come is to be seen.
                self.most.set(None);
            }
            (shown.word(), shown.kept(), !shown.is_linked())
        };
        if is_own || own != before {
            storage::set(LAYOUT, &own);
        }
        storage::set_here(LAYOUT, word.as_deref().filter(|_| is_own).unwrap_or_default());
        self.inner.around.dispatch.act(Action::Moved(vec![("panes", word)]));
        self.inner.again.force_update();
    }

    /// Tells something in a note that goes by itself.
    pub fn say(&self, words: &str) {
        self.inner.around.dispatch.act(Action::Say(words.to_owned()));
    }

    fn on(&self, with: impl Fn(&Self) + 'static) -> Callback<MouseEvent> {
        let board = self.clone();
        Callback::from(move |event: MouseEvent| {
            stay(nearby(&event));
            with(&board);
        })
    }

    /// A callback that changes the arrangement of one pane.
    fn on_pane(&self, id: &Rc<str>, with: fn(&mut Layout, &str)) -> Callback<MouseEvent> {
        let id = id.clone();
        self.on(move |board| board.change(|board| board.change_much(|layout| with(layout, &id))))
    }

    /// Whether what was saved may be thrown away or written over; says why not. See [`session::framing`].
    fn may_keep(&self) -> bool {
        let dispatch = &self.inner.around.dispatch;
        let framed = dispatch.state().framed.is_some();
        if framed {
            dispatch.act(Action::Ask(Dialog::Framed));
        }
        !framed
    }

    fn does(&self, with: fn(&mut Arrangement)) -> Callback<MouseEvent> {
        self.on(move |board| board.change(with))
    }

    /// A button that opens something, and closes it.
    fn opener(&self, name: &str, class: &'static str) -> El {
        let on = self.open.as_deref() == Some(name);
        let next = (!on).then(|| Rc::from(name));
        button(class).truth("aria-expanded", on).onclick(sets(self.open.setter(), next))
    }

    /// Says how many findings there are that are no mere notes, where the board has no pane that tells them.
    fn alarm(&self, findings: u32) -> Option<El> {
        let id = Rc::<str>::from("advice");
        let here = self.layout().find(&id).is_some();
        (findings > 0 && !here).then(|| {
            button("btn quiet warn")
                .attr("data-testid", "advice-count")
                .attr("title", "Problems found on this cluster, with figures and what to do. Opens the Advice pane")
                .onclick(self.on_pane(&id, Layout::add_first))
                .text(fmt::plural(findings, "warning"))
        })
    }

    /// The bar above the panes, where so many findings are to be told.
    pub fn bar(&self, findings: u32) -> El {
        let shelf = Shelf::parse(&storage::get(SHELF).unwrap_or_default());
        let layout = self.layout();
        let name = shelf.name_of(&layout, &known).map(str::to_owned);
        let option = |value: &str, chosen: bool| {
            el("option").set("value", value.to_owned()).flag("selected", chosen)
        };
        let all = READY.iter().map(|(name, _)| *name);
        let all = all.chain(shelf.named.iter().map(|(name, _)| name.as_str()));
        let options = all.map(|one| option(one, name.as_deref() == Some(one)).text(one.to_owned()));
        let own = name.is_none().then(|| option("", true).text("Changed"));
        let choose = {
            let (board, shelf) = (self.clone(), shelf.clone());
            on_choice(move |name| {
                if let Some(text) = shelf.text_of(&name) {
                    board.change(|board| board.replace(text));
                }
            })
        };
        let select = el("select")
            .class("input")
            .attr("aria-label", "Layout")
            .attr("data-testid", "layout-choose")
            .onchange(choose)
            .maybe(own)
            .kids(options);
        let is_own = name.as_ref().is_some_and(|name| READY.iter().all(|(ready, _)| ready != name));
        let forget = is_own.then(|| {
            let name = name.clone().unwrap_or_default();
            button("btn quiet")
                .attr("data-testid", "layout-forget")
                .onclick(self.on(move |board| {
                    if board.may_keep() {
                        let mut shelf = Shelf::parse(&storage::get(SHELF).unwrap_or_default());
                        shelf.forget(&name);
                        storage::set(SHELF, &shelf.print());
                        board.inner.again.force_update();
                    }
                }))
                .text("Delete layout")
        });
        let reset = (name.as_deref() != Some(READY[0].0)).then(|| {
            button("btn quiet")
                .attr("data-testid", "layout-reset")
                .attr("title", "Back to the task stream, progress and workers")
                .onclick(self.does(|board| board.replace(READY[0].1)))
                .text("Reset")
        });
        let save = name.is_none().then(|| {
            let opener = self
                .opener(NAMING, "btn quiet")
                .attr("data-testid", "layout-name")
                .text("Save layout…");
            span("board-menu").kid(opener).maybe(self.is_open(NAMING).then(|| self.naming()))
        });
        let undo = self.inner.shown.borrow().can_undo().then(|| {
            button("btn quiet")
                .attr("data-testid", "layout-undo")
                .attr("title", "Undo the last change of the board")
                .onclick(self.does(Arrangement::undo))
                .text("Undo")
        });
        let href = web_sys::window().and_then(|window| window.location().href().ok());
        let link = href.filter(|_| self.inner.around.dispatch.location().has_links()).map(|href| {
            // One's own need not stand in the address; whoever gets the link is to see it all the same.
            let mut route = self.inner.around.dispatch.state().route.clone();
            if let Some(word) = self.inner.shown.borrow().word() {
                route.query.rest.insert("panes".into(), word);
            }
            let link = href.split('#').next().unwrap_or_default().to_owned() + &route.print();
            html! {
                <Copier
                    label="Copy link"
                    title="A link to this view. Whoever has the link can watch the cluster"
                    testid="layout-link"
                    class="quiet"
                    text={link}
                />
            }
        });
        let library = span("board-menu")
            .kid(
                self.opener(LIBRARY, "btn quiet")
                    .attr("data-testid", "pane-add")
                    .text("Add a pane…"),
            )
            .maybe(self.is_open(LIBRARY).then(|| self.library()));
        div("board-bar")
            .kid(select)
            .maybe(save)
            .maybe(forget)
            .maybe(reset)
            .maybe(undo)
            .kid(span("grow"))
            .kid(span("").attr("role", "status").maybe(self.alarm(findings)))
            .kid(link.unwrap_or_else(nothing))
            .kid(library)
    }

    /// Where the layout is a link's: that, and what can be done about it.
    pub fn said(&self) -> Option<El> {
        let shown = self.inner.shown.borrow();
        let strange = shown.strange().join(", ");
        let linked = shown.is_linked();
        let words = match (linked, shown.is_touched()) {
            (true, false) => "This layout came with the link. Yours is unchanged.",
            (true, true) => "This layout came with the link and was changed. Yours is unchanged.",
            (false, _) => "",
        };
        let strange = (!strange.is_empty())
            .then(|| span("warn").attr("role", "status").text(format!("Unknown panes: {strange}")));
        let act = |name, words, on| {
            linked.then(|| button("btn").attr("data-testid", name).text(words).onclick(on))
        };
        let keep = self.on(|board| {
            if board.may_keep() {
                board.change(Arrangement::keep);
            }
        });
        (linked || strange.is_some()).then(|| {
            div("board-said")
                .key("said")
                .kid(span("mute").attr("role", "status").testid("layout-linked").text(words))
                .maybe(strange)
                .maybe(act("layout-keep", "Use this layout", keep))
                .maybe(act("layout-back", "Discard", self.does(Arrangement::back)))
        })
    }

    /// Whether the menu of a pane is open, or what else has that name.
    pub fn is_open(&self, name: &str) -> bool {
        self.open.as_deref() == Some(name)
    }

    /// The form that gives the layout in use a name.
    fn naming(&self) -> El {
        let board = self.clone();
        let submit = Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            stay(nearby(&event));
            if !board.may_keep() {
                return;
            }
            let mut shelf = Shelf::parse(&storage::get(SHELF).unwrap_or_default());
            shelf.keep(&board.name, &board.layout().print());
            storage::set(SHELF, &shelf.print());
            board.open.set(None);
            board.inner.again.force_update();
        });
        let name = self.name.setter();
        let input = el("input")
            .class("input")
            .attr("aria-label", "Name of this layout")
            .attr("placeholder", "Name")
            .attr("maxlength", "60")
            .attr("data-testid", "layout-name-text")
            .node(&self.field)
            .value(self.name.as_str().to_owned())
            .oninput(on_text(move |text| name.set(text)));
        let taken = READY.iter().any(|(ready, _)| *ready == self.name.trim());
        let keep = el("button")
            .class("btn")
            .attr("type", "submit")
            .flag("disabled", self.name.trim().is_empty() || taken)
            .text("Keep");
        let shelf = Shelf::parse(&storage::get(SHELF).unwrap_or_default());
        let hint = if taken {
            Some("This name belongs to a built-in layout.")
        } else {
            shelf.text_of(self.name.trim()).map(|_| "A layout of this name will be replaced.")
        };
        let hint = hint.map(|hint| span("warn").attr("role", "status").text(hint));
        el("form").class("board-panel").onsubmit(submit).kid(input).kid(keep).maybe(hint)
    }

    /// All panes that are not on the board, by shelf; those that have what was typed in name or words.
    fn library(&self) -> El {
        use panes::{self, Group};
        let find = self.find.to_ascii_lowercase();
        let here = self.layout();
        let typed = self.find.setter();
        let input = el("input")
            .class("input")
            .attr("type", "search")
            .attr("aria-label", "Find a pane")
            .attr("placeholder", "Find by name, ours or Dask's")
            .attr("data-testid", "pane-find")
            .node(&self.field)
            .value(self.find.as_str().to_owned())
            .oninput(on_text(move |text| typed.set(text)));
        // In a place of their own: what comes and goes there must not make another field of this one.
        let panel = div("board-panel library").kid(input);
        let mut shelves = div("shelves");
        let mut any = false;
        let offer = |id: &'static str, title: &'static str| {
            let id = Rc::<str>::from(id);
            button("btn quiet pane-offer")
                .key(&*id)
                .testid(format!("pane-add-{id}"))
                .onclick(self.on_pane(&id, Layout::add))
                .text(title)
        };
        let fits = |id: &str, title: &str, words: &str| {
            let all = format!("{id} {title} {words}").to_ascii_lowercase();
            find.split_whitespace().all(|word| all.contains(word))
        };
        let wanted =
            |id: &str, title: &str, words: &str| here.find(id).is_none() && fits(id, title, words);
        for group in Group::ALL {
            let mut offers: Vec<El> = Vec::new();
            if group == Group::Work {
                let own = layout::OWN.iter().filter(|(id, title)| wanted(id, title, ""));
                offers.extend(own.map(|(id, title)| offer(id, title)));
            }
            let more = panes::offered(self.gpus).filter(|pane| pane.group == group);
            let more = more.filter(|pane| wanted(pane.id, pane.title, pane.words));
            // The shelf's own name says the rest.
            offers.extend(more.map(|pane| {
                let title = pane.title;
                offer(pane.id, title.strip_prefix("Dask's page: ").unwrap_or(title))
            }));
            if !offers.is_empty() {
                any = true;
                shelves = shelves.kid(
                    div("shelf")
                        .key(group.title())
                        .attr("role", "group")
                        .attr("aria-label", group.title())
                        .kid(span("mute").text(group.title()))
                        .kids(offers),
                );
            }
        }
        // Who looks for one that is there is not to think that it does not exist.
        let all = layout::OWN.iter().map(|(id, title)| (*id, *title, ""));
        let all = all.chain(panes::all().map(|pane| (pane.id, pane.title, pane.words)));
        let titles =
            all.filter(|(id, title, words)| here.find(id).is_some() && fits(id, title, words));
        let titles = titles.map(|(_, title, _)| title).collect::<Vec<_>>().join(", ");
        let words = if !titles.is_empty() {
            format!("On the board already: {titles}.")
        } else if any {
            return panel.kid(shelves);
        } else {
            "No pane matches.".to_owned()
        };
        let said = el("p").class("empty").attr("data-testid", "pane-add-here").text(words);
        panel.kid(shelves.kid(said))
    }

    /// The button of one pane, and what can be done about it. `more` is what the pane itself offers;
    /// `tabled` whether it has a table.
    pub fn menu(&self, id: &Rc<str>, tabled: bool, more: Vec<El>) -> El {
        let title = layout::title(id).unwrap_or_default();
        let opener = self
            .opener(id, "btn quiet icon pane-more")
            .set(
                "aria-label",
                if self.alone { "Save ".to_owned() + title } else { "Arrange ".to_owned() + title },
            )
            .testid(format!("pane-menu-{id}"))
            .text("⋮");
        let menu = span("board-menu at-pane").kid(opener);
        if !self.is_open(id) {
            // An empty place: else the button is another one, without the focus, once there is a panel.
            return menu.kid(nothing());
        }
        let item = |name: &'static str, words: &'static str, onclick: Callback<MouseEvent>| {
            button("btn quiet").testid(format!("pane-{name}")).onclick(onclick).text(words)
        };
        let mut panel = div("board-panel acts-panel").node(&self.panel);
        if self.alone {
            // There is nothing to arrange.
        } else if self.most().is_some() {
            panel = panel.kid(item("restore", "Back to all panes", self.on(Self::restore)));
        } else {
            let most = Some(id.clone());
            let fill = self.on(move |board| {
                board.open.set(None);
                board.most.set(most.clone());
            });
            panel = panel.kid(item("maximise", "Maximise", fill));
        }
        if tabled {
            let (is, id) = (self.is_table(id), id.clone());
            let turn = self.on(move |board| {
                let mut tables = (*board.tables).clone();
                if is {
                    tables.retain(|table| *table != id);
                } else {
                    tables.push(id.clone());
                }
                board.tables.set(tables);
                board.open.set(None);
            });
            panel = panel.kid(item(
                "table",
                if is { "Show the picture" } else { "Show as a table" },
                turn,
            ));
        }
        let bare = self.alone && !tabled && more.is_empty();
        panel = panel.kids(more);
        if bare {
            panel = panel.kid(el("p").class("mute").text("There is no picture here to save."));
        }
        if self.alone || self.most().is_some() {
            return menu.kid(panel);
        }
        let act = |name, words, with| item(name, words, self.on_pane(id, with));
        menu.kid(
            panel
                .kid(
                    div("pair")
                        .kid(act("earlier", "Earlier", |layout, id| layout.step(id, -1)))
                        .kid(act("later", "Later", |layout, id| layout.step(id, 1))),
                )
                .kid(
                    div("pair widths")
                        .kid(act("narrower", "Narrower", |layout, id| layout.grow(id, -1, 0)))
                        .kid(act("wider", "Wider", |layout, id| layout.grow(id, 1, 0))),
                )
                .kid(
                    div("pair")
                        .kid(act("lower", "Shorter", |layout, id| layout.grow(id, 0, -60)))
                        .kid(act("taller", "Taller", |layout, id| layout.grow(id, 0, 60))),
                )
                .kid(act("own-height", "Default height", Layout::free))
                .kid(item("remove", "Remove", {
                    let (id, title) = (id.clone(), title);
                    self.on(move |board| {
                        board.change(|all| all.change_much(|layout| layout.remove(&id)));
                        // The button may be out of sight.
                        board.say(&format!("{title} was removed. Undo is above the board."));
                    })
                })),
        )
    }

    /// Shows all panes again.
    pub fn restore(&self) {
        self.open.set(None);
        self.most.set(None);
    }
}
