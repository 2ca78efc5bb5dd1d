//! The options of a new cluster.

use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::scale::cost_line;
use crate::app::action::Action;
use crate::app::draft::Draft;
use crate::app::route::Page;
use crate::app::snippet;
use crate::app::state::State;
use crate::gateway::model::{OptionField, OptionKind, Options};
use crate::gateway::sizing::WorkerSize;
use crate::ui::dom::{El, button, div, el, nothing, span, text};
use crate::ui::hooks::use_state_eq;
use crate::ui::part::{Hook, HookContext, Part, keyed, part};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{
    Copier, Mapping, Number, Tone, note, number, on_choice, on_text, ticked, trouble_note,
};

/// The options of a new cluster; `closable` where the form can be put away. A new revision of the
/// creation starts it anew.
pub fn options_form(state: &Rc<State>, closable: bool) -> Html {
    let revision = state.creation.revision;
    match state.options.clone() {
        Some(options) => keyed(Form { state: state.clone(), options, closable }, revision),
        None => el("section")
            .key(revision)
            .class("card options")
            .attr("aria-busy", "true")
            .kid(div("fields").kids((0..5).map(|_| div("bone tall"))))
            .into(),
    }
}

#[derive(PartialEq)]
struct Form {
    state: Rc<State>,
    options: Rc<Options>,
    closable: bool,
}

impl Part for Form {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let (state, options) = (&self.state, &self.options);
        let draft = use_state_eq(|| {
            let seed = state.creation.seed.as_deref();
            Draft::begin(options, &state.keepsake, seed, &state.route.query.options)
        })
        .run(hooks);
        let touched = use_state_eq(|| {
            // A link's values are shown with what is wrong with them.
            state.route.query.options.keys().cloned().collect::<Vec<String>>()
        })
        .run(hooks);
        let lost = use_state_eq(|| None::<String>).run(hooks);
        let read = draft.values(options);
        let creation = &state.creation;

        let edit = {
            let (set, touch, set_lost) = (draft.setter(), touched.setter(), lost.setter());
            let (now, was) = ((*draft).clone(), (*touched).clone());
            let dispatch = dispatch.clone();
            let said = !creation.fields.is_empty() || creation.trouble.is_some();
            Callback::from(move |(field, text): (String, String)| {
                let mut next = now.clone();
                next.texts.insert(field.clone(), text);
                set.set(next);
                let mut all = was.clone();
                all.push(field);
                touch.set(all);
                set_lost.set(None);
                if said {
                    dispatch.act(Action::ClearCreation);
                }
            })
        };
        let submit = {
            let dispatch = dispatch.clone();
            let read = read.clone();
            let touch = touched.setter();
            let options = options.clone();
            let busy = creation.busy;
            Callback::from(move |event: SubmitEvent| {
                event.prevent_default();
                match &read {
                    Ok(values) if !busy => dispatch.act(Action::Create(options.to_send(values))),
                    Ok(_) => {}
                    Err(problems) => touch.set(problems.keys().cloned().collect()),
                }
            })
        };
        let reset = {
            let (set, touch, set_lost) = (draft.setter(), touched.setter(), lost.setter());
            let defaults = Draft::defaults(options);
            let dispatch = dispatch.clone();
            Callback::from(move |_: MouseEvent| {
                set.set(defaults.clone());
                touch.set(Vec::new());
                set_lost.set(None);
                dispatch.act(Action::ClearCreation);
            })
        };
        let apply = {
            let (set, touch, set_lost) = (draft.setter(), touched.setter(), lost.setter());
            let options = options.clone();
            Callback::from(move |(name, values): (String, Map<String, Value>)| {
                let mut next = Draft::defaults(&options);
                let left = next.put(&options, &values);
                set.set(next);
                touch.set(Vec::new());
                set_lost.set((!left.is_empty()).then(|| {
                    format!(
                        "“{name}” was kept for other options: {} left as the default.",
                        left.join(", ")
                    )
                }));
            })
        };
        let close = state.route.follow(Page::Clusters);
        let size = read.as_ref().ok().map(|values| WorkerSize::from_values(values, Some(options)));
        let python = read.as_ref().ok().map(|values| snippet::create(state, options, values));
        let scoped =
            read.as_ref().ok().map(|values| snippet::create_scoped(state, options, values));
        let close = self.closable.then(|| {
            let dispatch = dispatch.clone();
            button("btn quiet icon")
                .attr("aria-label", "Close the form")
                .onclick(Callback::from(move |_: MouseEvent| dispatch.go_to(close.clone())))
                .text("×")
        });
        let presets = part(Presets {
            state: state.clone(),
            values: read.as_ref().ok().cloned(),
            onapply: apply,
        });
        let controls = options.fields.iter().map(|field| {
            let own = read
                .as_ref()
                .err()
                .filter(|_| touched.contains(&field.field))
                .and_then(|problems| problems.get(&field.field));
            let problem = creation.fields.get(&field.field).or(own);
            option_control(field, draft.text(&field.field), problem, &edit)
        });
        let none = options.fields.is_empty().then(|| {
            el("p").class("mute").text("This gateway offers no options: every cluster is the same.")
        });
        let skipped = (!options.skipped.is_empty()).then(|| {
            let names: Vec<_> = options.skipped.iter().map(|one| one.name.as_str()).collect();
            warning(&format!(
                "{} of the gateway's options could not be read: {}",
                names.len(),
                names.join(", ")
            ))
        });
        let trouble = creation.trouble.as_ref();
        let busy = creation.busy;
        let create = el("button")
            .attr("type", "submit")
            .class("btn primary tall")
            .attr("data-testid", "create-cluster")
            .flag("disabled", busy)
            .maybe(busy.then(|| span("spin")))
            .text(if busy { "Asking the gateway…" } else { "Create cluster" });
        let python = Copier {
            label: "Copy as Python",
            class: "quiet",
            testid: Some("copy-python"),
            title: Some("The same cluster from a notebook"),
            ..Copier::new(python.unwrap_or_default())
        };
        let scoped = Copier {
            label: "with …",
            class: "quiet",
            testid: Some("copy-python-scoped"),
            title: Some("The same as a context manager: the cluster ends with the block"),
            ..Copier::new(scoped.unwrap_or_default())
        };
        el("form")
            .class("card options")
            .attr("data-testid", "options-form")
            .flag("novalidate", true)
            .onsubmit(submit)
            .kid(
                el("header")
                    .kid(el("h2").text("New cluster"))
                    .kid(span("grow"))
                    .kid(presets)
                    .maybe(close),
            )
            .kid(
                div("fields")
                    .maybe(lost.as_deref().map(warning))
                    .kids(controls)
                    .maybe(none)
                    .maybe(skipped)
                    .maybe(trouble.map(|one| trouble_note(one, Some("create-error"), nothing())))
                    .kid(cost_line(size.unwrap_or_default(), 1, state.config.rates.as_ref())),
            )
            .kid(
                el("footer")
                    .kid(create)
                    .kid(
                        button("btn tall quiet")
                            .attr("data-testid", "options-reset")
                            .onclick(reset)
                            .text("Reset"),
                    )
                    .kid(span("grow"))
                    .kid(part(python))
                    .kid(part(scoped)),
            )
            .into()
    }
}

