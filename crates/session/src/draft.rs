//! The options form while it is being filled in: one text per field, as the controls hold them.

use serde_json::{Map, Value};

use crate::state::GatewayPrefs;
use base::dict::Dict;
use gateway::model::{OptionField, Options};

/// Texts by field. A field that nobody has set shows the gateway's default, also one that the
/// gateway changes meanwhile.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Draft {
    /// What the controls hold, where that was set.
    pub texts: Dict<String>,
}

impl Draft {
    /// What the form begins with: the defaults; over them the values of another cluster
    /// (`seed`) or else those used last; over them those of a link. What no longer passes the
    /// server's rules stays out, except a link's texts, which people must see to mend.
    pub fn begin(
        options: &Options,
        prefs: &GatewayPrefs,
        seed: Option<&Map<String, Value>>,
        link: &Dict<String>,
    ) -> Self {
        let mut draft = Self::default();
        draft.put(options, seed.unwrap_or(&prefs.last));
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
                Some(field) if *value == field.default || field.check(value).is_ok() => {
                    self.texts.insert(name.clone(), field.show(value));
                }
                _ => out.push(name.clone()),
            }
        }
        out
    }

    /// The text that a field shows.
    pub fn text(&self, field: &OptionField) -> String {
        self.texts.get(&field.field).cloned().unwrap_or_else(|| field.show(&field.default))
    }

    /// Whether a field is left to the gateway: it shows a default that no request can carry.
    pub fn is_left(&self, field: &OptionField) -> bool {
        self.is_default(field) && !field.sends_default()
    }

    fn is_default(&self, field: &OptionField) -> bool {
        self.texts.get(&field.field).is_none_or(|text| *text == field.show(&field.default))
    }

    /// The values of the form. Fields that are left to the gateway are not among them.
    ///
    /// # Errors
    /// What is wrong, by field, in the server's words.
    pub fn values(&self, options: &Options) -> Result<Map<String, Value>, Dict<String>> {
        let mut values = Map::new();
        let mut problems = Dict::new();
        for field in &options.fields {
            // A default goes as it came, whatever its text would read as, or not at all.
            let read = if self.is_default(field) {
                if !field.sends_default() {
                    continue;
                }
                Ok(field.default.clone())
            } else {
                let text = self.text(field);
                field.parse_text(&text).and_then(|value| field.check(&value)).and_then(named)
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
    use base::exact;
    use base::json::print;

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
        let mut prefs = GatewayPrefs::default();
        prefs.last.insert("profile".into(), "Medium".into());
        prefs.last.insert("cores".into(), 99.into());
        let link = Dict::from([
            ("gpu".to_owned(), "true".to_owned()),
            ("nope".to_owned(), "x".to_owned()),
        ]);
        let draft = Draft::begin(&options, &prefs, None, &link);
        let text = |name: &str| draft.text(options.field(name).unwrap());
        assert_eq!(text("profile"), "Medium");
        assert_eq!(text("cores"), "1", "a value that no longer passes stays out");
        assert_eq!(text("gpu"), "true");
        let values = draft.values(&options).unwrap();
        assert_eq!(values.get("gpu"), Some(&Value::Bool(true)));
        assert_eq!(values.get("later"), Some(&serde_json::json!([1])));
    }

    #[test]
    fn problems_at_their_fields() {
        let options = options();
        let mut draft = Draft::default();
        draft.texts.insert("cores".into(), "1.5".into());
        draft.texts.insert("profile".into(), "Huge".into());
        let problems = draft.values(&options).unwrap_err();
        assert_eq!(problems.keys().collect::<Vec<_>>(), ["cores", "profile"]);
    }

    #[test]
    fn another_clusters_options_win_over_the_last() {
        let options = options();
        let mut prefs = GatewayPrefs::default();
        prefs.last.insert("cores".into(), 2.into());
        let seed = Map::from_iter([("cores".to_owned(), Value::from(4))]);
        let draft = Draft::begin(&options, &prefs, Some(&seed), &Dict::new());
        assert_eq!(draft.text(options.field("cores").unwrap()), "4");
    }

    /// A gateway whose defaults no request can carry.
    fn odd() -> Options {
        Options::from_json(
            r#"{"cluster_options": [
            {"field": "limit", "label": "Limit", "default": Infinity, "spec": {"type": "float"}},
            {"field": "seed", "label": "Seed", "default": 1000000000000000000000000000000,
             "spec": {"type": "int"}}]}"#,
        )
        .unwrap()
    }

    fn printed(values: Result<Map<String, Value>, Dict<String>>) -> String {
        print(&Value::Object(values.unwrap()))
    }

    #[test]
    fn a_default_that_no_request_can_carry_is_left_to_the_gateway() {
        let options = odd();
        let limit = options.field("limit").unwrap();
        let mut draft = Draft::default();
        assert!(draft.is_left(limit) && draft.text(limit) == "Infinity");
        let huge = r#"{"seed":1000000000000000000000000000000}"#;
        assert_eq!(printed(draft.values(&options)), huge);
        draft.texts.insert("limit".into(), "2.5".into());
        draft.texts.insert("seed".into(), "-1000000000000000000000000000001".into());
        let typed = draft.values(&options);
        assert_eq!(
            printed(typed.clone()),
            r#"{"limit":2.5,"seed":-1000000000000000000000000000001}"#
        );
        // Typed anew, the default is the default.
        draft.texts.insert("limit".into(), "Infinity".into());
        assert!(draft.is_left(limit) && draft.values(&options).is_ok());
        draft.texts.insert("limit".into(), "-inf".into());
        assert!(draft.values(&options).unwrap_err().contains_key("limit"));

        // So it is with presets, another cluster's values and links.
        let preset = GatewayPrefs::parse(&{
            let mut prefs = GatewayPrefs::default();
            prefs.presets.insert("huge".into(), typed.unwrap());
            prefs.print()
        });
        let mut again = Draft::default();
        assert!(again.put(&options, preset.presets.get("huge").unwrap()).is_empty());
        assert_eq!(again.text(options.field("seed").unwrap()), "-1000000000000000000000000000001");
        let seed = exact::read::<Value>(r#"{"limit": Infinity, "seed": 99999999999999999999}"#);
        let seed = seed.unwrap().as_object().unwrap().clone();
        let again = Draft::begin(&options, &GatewayPrefs::default(), Some(&seed), &Dict::new());
        assert_eq!(printed(again.values(&options)), r#"{"seed":99999999999999999999}"#);
        let other = exact::read::<Value>(r#"{"limit": -Infinity}"#).unwrap();
        assert_eq!(Draft::default().put(&options, other.as_object().unwrap()), ["limit"]);
        let link = Dict::from([
            ("limit".to_owned(), "Infinity".to_owned()),
            ("seed".to_owned(), "99999999999999999999".to_owned()),
        ]);
        let linked = Draft::begin(&options, &GatewayPrefs::default(), None, &link);
        assert_eq!(printed(linked.values(&options)), r#"{"seed":99999999999999999999}"#);
    }

    #[test]
    fn bounds_and_defaults_that_change_meanwhile_leave_what_was_typed() {
        let before = options();
        let mut draft = Draft::default();
        draft.texts.insert("cores".into(), "4".into());
        let text = r#"{"cluster_options": [
            {"field": "cores", "default": 1, "spec": {"type": "int", "min": 1, "max": 2}},
            {"field": "image", "default": "new", "spec": {"type": "string"}}]}"#;
        let after = Options::from_json(text).unwrap();
        assert!(draft.values(&before).is_ok());
        let problems = draft.values(&after).unwrap_err();
        assert_eq!(problems.get("cores").unwrap(), "cores must be <= 2.000000, got 4");
        draft.texts.insert("cores".into(), "2".into());
        assert_eq!(printed(draft.values(&after)), r#"{"cores":2,"image":"new"}"#);
    }
}
