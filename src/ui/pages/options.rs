//! The options of a new cluster.

use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::option_field::{WRONG, choice, focus_wrong, option_control};
use super::scale::cost_line;
use crate::ui::dom::{El, button, div, el, list, span};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::part::{Hook, HookContext, Part, keyed, part};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{Copier, Tone, acts, focus_in, note, on_choice, on_text, trouble_note};
use base::dict::Dict;
use gateway::model::Options;
use gateway::sizing::WorkerSize;
use session::action::Action;
use session::draft::Draft;
use session::route::Page;
use session::snippet;
use session::state::{State, Trouble};

/// The options of a new cluster; `closable` where the form can be put away. A new revision of the
/// creation starts it anew.
pub fn options_form(state: &Rc<State>, closable: bool) -> Html {
    let revision = state.creation.revision;
    if let Some(options) = state.options.clone() {
        return keyed(Form { state: state.clone(), options, closable }, revision);
    }
    if let Some(trouble) = &state.options_trouble {
        return part(Untold { trouble: trouble.clone() });
    }
    let mut fields = div("fields");
    for _ in 0..5 {
        fields = fields.kid(div("bone tall"));
    }
    let card = el("section").key(revision).class("card options");
    card.attr("aria-busy", "true").kid(fields).into()
}

/// In the form's place: why the gateway could not tell its options.
#[derive(PartialEq)]
struct Untold {
    trouble: Trouble,
}

impl Part for Untold {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let again = button("btn")
            .testid("options-again")
            .onclick(acts(&dispatch, || Action::AskOptions))
            .text("Try again");
        let head = el("header").kid(el("h2").text("New cluster"));
        let said = trouble_note(&self.trouble).testid("options-trouble").kid(again);
        el("section").class("card options").kid(head).kid(div("fields").kid(said)).into()
    }
}

#[derive(PartialEq)]
struct Form {
    state: Rc<State>,
    options: Rc<Options>,
    closable: bool,
}

/// What the form holds.
#[derive(Clone, Default, PartialEq)]
struct Held {
    draft: Draft,
    /// Fields whose problems are shown.
    touched: Vec<String>,
    /// What a preset held that is no longer offered, in a sentence.
    lost: Option<String>,
}

impl Part for Form {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let (state, options) = (&self.state, &self.options);
        let held = use_state_eq(|| {
            let (seed, linked) = (state.creation.seed.as_deref(), &state.route.query.options);
            Held {
                draft: Draft::begin(options, &state.prefs, seed, linked),
                // A link's values are shown with what is wrong with them.
                touched: linked.keys().cloned().collect(),
                lost: foreign(options, linked).or_else(|| unusable(options, seed?)),
            }
        })
        .run(hooks);
        let Held { draft, touched, lost } = &*held;
        let read = draft.values(options);
        let creation = &state.creation;
        let place = use_node_ref().run(hooks);
        {
            let place = place.clone();
            let refused: Vec<String> = creation.fields.keys().cloned().collect();
            use_effect_with((refused, creation.trouble.clone()), move |(fields, trouble)| {
                if !fields.is_empty() || trouble.is_some() {
                    focus_wrong(&place);
                }
            })
            .run(hooks);
        }

