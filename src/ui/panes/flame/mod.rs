//! The pane of a profile: what can be asked of it, its activity, its flame graph, its functions.

mod brush;
mod canvas;
mod table;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::runtime::HubHandle;
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::widgets::{on_choice, on_text, sets};
use base::fmt;
use base::number::fixed;
use feed::session::Ask;
use live::engine::Input;
use panes::flame::{Activity, Flame, FlameModel};

/// Most choices offered; the rest is counted.
const OPTIONS: usize = 200;

/// A flame graph that several parts share.
#[derive(Clone)]
pub struct Handle {
    model: Rc<RefCell<FlameModel>>,
    again: UseForceUpdateHandle,
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.model, &other.model)
    }
}

impl Handle {
    /// Changes it; what shows it is drawn again where that is seen.
    fn change(&self, what: &mut dyn FnMut(&mut FlameModel)) {
        let Ok(mut model) = self.model.try_borrow_mut() else { return };
        let before = model.version();
        what(&mut model);
        let changed = model.version() != before;
        drop(model);
        if changed {
            self.again.force_update();
        }
    }

    fn on(&self, what: fn(&mut FlameModel)) -> Callback<MouseEvent> {
        let handle = self.clone();
        Callback::from(move |_| handle.change(&mut |model| what(model)))
    }
}

/// Properties of [`FlameView`].
#[derive(Properties)]
pub struct FlameViewProps {
    /// What it shows.
    pub flame: Flame,
    /// Where it is asked for.
    pub hub: HubHandle,
    /// On a dark ground.
    pub dark: bool,
}

impl PartialEq for FlameViewProps {
    fn eq(&self, other: &Self) -> bool {
        // The note stands in the pane's head, and changes by the second.
        let (ours, theirs) = (&self.flame, &other.flame);
        Rc::ptr_eq(&ours.profile, &theirs.profile)
            && ours.asked == theirs.asked
            && ours.value == theirs.value
            && ours.options == theirs.options
            && (ours.remarks, ours.empty, self.dark) == (theirs.remarks, theirs.empty, other.dark)
            && self.hub == other.hub
    }
}

/// The pane's body.
#[component]
pub fn FlameView(props: &FlameViewProps) -> Html {
    let model = use_mut_ref(FlameModel::default);
    let again = use_force_update();
    let table = use_state_eq(|| false);
    let handle = Handle { model: model.clone(), again };
    let flame = &props.flame;
    if let Ok(mut model) = model.try_borrow_mut() {
        model.set_profile(&flame.profile);
        model.set_dark(props.dark);
    }
    let Ok(model) = model.try_borrow() else { return div("flame").into() };
    let graph = flame.empty.is_none();
    let axis = Activity::of(&flame.profile);
    let brush = axis.map(|axis| {
        let (hub, page, old) = (props.hub.clone(), flame.page, flame.asked.between);
        html! { <brush::Brush profile={flame.profile.clone()} {axis} between={flame.asked.between} dark={props.dark} ask={Callback::from(move |between| {
                if between != old {
                    hub.0.put(Input::Ask(page, Ask::Between(between)));
                }
            })} /> }
    });
    let shown = graph.then(|| {
        html! {
            <canvas::FlameCanvas handle={handle.clone()} version={model.version()}
                dark={props.dark} />
        }
    });
    let hidden = model.layout().hidden;
    let left_out = (graph && hidden > 0).then(|| {
        let words = format!(
            "{} narrower than a pixel are drawn gray. Zoom in to see them.",
            fmt::plural(hidden, "frame")
        );
        el("p").class("flame-hidden").text(words)
    });
    let cut = model.tree().cut;
    let cut = (graph && cut > 0).then(|| {
        let words =
            format!("The callers of {} with little time are not shown.", fmt::plural(cut, "frame"));
        el("p").class("flame-hidden").text(words)
    });
    let functions = (graph && *table).then(|| {
        html! { <table::Functions handle={handle.clone()} profile={flame.profile.clone()} /> }
    });
    div("flame")
        .kid(props.tools(&handle, &model, graph, sets(table.setter(), !*table), *table))
        .maybe(remark(flame.remarks[0]))
        .maybe(brush)
        .maybe(shown)
        .maybe(flame.empty.map(|why| el("p").class("empty").text(why)))
        .maybe(left_out)
        .maybe(cut)
        .maybe(remark(flame.remarks[1]))
        .maybe(functions)
        .into()
}

fn remark(words: Option<&'static str>) -> Option<El> {
    words.map(|words| el("p").class("flame-remark").text(words))
}

