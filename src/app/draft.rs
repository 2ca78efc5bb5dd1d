//! The options form while it is being filled in: one text per field, as the controls hold them.

use serde_json::{Map, Value};

use super::state::Keepsake;
use crate::base::dict::Dict;
use crate::gateway::model::Options;

/// Texts by field, and what is wrong with them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Draft {
    /// What the controls hold.
    pub texts: Dict<String>,
}

impl Draft {
    /// The server's defaults.
    pub fn defaults(options: &Options) -> Self {
        let texts = options
            .fields
            .iter()
            .map(|field| (field.field.clone(), field.show(&field.default)))
            .collect();
        Self { texts }
    }

    /// What the form begins with: the defaults; over them the values of another cluster
    /// (`seed`) or else those used last; over them those of a link. What no longer passes the
    /// server's rules stays out, except a link's texts, which people must see to mend.
    pub fn begin(
        options: &Options,
        keepsake: &Keepsake,
        seed: Option<&Map<String, Value>>,
        link: &Dict<String>,
    ) -> Self {
        let mut draft = Self::defaults(options);
        draft.put(options, seed.unwrap_or(&keepsake.last));
        for (field, text) in link.iter() {
            if options.field(field).is_some() {
                draft.texts.insert(field.clone(), text.clone());
            }
        }
        draft
    }

    /// Puts values over what is there; those that do not pass stay out. Gives the names of those.
    pub fn put(&mut self, options: &Options, values: &Map<String, Value>) -> Vec<String> {
        let mut out = Vec::new();
        for (name, value) in values {
            match options.field(name) {
                Some(field) if field.check(value).is_ok() => {
                    self.texts.insert(name.clone(), field.show(value));
                }
                _ => out.push(name.clone()),
            }
        }
        out
    }

    /// The text of a field.
    pub fn text(&self, field: &str) -> &str {
        self.texts.get(field).map_or("", String::as_str)
    }

    /// The values of the form.
    ///
    /// # Errors
    /// What is wrong, by field, in the server's words.
    pub fn values(&self, options: &Options) -> Result<Map<String, Value>, Dict<String>> {
        let mut values = Map::new();
        let mut problems = Dict::new();
        for field in &options.fields {
            let text = self.text(&field.field);
            // An untouched default goes as it came, whatever its text would read as.
            let read = if text == field.show(&field.default) {
                Ok(field.default.clone())
            } else {
                field.parse_text(text).and_then(|value| field.check(&value)).and_then(named)
            };
            match read {
                Ok(value) => {
                    values.insert(field.field.clone(), value);
                }
                Err(problem) => {
                    problems.insert(field.field.clone(), problem);
                }
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(problems) }
    }
}

/// A value without a name is a slip of the form, not something to send.
fn named(value: Value) -> Result<Value, String> {
    match &value {
        Value::Object(map) if map.contains_key("") => {
            Err("There is a value without a name.".into())
        }
        _ => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::from_json(
            r#"{"cluster_options": [
            {"field": "profile", "label": "Profile", "default": "Small",
             "spec": {"type": "select", "options": ["Small", "Medium"]}},
            {"field": "cores", "label": "Cores", "default": 1, "spec": {"type": "int", "min": 1, "max": 4}},
            {"field": "gpu", "label": "GPU", "default": false, "spec": {"type": "bool"}},
            {"field": "vars", "label": "Vars", "default": {}, "spec": {"type": "mapping"}},
            {"field": "later", "label": "Later", "default": [1], "spec": {"type": "colour"}}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn begins_with_last_then_link() {
        let options = options();
        let mut keepsake = Keepsake::default();
        keepsake.last.insert("profile".into(), "Medium".into());
        keepsake.last.insert("cores".into(), 99.into());
        let link = Dict::from([
            ("gpu".to_owned(), "true".to_owned()),
            ("nope".to_owned(), "x".to_owned()),
        ]);
        let draft = Draft::begin(&options, &keepsake, None, &link);
        assert_eq!(draft.text("profile"), "Medium");
        assert_eq!(draft.text("cores"), "1", "a value that no longer passes stays out");
        assert_eq!(draft.text("gpu"), "true");
        assert_eq!(draft.text("nope"), "");
        let values = draft.values(&options).unwrap();
        assert_eq!(values.get("gpu"), Some(&Value::Bool(true)));
        assert_eq!(values.get("later"), Some(&serde_json::json!([1])));
    }

    #[test]
    fn problems_at_their_fields() {
        let options = options();
        let mut draft = Draft::defaults(&options);
        draft.texts.insert("cores".into(), "1.5".into());
        draft.texts.insert("profile".into(), "Huge".into());
        let problems = draft.values(&options).unwrap_err();
        assert_eq!(problems.keys().collect::<Vec<_>>(), ["cores", "profile"]);
    }

    #[test]
    fn another_clusters_options_win_over_the_last() {
        let options = options();
        let mut keepsake = Keepsake::default();
        keepsake.last.insert("cores".into(), 2.into());
        let seed = Map::from_iter([("cores".to_owned(), Value::from(4))]);
        let draft = Draft::begin(&options, &keepsake, Some(&seed), &Dict::new());
        assert_eq!(draft.text("cores"), "4");
    }
}