        let edit = {
            let (held, dispatch) = (held.clone(), dispatch.clone());
            let said = !creation.fields.is_empty() || creation.trouble.is_some();
            Callback::from(move |(field, text): (String, String)| {
                let mut next = (*held).clone();
                next.draft.texts.insert(field.clone(), text);
                next.touched.push(field);
                next.lost = None;
                held.set(next);
                if said {
                    dispatch.act(Action::ClearCreation);
                }
            })
        };
        let submit = {
            let (held, dispatch) = (held.clone(), dispatch.clone());
            let (read, options) = (read.clone(), options.clone());
            let busy = creation.busy;
            Callback::from(move |event: SubmitEvent| {
                event.prevent_default();
                match &read {
                    Ok(values) if !busy => dispatch.act(Action::Create(options.to_send(values))),
                    Ok(_) => {}
                    Err(problems) => {
                        let mut next = (*held).clone();
                        next.touched = problems.keys().cloned().collect();
                        held.set(next);
                        focus_in(&event, WRONG);
                    }
                }
            })
        };
        let reset = {
            let (held, dispatch) = (held.setter(), dispatch.clone());
            Callback::from(move |_: MouseEvent| {
                held.set(Held::default());
                dispatch.act(Action::ClearCreation);
            })
        };
        let apply = {
            let (held, options) = (held.setter(), options.clone());
            Callback::from(move |(name, values): (String, Map<String, Value>)| {
                let mut draft = Draft::default();
                let left = draft.put(&options, &values);
                let lost = (!left.is_empty()).then(|| {
                    format!(
                        "“{name}” was kept for other options: {} left as the default.",
                        left.join(", ")
                    )
                });
                held.set(Held { draft, touched: Vec::new(), lost });
            })
        };
        let close = state.route.follow(Page::Clusters);
        let values = read.as_ref().ok();
        let size = values.map(|values| WorkerSize::from_values(values, Some(options)));
        let close = self.closable.then(|| {
            let dispatch = dispatch.clone();
            button("btn quiet icon")
                .attr("aria-label", "Close the form")
                .onclick(Callback::from(move |_: MouseEvent| dispatch.go_to(close.clone())))
                .text("×")
        });
        let presets =
            part(Presets { state: state.clone(), values: values.cloned(), onapply: apply });
        let mut controls = Vec::new();
        for field in &options.fields {
            let name = &field.field;
            let own = read.as_ref().err().filter(|_| touched.contains(name));
            let problem = creation.fields.get(name).or(own.and_then(|all| all.get(name)));
            controls.push(option_control(field, draft, problem, &edit).into());
        }
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
            // It keeps the focus while the gateway is being asked.
            .set_some("aria-disabled", busy.then_some("true".into()))
            .maybe(busy.then(|| span("spin")))
            .text(if busy { "Asking the gateway…" } else { "Create cluster" });
        let copier = |label: &'static str,
                      testid: &'static str,
                      title: &'static str,
                      code: Option<String>| {
            html! {
                <Copier {label} class="quiet" {testid} {title} text={code.unwrap_or_default()} />
            }
        };
        let python = copier(
            "Copy as Python",
            "copy-python",
            "The same cluster from a notebook",
            values.map(|values| snippet::create(state, options, values)),
        );
        let scoped = copier(
            "as with-block",
            "copy-python-scoped",
            "The same as a context manager: the cluster ends with the block",
            values.map(|values| snippet::create_scoped(state, options, values)),
        );
        el("form")
            .node(&place)
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
                    .kid(list(controls))
                    .maybe(none)
                    .maybe(skipped)
                    .maybe(
                        trouble.map(|one| {
                            trouble_note(one).testid("create-error").attr("tabindex", "-1")
                        }),
                    )
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
                    .kid(div("together").kid(python).kid(scoped)),
            )
            .into()
    }
}

/// What a link sets that this gateway does not have, in a sentence.
fn foreign(options: &Options, linked: &Dict<String>) -> Option<String> {
    let unknown: Vec<&str> =
        linked.keys().map(String::as_str).filter(|name| options.field(name).is_none()).collect();
    (!unknown.is_empty())
        .then(|| format!("The link sets what this gateway does not offer: {}.", unknown.join(", ")))
}

fn warning(words: &str) -> El {
    note(Tone::Warn, el("div").text(words))
}

/// What another cluster was made with and cannot be used again, in a sentence.
fn unusable(options: &Options, seed: &Map<String, Value>) -> Option<String> {
    let left = Draft::default().put(options, seed);
    (!left.is_empty()).then(|| {
        format!(
            "Not all of that cluster's values can be used again. Left as the default: {}.",
            left.join(", ")
        )
    })
}

#[derive(PartialEq)]
struct Presets {
    state: Rc<State>,
    /// The form's values, when they are good.
    values: Option<Map<String, Value>>,
    onapply: Callback<(String, Map<String, Value>)>,
}

/// Which preset is chosen, and the name that the values are to be kept under.
#[derive(Default, PartialEq)]
struct Choice {
    chosen: String,
    naming: Option<String>,
}

