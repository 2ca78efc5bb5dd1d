//! A mapping as rows of names and texts, or as YAML.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use super::{Tone, note, on_text};
use crate::ui::dom::{El, button, div, el, span};
use crate::web::edit;
use base::dict::object;
use base::json::{print, quote};
use gateway::mapping::{self, Sent};

type Row = (String, String);

/// Properties of [`Mapping`].
#[derive(Properties, PartialEq)]
pub struct MappingProps {
    /// YAML.
    pub text: AttrValue,
    /// Called with new YAML.
    pub oninput: Callback<String>,
    /// What it is called on screen.
    pub label: AttrValue,
    /// Whether it holds something wrong.
    pub invalid: bool,
    /// Whether its values should be text.
    pub environment: bool,
    /// The element's id.
    pub id: AttrValue,
    /// Its name for tests, on the container of rows and YAML.
    pub testid: AttrValue,
}

/// A mapping as rows of names and texts, or as YAML. Rows are for texts only; other values, which
/// rows would turn into texts, are left to YAML.
#[component]
pub fn Mapping(props: &MappingProps) -> Html {
    let (shown, change) = use_shown(&props.text, &props.oninput);
    let place = use_node_ref();
    let Shown { yaml, ref rows, .. } = *shown.borrow();
    let field = div("field").testid(props.testid.clone());
    let label = label(props, yaml, &change);
    if yaml {
        let sent = mapping::sent(&props.text).filter(|sent| !sent.map.is_empty());
        field
            .kid(label)
            .kid(yaml_area(props, &place, &change))
            .maybe(sent.as_ref().and_then(|sent| not_text(sent, props, &place, &change)))
            .maybe(sent.as_ref().map(|sent| preview(sent, &props.testid)))
            .into()
    } else {
        // The row after the last is a new one.
        let lines = (0..=rows.len()).map(|at| line(rows, at, &change));
        field
            .attr("role", "group")
            .set("aria-label", props.label.clone())
            .kid(label)
            .kid(div("map").each(lines))
            .into()
    }
}

/// What is shown of the text, and what changes it.
#[hook]
fn use_shown(text: &str, oninput: &Callback<String>) -> (Rc<RefCell<Shown>>, Callback<Edit>) {
    let shown = use_mut_ref(|| Shown::new(text));
    let again = use_force_update();
    shown.borrow_mut().follow(text);
    let change = {
        let (shown, oninput) = (shown.clone(), oninput.clone());
        Callback::from(move |edit: Edit| {
            let said = shown.borrow_mut().edit(edit);
            again.force_update();
            if let Some(text) = said {
                oninput.emit(text);
            }
        })
    };
    (shown, change)
}

/// The name of the field, and the choice between rows and YAML.
fn label(props: &MappingProps, yaml: bool, change: &Callback<Edit>) -> El {
    let can_rows = rows_of(&props.text).is_some();
    let tab = |word: &'static str, to_yaml: bool| {
        let change = change.clone();
        button("")
            .truth("aria-pressed", yaml == to_yaml)
            .onclick(Callback::from(move |_: MouseEvent| {
                change.emit(if to_yaml { Edit::ShowYaml } else { Edit::ShowRows });
            }))
            .text(word)
    };
    let rows = tab("Rows", false)
        .flag("disabled", !can_rows)
        .set_some("title", (!can_rows).then_some("Rows hold plain texts only".into()));
    span("label")
        .kid(el("span").text(props.label.clone()))
        .kid(span("tabs").kid(rows).kid(tab("YAML", true)))
}

/// What is typed into a control.
fn typed(change: &Callback<Edit>, edit: impl Fn(String) -> Edit + 'static) -> Callback<InputEvent> {
    let change = change.clone();
    on_text(move |text| change.emit(edit(text)))
}

fn yaml_area(props: &MappingProps, place: &NodeRef, change: &Callback<Edit>) -> El {
    el("textarea")
        .node(place)
        .class("input")
        .set("id", props.id.clone())
        .set("aria-label", props.label.clone())
        .attr("spellcheck", "false")
        .attr("rows", "3")
        .attr("placeholder", "NAME: value")
        .set_some("aria-invalid", props.invalid.then_some("true".into()))
        .value(props.text.clone())
        .oninput(typed(change, Edit::Yaml))
}

/// The row at that place: a name, its value, and a way to remove both.
fn line(rows: &[Row], at: usize, change: &Callback<Edit>) -> El {
    let row = rows.get(at);
    let (name, value) = row.map_or(("", ""), |(name, value)| (name.as_str(), value.as_str()));
    let mut later = rows.iter().skip(at + 1);
    let twice = !name.is_empty() && later.any(|(other, _)| other == name);
    let nameless = name.is_empty() && !value.is_empty();
    let input = |label: &'static str, hint: &'static str, held: &str| {
        el("input")
            .class("input mono")
            .attr("placeholder", hint)
            .attr("aria-label", label)
            .attr("autocomplete", "off")
            .attr("spellcheck", "false")
            .value(held.to_owned())
    };
    let remove = || {
        let change = change.clone();
        button("btn quiet icon")
            .attr("aria-label", "Remove")
            .onclick(Callback::from(move |_| change.emit(Edit::Remove(at))))
            .text("×")
    };
    div("map-row")
        .key(at)
        .kid(
            input("Name", "NAME", name)
                .set_some("aria-invalid", (twice || nameless).then_some("true".into()))
                .set_some("title", twice.then_some("Duplicate name".into()))
                .oninput(typed(change, move |text| Edit::Name(at, text))),
        )
        .kid(
            input("Value", "value", value)
                .oninput(typed(change, move |text| Edit::Value(at, text))),
        )
        .maybe(row.map(|_| remove()))
}

