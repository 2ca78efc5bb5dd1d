//! A mapping as rows of names and texts, or as YAML.

use serde_json::{Map, Value};
use yew::prelude::*;

use super::on_text;
use crate::gateway::mapping;
use crate::ui::dom::{button, div, el, span};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::part::{Hook, HookContext, Part};

type Row = (String, String);

/// A mapping as rows of names and texts, or as YAML. Rows are for texts only; other values, which
/// rows would turn into texts, are left to YAML.
#[derive(PartialEq)]
pub struct Mapping {
    /// YAML.
    pub text: AttrValue,
    /// Called with new YAML.
    pub oninput: Callback<String>,
    /// What it is called on screen.
    pub label: AttrValue,
    /// Whether it holds something wrong.
    pub invalid: bool,
    /// The element's id.
    pub id: AttrValue,
    /// Its name for tests, on the container of rows and YAML.
    pub testid: AttrValue,
}

impl Part for Mapping {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let yaml = use_state_eq(|| rows_of(&self.text).is_none()).run(hooks);
        let rows = use_state_eq(|| rows_of(&self.text).unwrap_or_default()).run(hooks);
        // What the rows last said: another text comes from outside, and the rows follow it.
        let said = use_mut_ref(|| self.text.to_string()).run(hooks);
        {
            let (yaml, rows, said) = (yaml.setter(), rows.setter(), said.clone());
            use_effect_with(self.text.clone(), move |text| {
                if *said.borrow() != **text {
                    *said.borrow_mut() = text.to_string();
                    match rows_of(text) {
                        Some(fresh) => rows.set(fresh),
                        None => yaml.set(true),
                    }
                }
            })
            .run(hooks);
        }
        let choose = |to_yaml: bool| {
            let (yaml, rows, text) = (yaml.setter(), rows.setter(), self.text.clone());
            Callback::from(move |_: MouseEvent| {
                if to_yaml {
                    yaml.set(true);
                } else if let Some(fresh) = rows_of(&text) {
                    rows.set(fresh);
                    yaml.set(false);
                }
            })
        };
        let can_rows = rows_of(&self.text).is_some();
        let tab = |word: &'static str, to_yaml: bool| {
            el("button")
                .attr("type", "button")
                .truth("aria-pressed", *yaml == to_yaml)
                .onclick(choose(to_yaml))
                .text(word)
        };
        let rows_tab = tab("Rows", false).flag("disabled", !can_rows);
        let tabs = span("tabs")
            .kid(if can_rows {
                rows_tab
            } else {
                rows_tab.attr("title", "Rows hold plain texts only")
            })
            .kid(tab("YAML", true));
        let label = span("label").kid(el("span").text(self.label.clone())).kid(tabs);
        let field = div("field").testid(self.testid.clone());
        if *yaml {
            let oninput = {
                let (typed, said) = (self.oninput.clone(), said.clone());
                on_text(move |text| {
                    said.borrow_mut().clone_from(&text);
                    typed.emit(text);
                })
            };
            return field
                .kid(label)
                .kid(
                    el("textarea")
                        .class("input")
                        .set("id", self.id.clone())
                        .set("aria-label", self.label.clone())
                        .attr("spellcheck", "false")
                        .attr("rows", "3")
                        .attr("placeholder", "NAME: value")
                        .set_some("aria-invalid", self.invalid.then_some("true".into()))
                        .value(self.text.clone())
                        .oninput(oninput),
                )
                .into();
        }
        let change = std::rc::Rc::new({
            let (rows_now, set, said, typed) =
                ((*rows).clone(), rows.setter(), said.clone(), self.oninput.clone());
            move |at: usize, edit: Option<(bool, String)>| {
                let mut next = rows_now.clone();
                match edit {
                    Some((name, text)) => {
                        if at >= next.len() {
                            next.push(Row::default());
                        }
                        if let Some(row) = next.get_mut(at) {
                            if name { row.0 = text } else { row.1 = text }
                        }
                    }
                    None if at < next.len() => drop(next.remove(at)),
                    None => {}
                }
                let text = text_of_rows(&next);
                said.borrow_mut().clone_from(&text);
                set.set(next);
                typed.emit(text);
            }
        });
        let shown = rows.iter().cloned().chain(std::iter::once(Row::default()));
        let count = rows.len();
        let input = |label: &'static str, hint: &'static str, value: String| {
            el("input")
                .class("input mono")
                .attr("placeholder", hint)
                .attr("aria-label", label)
                .attr("autocomplete", "off")
                .attr("spellcheck", "false")
                .value(value)
        };
        let line = |(at, (name, value)): (usize, Row)| {
            let twice =
                !name.is_empty() && rows.iter().skip(at + 1).any(|(other, _)| *other == name);
            let nameless = name.is_empty() && !value.is_empty();
            let (a, b, c) = (change.clone(), change.clone(), change.clone());
            let remove = (at < count).then(|| {
                button("btn quiet icon")
                    .attr("aria-label", "Remove")
                    .onclick(Callback::from(move |_| c(at, None)))
                    .text("×")
            });
            div("map-row")
                .key(at)
                .kid(
                    input("Name", "NAME", name)
                        .set_some("aria-invalid", (twice || nameless).then_some("true".into()))
                        .set_some(
                            "title",
                            twice.then_some("Named twice: the last one counts".into()),
                        )
                        .oninput(on_text(move |t| a(at, Some((true, t))))),
                )
                .kid(
                    input("Value", "value", value)
                        .oninput(on_text(move |t| b(at, Some((false, t))))),
                )
                .maybe(remove)
        };
        field
            .attr("role", "group")
            .set("aria-label", self.label.clone())
            .kid(label)
            .kid(div("map").kids(shown.enumerate().map(line)))
            .into()
    }
}

/// The rows of a text; none when it is no mapping or holds more than texts.
fn rows_of(text: &str) -> Option<Vec<Row>> {
    mapping::parse(text)
        .ok()?
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        })
        .collect()
}

fn text_of_rows(rows: &[Row]) -> String {
    let map: Map<String, Value> = rows
        .iter()
        .filter(|(name, value)| !(name.is_empty() && value.is_empty()))
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    mapping::to_yaml(&map)
}