impl FlameViewProps {
    fn tools(
        &self,
        handle: &Handle,
        model: &FlameModel,
        graph: bool,
        on_table: Callback<MouseEvent>,
        table: bool,
    ) -> El {
        let flame = &self.flame;
        let (hub, page) = (self.hub.clone(), flame.page);
        let of = (flame.options.len() > 1).then(|| {
            let hub = hub.clone();
            let choose = on_choice(move |what| hub.0.put(Input::Ask(page, Ask::Of(what))));
            let mut select = el("select")
                .class("input flame-of")
                .attr("aria-label", "Tasks to profile")
                .attr("title", "All tasks, or those of one prefix")
                .attr("data-testid", "profile-of")
                .onchange(choose);
            let shown = flame.options.iter().enumerate();
            let shown = shown.filter(|(at, option)| *at < OPTIONS || **option == flame.value);
            for (_, option) in shown {
                select = select.kid(
                    el("option")
                        .set("value", option.clone())
                        .key(option.as_str())
                        .flag("selected", *option == flame.value)
                        .text(option.clone()),
                );
            }
            let more = flame.options.len().saturating_sub(OPTIONS);
            select.maybe((more > 0).then(|| {
                el("option")
                    .flag("disabled", true)
                    .text(format!("and {} more", fmt::count(more as u64)))
            }))
        });
        let update = flame.can_update.then(|| {
            let press = Callback::from(move |_: MouseEvent| {
                hub.0.put(Input::Ask(page, Ask::Update));
            });
            button("btn")
                .attr("data-testid", "profile-update")
                .attr(
                    "title",
                    "Get the latest samples from the scheduler. Dask does not send them by itself",
                )
                .truth("aria-busy", flame.asked.pending)
                .onclick(press)
                .text("Update")
        });
        let mut tools = div("flame-tools").maybe(of).maybe(update);
        if !graph {
            return tools;
        }
        let search = {
            let typed = handle.clone();
            let keyed = handle.clone();
            el("input")
                .class("input flame-search")
                .attr("type", "search")
                .attr("data-testid", "profile-search")
                .attr("placeholder", "Search function or file")
                .attr("aria-label", "Search function or file")
                .attr("title", "Search function or file (/). Enter: next match")
                .attr("spellcheck", "false")
                .attr("autocomplete", "off")
                .value(model.query().to_owned())
                .oninput(on_text(move |text| typed.change(&mut |model| model.set_query(&text))))
                .onkeydown(Callback::from(move |event: KeyboardEvent| {
                    match event.key().as_str() {
                        "Enter" => {
                            let key = if event.shift_key() { "N" } else { "n" };
                            keyed.change(&mut |model| {
                                model.key(key);
                            });
                        }
                        "Escape" => {
                            keyed.change(&mut |model| model.set_query(""));
                            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                                field.set_value("");
                                let _ = HtmlElement::blur(&field);
                            }
                        }
                        _ => return,
                    }
                    event.stop_propagation();
                    event.prevent_default();
                }))
        };
        let found = model.found().map(|(seconds, share, count)| {
            let words = if count == 0 {
                "none found".to_owned()
            } else {
                format!(
                    "{}: {} % of {}",
                    fmt::plural(count, "frame"),
                    fixed(share * 100.0, 1),
                    if model.zoom() == 0 { "all" } else { model.name(model.zoom()) }
                )
            };
            span("flame-found")
                .attr("role", "status")
                .attr("data-testid", "profile-found")
                .set(
                    "title",
                    format!("{} in matches, each sample counted once", fmt::secs(seconds)),
                )
                .text(words)
        });
        let whole = (model.zoom() > 0).then(|| {
            button("btn")
                .attr("data-testid", "profile-all")
                .attr("title", "Back to all samples (Escape)")
                .onclick(handle.on(|model| model.zoom_to(0)))
                .text("Zoom out")
        });
        tools = tools
            .kid(search)
            .maybe(found)
            .kid(span("grow"))
            .maybe(whole)
            .kid(
                button("btn")
                    .attr("data-testid", "profile-invert")
                    .attr("title", "Invert: functions by own time, with their callers below (i)")
                    .truth("aria-pressed", model.is_inverted())
                    .onclick(handle.on(FlameModel::invert))
                    .text("Invert"),
            )
            .kid(
                button("btn")
                    .attr("data-testid", "profile-table")
                    .attr("title", "The functions as a table")
                    .truth("aria-expanded", table)
                    .onclick(on_table)
                    .text("Table"),
            );
        tools
    }
}
