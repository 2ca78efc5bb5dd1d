//! A mapping as rows of names and texts, or as YAML.

use serde_json::Value;
use yew::prelude::*;

use super::{Tone, note, on_text};
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::part::{Hook, HookContext, Part};
use crate::web::edit;
use base::dict::object;
use base::json::{print, quote};
use gateway::mapping::{self, Sent};

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
    /// Whether its values should be text.
    pub environment: bool,
    /// The element's id.
    pub id: AttrValue,
    /// Its name for tests, on the container of rows and YAML.
    pub testid: AttrValue,
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

impl Part for Mapping {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let shown = use_mut_ref(|| Shown::new(&self.text)).run(hooks);
        let place = use_node_ref().run(hooks);
        let again = use_force_update().run(hooks);
        shown.borrow_mut().follow(&self.text);
        let change = {
            let (shown, typed) = (shown.clone(), self.oninput.clone());
            Callback::from(move |edit: Edit| {
                let said = shown.borrow_mut().edit(edit);
                again.force_update();
                if let Some(text) = said {
                    typed.emit(text);
                }
            })
        };
        let Shown { yaml, ref rows, .. } = *shown.borrow();
        let can_rows = rows_of(&self.text).is_some();
        let tab = |word: &'static str, to_yaml: bool| {
            let change = change.clone();
            el("button")
                .attr("type", "button")
                .truth("aria-pressed", yaml == to_yaml)
                .onclick(Callback::from(move |_: MouseEvent| {
                    change.emit(if to_yaml { Edit::ShowYaml } else { Edit::ShowRows });
                }))
                .text(word)
        };
        let rows_tab = tab("Rows", false)
            .flag("disabled", !can_rows)
            .set_some("title", (!can_rows).then_some("Rows hold plain texts only".into()));
        let tabs = span("tabs").kid(rows_tab).kid(tab("YAML", true));
        let label = span("label").kid(el("span").text(self.label.clone())).kid(tabs);
        let field = div("field").testid(self.testid.clone());
        let typed = |of: fn(usize, String) -> Edit, at: usize| {
            let change = change.clone();
            on_text(move |text| change.emit(of(at, text)))
        };
        if yaml {
            let sent = mapping::sent(&self.text).filter(|sent| !sent.map.is_empty());
            let quote = mapping::quoted(&self.text).map(|text| {
                let (place, change) = (place.clone(), change.clone());
                Callback::from(move |_: MouseEvent| {
                    let area = place.cast::<web_sys::HtmlTextAreaElement>();
                    if !area.is_some_and(|area| edit::replace_all(&area, &text)) {
                        change.emit(Edit::Yaml(text.clone()));
                    }
                })
            });
            let warned = sent.as_ref().filter(|sent| self.environment && !sent.not_text.is_empty());
            let warning = warned.map(|sent| not_text(sent, quote, &self.testid));
            let area = el("textarea")
                .node(&place)
                .class("input")
                .set("id", self.id.clone())
                .set("aria-label", self.label.clone())
                .attr("spellcheck", "false")
                .attr("rows", "3")
                .attr("placeholder", "NAME: value")
                .set_some("aria-invalid", self.invalid.then_some("true".into()))
                .value(self.text.clone())
                .oninput(typed(|_, text| Edit::Yaml(text), 0));
            let sent = sent.as_ref().map(|sent| preview(sent, &self.testid));
            return field.kid(label).kid(area).maybe(warning).maybe(sent).into();
        }
        let input = |label: &'static str, hint: &'static str, value: &str| {
            el("input")
                .class("input mono")
                .attr("placeholder", hint)
                .attr("aria-label", label)
                .attr("autocomplete", "off")
                .attr("spellcheck", "false")
                .value(value.to_owned())
        };
        let mut lines = div("map");
        for at in 0..=rows.len() {
            let row = rows.get(at);
            let (name, value) =
                row.map_or(("", ""), |(name, value)| (name.as_str(), value.as_str()));
            let mut later = rows.iter().skip(at + 1);
            let twice = !name.is_empty() && later.any(|(other, _)| other == name);
            let nameless = name.is_empty() && !value.is_empty();
            let remove = row.map(|_| {
                let change = change.clone();
                button("btn quiet icon")
                    .attr("aria-label", "Remove")
                    .onclick(Callback::from(move |_| change.emit(Edit::Remove(at))))
                    .text("×")
            });
            let name = input("Name", "NAME", name)
                .set_some("aria-invalid", (twice || nameless).then_some("true".into()))
                .set_some("title", twice.then_some("Named twice".into()))
                .oninput(typed(Edit::Name, at));
            let value = input("Value", "value", value).oninput(typed(Edit::Value, at));
            lines = lines.kid(div("map-row").key(at).kid(name).kid(value).maybe(remove));
        }
        field
            .attr("role", "group")
            .set("aria-label", self.label.clone())
            .kid(label)
            .kid(lines)
            .into()
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

/// That values of an environment are not text, and the press that makes them so.
fn not_text(sent: &Sent, quote: Option<Callback<MouseEvent>>, testid: &str) -> El {
    let one = sent.not_text.len() == 1;
    let words = format!(
        "Environment variables are text, but {} {} not. The gateway takes {}, and then the cluster may fail \
         to start without a reason.",
        sent.not_text.join(", "),
        if one { "is" } else { "are" },
        if one { "it" } else { "them" },
    );
    let quote = quote.map(|quote| {
        button("btn").testid(format!("{testid}-quote")).onclick(quote).text("Put in quotes")
    });
    note(Tone::Warn, el("div").text(words)).testid(format!("{testid}-warning")).maybe(quote)
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