/// The choice that stands for the options of the last cluster; no preset can be called so.
const LAST: &str = "\u{1}last";

impl Part for Presets {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let held = use_state_eq(Choice::default).run(hooks);
        let Choice { chosen, naming } = &*held;
        let presets = &self.state.prefs.presets;
        let last = &self.state.prefs.last;
        let held = held.clone();
        // A token or a ticket does not say whose it is.
        let tab_only = self.state.is_nameless();
        let place = use_node_ref().run(hooks);
        {
            let place = place.clone();
            use_effect_with(naming.is_some(), move |_| {
                if let Some(input) = place.cast::<web_sys::HtmlElement>() {
                    let _ = input.focus();
                }
            })
            .run(hooks);
        }
        if let Some(name) = naming {
            let keep = {
                let (held, values) = (held.clone(), self.values.clone());
                let name = name.trim().to_owned();
                Callback::from(move |()| {
                    let mut chosen = held.chosen.clone();
                    if let (false, Some(values)) = (name.is_empty(), &values) {
                        dispatch.act(Action::Preset(name.clone(), Some(values.clone())));
                        chosen.clone_from(&name);
                    }
                    held.set(Choice { chosen, naming: None });
                })
            };
            let enter = keep.clone();
            let name_it = move |name: Option<String>| {
                held.set(Choice { chosen: held.chosen.clone(), naming: name });
            };
            let typed = name_it.clone();
            let onkeydown = move |event: KeyboardEvent| match event.key().as_str() {
                "Enter" => {
                    event.prevent_default();
                    enter.emit(());
                }
                "Escape" => {
                    event.stop_propagation();
                    name_it(None);
                }
                _ => {}
            };
            let place = place.clone();
            let here = tab_only.then(|| span("mute small").text("for this tab only"));
            return span("strip")
                .kid(
                    el("input")
                        .node(&place)
                        .class("input num")
                        .attr("placeholder", "name")
                        .attr("aria-label", "Name of the preset")
                        .value(name.as_str())
                        .oninput(on_text(move |text| typed(Some(text))))
                        .onkeydown(Callback::from(onkeydown)),
                )
                .kid(
                    button("btn")
                        .onclick(Callback::from(move |_: MouseEvent| keep.emit(())))
                        .text("Keep"),
                )
                .maybe(here)
                .into();
        }
        let choose = {
            let (presets, last) = (presets.clone(), last.clone());
            let (apply, held) = (self.onapply.clone(), held.setter());
            on_choice(move |name| {
                if name == LAST {
                    apply.emit(("the last one".into(), last.clone()));
                } else if let Some(values) = presets.get(&name) {
                    apply.emit((name.clone(), values.clone()));
                }
                held.set(Choice { chosen: name, naming: None });
            })
        };
        let some = !presets.is_empty() || !last.is_empty();
        let select = some.then(|| {
            let had = (!last.is_empty()).then(|| choice(LAST, "Last used", chosen == LAST));
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
                        .map(|name| choice(name, name, name == chosen).key(name.as_str())),
                )
        });
        let quiet = button("btn quiet");
        let button = if presets.contains_key(chosen) {
            let (name, held) = (chosen.clone(), held.setter());
            quiet
                .onclick(Callback::from(move |_: MouseEvent| {
                    dispatch.act(Action::Preset(name.clone(), None));
                    held.set(Choice::default());
                }))
                .text("Forget")
        } else {
            let (chosen, held) = (chosen.clone(), held.setter());
            quiet
                .attr("data-testid", "preset-save")
                .attr(
                    "title",
                    if tab_only {
                        "Keep these values under a name, in this tab until you sign out: your sign-in does not say \
                         who you are"
                    } else {
                        "Keep these values under a name, for you in this browser"
                    },
                )
                .flag("disabled", self.values.is_none())
                .onclick(Callback::from(move |_: MouseEvent| {
                    held.set(Choice { chosen: chosen.clone(), naming: Some(String::new()) });
                }))
                .text("Keep as…")
        };
        span("strip").maybe(select).kid(button).into()
    }
}