fn warning(words: &str) -> Html {
    note(Tone::Warn, None, nothing(), vec![text(words)])
}

fn option_control(
    field: &OptionField,
    held: &str,
    problem: Option<&String>,
    edit: &Callback<(String, String)>,
) -> El {
    let OptionField { field: name, label, kind, .. } = field;
    let id = AttrValue::from(format!("ds-option-{name}"));
    let testid = AttrValue::from(format!("option-{name}"));
    let error_id = AttrValue::from(format!("ds-option-{name}-error"));
    let typed = {
        let (name, edit) = (name.clone(), edit.clone());
        Callback::from(move |text: String| edit.emit((name.clone(), text)))
    };
    let invalid = problem.is_some();
    let error = problem.map(|problem| {
        span("error")
            .set("id", error_id.clone())
            .attr("role", "alert")
            .set("data-testid", format!("option-{name}-error"))
            .text(problem.as_str())
    });
    let figure = |oninput, whole, min, max| {
        number(Number { value: held, oninput, onenter: None, whole, min, max, invalid })
    };
    let place = div("field").key(name.as_str());
    let (aside, control) = match kind {
        OptionKind::Text => {
            let input = el("input").attr("autocomplete", "off").attr("spellcheck", "false");
            let input = input.class("input").value(held);
            (None, input.oninput(on_text(move |text| typed.emit(text))))
        }
        OptionKind::Bool => {
            let tick = el("input")
                .attr("type", "checkbox")
                .set("id", id)
                .set("data-testid", testid)
                .checked(held == "true")
                .onchange(Callback::from(move |event: Event| {
                    typed.emit(ticked(&event).to_string());
                }));
            let label = el("label").class("check").kid(tick).text(label.as_str());
            return place.kid(label).maybe(error);
        }
        OptionKind::Int { min, max } => {
            let (low, high) = (min.map(|n| n as f64), max.map(|n| n as f64));
            (bounds(low, high), figure(typed, true, low, high))
        }
        OptionKind::Float { min, max } => (bounds(*min, *max), figure(typed, false, *min, *max)),
        OptionKind::Select(choices) => {
            // A value that is no longer offered must be seen, not replaced in silence.
            let odd = (!choices.iter().any(|choice| choice == held)).then_some(held);
            let all = odd.into_iter().chain(choices.iter().map(String::as_str));
            let select = el("select")
                .class("input")
                .onchange(on_choice(move |text| typed.emit(text)))
                .kids(all.map(|one| choice(one, one, one == held).key(one)));
            (None, select)
        }
        OptionKind::Mapping => {
            let mapping = Mapping {
                text: held.into(),
                oninput: typed,
                label: label.as_str().into(),
                invalid,
                id,
                testid,
            };
            return place.kid(part(mapping)).maybe(error);
        }
        OptionKind::Unknown(kind) => {
            let area = el("textarea").attr("spellcheck", "false").attr("rows", "3");
            let area = area.class("input").value(held);
            let area = area.oninput(on_text(move |text| typed.emit(text)));
            (Some(format!("{kind}, as JSON")), area)
        }
    };
    let aside = aside.map(|aside| span("aside").text(aside));
    place
        .kid(el("label").set("for", id.clone()).text(label.as_str()).maybe(aside))
        .kid(
            control
                .set("id", id)
                .set("data-testid", testid)
                .set_some("aria-invalid", invalid.then_some("true".into()))
                .set_some("aria-describedby", invalid.then_some(error_id)),
        )
        .maybe(error)
}

