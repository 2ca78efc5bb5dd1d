//! What a page offers to press, choose and select, as far as it is used here; and the events that do it.

use super::json::{self, Json};
use base::json::quote;

/// The controls of a document, by what they do. Their ids stay inside.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Controls {
    button: String,
    select: String,
    selection: String,
    /// What can be chosen; empty where there is nothing to choose.
    pub options: Vec<String>,
    /// What is chosen.
    pub value: String,
}

/// The label of the one button that is pressed here.
const LABEL: &str = "Update";

impl Controls {
    /// Whether a model of this class is one.
    pub(super) fn knows(class: &str) -> bool {
        matches!(class, "Button" | "Select")
    }

    /// Takes a model's attributes, as they stand, if it is one that is used.
    pub(super) fn adopt(&mut self, class: &str, id: &str, attributes: &str) {
        let text = |name| json::member(attributes, name).and_then(json::text);
        if class == "Select" {
            self.select = id.into();
            self.value = text("value").unwrap_or_default().into();
            self.options = json::member(attributes, "options").map(options).unwrap_or_default();
        } else if text("label").as_deref() == Some(LABEL) {
            self.button = id.into();
        }
    }

    /// Takes the selection of the rows of the source that rows are selected of.
    pub(super) fn adopt_selection(&mut self, id: String) {
        self.selection = id;
    }

    /// Takes other options, if it is of them that the server speaks.
    pub(super) fn change_options(&mut self, target: &str, raw: &str) -> bool {
        let ours = !target.is_empty() && target == self.select;
        if ours {
            self.options = options(raw);
        }
        ours
    }

    /// The id of the selection: another one in every session on the server.
    pub fn selection(&self) -> &str {
        &self.selection
    }

    /// Whether the page can be asked for new data.
    pub fn can_update(&self) -> bool {
        !self.button.is_empty()
    }

    /// The event of a press on the button. `old` is how Bokeh 2 writes it.
    pub fn press(&self, old: bool) -> String {
        let id = quoted(&self.button);
        let data = if old {
            format!(r#"{{"event_name":"button_click","event_values":{{"model":{{"id":{id}}}}}}}"#)
        } else {
            format!(
                r#"{{"type":"event","name":"button_click","values":{{"type":"map","entries":[["model",{{"id":{id}}}]]}}}}"#
            )
        };
        format!(r#"{{"kind":"MessageSent","msg_type":"bokeh_event","msg_data":{data}}}"#)
    }

    /// The event of a choice.
    pub fn choose(&mut self, value: &str) -> String {
        self.value = value.into();
        changed(&self.select, "value", &quoted(value))
    }

    /// The event of a selection of rows.
    pub fn select(&self, rows: &[usize]) -> String {
        let rows: Vec<String> = rows.iter().map(usize::to_string).collect();
        changed(&self.selection, "indices", &format!("[{}]", rows.join(",")))
    }
}

fn changed(id: &str, attribute: &str, new: &str) -> String {
    let id = quoted(id);
    format!(r#"{{"kind":"ModelChanged","model":{{"id":{id}}},"attr":"{attribute}","new":{new}}}"#)
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(text, &mut out);
    out
}

/// Texts of a list; what is no text is left out.
fn options(raw: &str) -> Vec<String> {
    let mut all = Vec::new();
    let read = Json::new(raw).elements(&mut |json| {
        all.extend(json::text(json.raw()?).map(String::from));
        Ok(())
    });
    if read.is_err() {
        all.clear();
    }
    all
}