/// What is done to it.
enum Edit {
    ShowYaml,
    ShowRows,
    Yaml(String),
    Name(usize, String),
    Value(usize, String),
    Remove(usize),
}

/// What is shown of it.
struct Shown {
    yaml: bool,
    rows: Vec<Row>,
    /// The text as it was last said here: another one comes from outside, and the rows follow it.
    said: String,
}

impl Shown {
    fn new(text: &str) -> Self {
        let mut shown = Self { yaml: false, rows: Vec::new(), said: text.to_owned() };
        shown.yaml = !shown.read_rows();
        shown
    }

    fn follow(&mut self, text: &str) {
        if self.said != text {
            text.clone_into(&mut self.said);
            self.yaml |= !self.read_rows();
        }
    }

    /// Takes the rows from the text. Says whether it has such.
    fn read_rows(&mut self) -> bool {
        let rows = rows_of(&self.said);
        let can = rows.is_some();
        self.rows = rows.unwrap_or_else(|| std::mem::take(&mut self.rows));
        can
    }

    /// A row; the one after the last is a new one.
    fn row(&mut self, at: usize) -> &mut Row {
        if at >= self.rows.len() {
            self.rows.push(Row::default());
        }
        let last = self.rows.len() - 1;
        &mut self.rows[at.min(last)]
    }

    /// Gives the text, where that has changed.
    fn edit(&mut self, edit: Edit) -> Option<String> {
        match edit {
            Edit::ShowYaml => {
                self.yaml = true;
                return None;
            }
            Edit::ShowRows => {
                self.yaml = !self.read_rows();
                return None;
            }
            Edit::Yaml(text) => {
                self.said.clone_from(&text);
                return Some(text);
            }
            Edit::Name(at, text) => self.row(at).0 = text,
            Edit::Value(at, text) => self.row(at).1 = text,
            Edit::Remove(at) => {
                if at < self.rows.len() {
                    self.rows.remove(at);
                }
            }
        }
        self.said = text_of_rows(&self.rows);
        Some(self.said.clone())
    }
}

/// What is sent, with what became something else than was written.
fn preview(sent: &Sent, testid: &str) -> El {
    let mut lines = el("code");
    for (name, value) in &sent.map {
        let changed = sent.changes.iter().any(|change| change.name.as_ref() == Some(name));
        let mut line = String::new();
        quote(name, &mut line);
        line.push_str(": ");
        line.push_str(&print(value));
        lines = lines.kid(span("entry").class_if(changed, "changed").text(line));
    }
    let mut changes = el("ul");
    for change in &sent.changes {
        let written = if change.written.is_empty() { "nothing" } else { &change.written };
        let words = format!("Line {}: {written} is sent as {}.", change.line, change.sent);
        changes = changes.kid(el("li").text(words));
    }
    div("sent")
        .testid(format!("{testid}-sent"))
        .kid(span("mute small").text("Will be sent"))
        .kid(lines)
        .maybe((!sent.changes.is_empty()).then_some(changes))
}

/// Where values of an environment are not text: that they are not, and the press that makes them so.
fn not_text(
    sent: &Sent,
    props: &MappingProps,
    place: &NodeRef,
    change: &Callback<Edit>,
) -> Option<El> {
    if !props.environment || sent.not_text.is_empty() {
        return None;
    }
    let one = sent.not_text.len() == 1;
    let words = format!(
        "Environment variables must be text, but {} {} not. The gateway accepts {}, but the cluster may \
         then fail to start.",
        sent.not_text.join(", "),
        if one { "is" } else { "are" },
        if one { "it" } else { "them" },
    );
    let quote = mapping::quoted(&props.text).map(|text| {
        let (place, change) = (place.clone(), change.clone());
        button("btn")
            .testid(format!("{}-quote", props.testid))
            .onclick(Callback::from(move |_: MouseEvent| {
                let area = place.cast::<web_sys::HtmlTextAreaElement>();
                if !area.is_some_and(|area| edit::replace_all(&area, &text)) {
                    change.emit(Edit::Yaml(text.clone()));
                }
            }))
            .text("Put in quotes")
    });
    let warning = note(Tone::Warn, el("div").text(words));
    Some(warning.testid(format!("{}-warning", props.testid)).maybe(quote))
}

/// The rows of a text; none when it is no mapping or holds more than texts.
fn rows_of(text: &str) -> Option<Vec<Row>> {
    mapping::to_rows(&mapping::parse(text).ok()?)
}

fn text_of_rows(rows: &[Row]) -> String {
    let filled = rows.iter().filter(|(name, value)| !(name.is_empty() && value.is_empty()));
    // Each by itself: of a name that stands twice no value may be lost, it must be refused.
    let entry = |(name, value): &Row| {
        mapping::to_yaml(&object([(name.clone(), Value::String(value.clone()))]))
    };
    filled.map(entry).collect()
}