fn choice(value: &str, words: &str, chosen: bool) -> El {
    el("option").set("value", value).flag("selected", chosen).text(words)
}

fn bounds(min: Option<f64>, max: Option<f64>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("{min} or more")),
        (None, Some(max)) => Some(format!("up to {max}")),
        (None, None) => None,
    }
}

#[derive(PartialEq)]
struct Presets {
    state: Rc<State>,
    /// The form's values, when they are good.
    values: Option<Map<String, Value>>,
    onapply: Callback<(String, Map<String, Value>)>,
}

/// The choice that stands for the options of the last cluster; no preset can be called so.
const LAST: &str = "\u{1}last";

impl Part for Presets {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let naming = use_state_eq(|| None::<String>).run(hooks);
        let chosen = use_state_eq(String::new).run(hooks);
        let presets = &self.state.keepsake.presets;
        let last = &self.state.keepsake.last;
        if let Some(name) = &*naming {
            let keep = {
                let (naming, chosen, values) =
                    (naming.setter(), chosen.setter(), self.values.clone());
                let name = name.trim().to_owned();
                Callback::from(move |()| {
                    if let (false, Some(values)) = (name.is_empty(), &values) {
                        dispatch.act(Action::Preset(name.clone(), Some(values.clone())));
                        chosen.set(name.clone());
                    }
                    naming.set(None);
                })
            };
            let enter = keep.clone();
            let (cancel, typed) = (naming.setter(), naming.setter());
            let onkeydown = move |event: KeyboardEvent| match event.key().as_str() {
                "Enter" => {
                    event.prevent_default();
                    enter.emit(());
                }
                "Escape" => {
                    event.stop_propagation();
                    cancel.set(None);
                }
                _ => {}
            };
            return span("strip")
                .kid(
                    el("input")
                        .class("input num")
                        .attr("placeholder", "name")
                        .attr("aria-label", "Name of the preset")
                        .value(name.as_str())
                        .oninput(on_text(move |text| typed.set(Some(text))))
                        .onkeydown(Callback::from(onkeydown)),
                )
                .kid(
                    button("btn")
                        .onclick(Callback::from(move |_: MouseEvent| keep.emit(())))
                        .text("Keep"),
                )
                .into();
        }
        let choose = {
            let (presets, last) = (presets.clone(), last.clone());
            let (apply, chosen) = (self.onapply.clone(), chosen.setter());
            on_choice(move |name| {
                if name == LAST {
                    apply.emit(("the last one".into(), last.clone()));
                } else if let Some(values) = presets.get(&name) {
                    apply.emit((name.clone(), values.clone()));
                }
                chosen.set(name);
            })
        };
        let some = !presets.is_empty() || !last.is_empty();
        let select = some.then(|| {
            let had = (!last.is_empty()).then(|| choice(LAST, "Last used", *chosen == LAST));
            el("select")
                .class("input num")
                .attr("aria-label", "Presets")
                .attr("data-testid", "preset")
                .onchange(choose)
                .kid(choice("", "Presets", chosen.is_empty()))
                .maybe(had)
                .kids(
                    presets
                        .keys()
                        .map(|name| choice(name, name, *name == *chosen).key(name.as_str())),
                )
        });
        let quiet = button("btn quiet");
        let button = if presets.contains_key(&*chosen) {
            let (name, chosen) = ((*chosen).clone(), chosen.setter());
            quiet
                .onclick(Callback::from(move |_: MouseEvent| {
                    dispatch.act(Action::Preset(name.clone(), None));
                    chosen.set(String::new());
                }))
                .text("Forget")
        } else {
            let naming = naming.setter();
            quiet
                .attr("data-testid", "preset-save")
                .attr("title", "Keep these values in this browser under a name")
                .flag("disabled", self.values.is_none())
                .onclick(Callback::from(move |_: MouseEvent| naming.set(Some(String::new()))))
                .text("Keep as…")
        };
        span("strip").maybe(select).kid(button).into()
    }
}
