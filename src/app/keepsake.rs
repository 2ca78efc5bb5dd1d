//! What is kept in the browser for one gateway, as text. It never holds a secret: option values,
//! presets, and what was asked of clusters that live.

use serde_json::{Map, Value, json};

use super::state::{Asked, Keepsake, Scope};
use crate::base::dict::object;
use crate::base::json::print;

impl Keepsake {
    /// As text.
    pub fn print(&self) -> String {
        let asked: Map<String, Value> = object(self.asked.iter().map(|(name, (asked, scope))| {
            let value = json!({
                "workers": asked.workers,
                "adapt": asked.adapt.map(|(low, high)| [low, high]),
                "cap": asked.cap,
                "idle": scope.idle_minutes,
                "close": scope.on_close,
            });
            (name.clone(), value)
        }));
        let presets: Map<String, Value> =
            object(self.presets.iter().map(|(name, map)| (name.clone(), map.clone().into())));
        print(&json!({ "last": self.last, "presets": presets, "asked": asked }))
    }

    /// From text; what cannot be read is not there.
    pub fn parse(text: &str) -> Self {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return Self::default() };
        let part =
            |name: &str| value.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
        let presets = part("presets")
            .into_iter()
            .filter_map(|(name, value)| match value {
                Value::Object(map) => Some((name, map)),
                _ => None,
            })
            .collect();
        let asked = part("asked")
            .into_iter()
            .map(|(name, value)| {
                let get = |key: &str| value.get(key).and_then(number);
                let adapt = value
                    .get("adapt")
                    .and_then(|pair| Some((number(pair.get(0)?)?, number(pair.get(1)?)?)));
                let asked = Asked { workers: get("workers"), adapt, cap: get("cap") };
                let scope = Scope {
                    idle_minutes: get("idle").filter(|minutes| *minutes > 0),
                    on_close: value.get("close").and_then(Value::as_bool).unwrap_or(false),
                };
                (name, (asked, scope))
            })
            .collect();
        Self { last: part("last"), presets, asked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let mut keepsake = Keepsake::default();
        keepsake.last.insert("profile".into(), "Small".into());
        keepsake.presets.insert("gpu".into(), keepsake.last.clone());
        let asked = Asked { workers: Some(4), adapt: Some((1, 8)), cap: Some(2) };
        let scope = Scope { idle_minutes: Some(30), on_close: true };
        keepsake.asked.insert("dev.1a".into(), (asked, scope));
        assert_eq!(Keepsake::parse(&keepsake.print()), keepsake);
    }

    #[test]
    fn broken_text_keeps_nothing() {
        for text in ["", "7", "[]", r#"{"last": 1, "presets": [], "asked": null}"#] {
            assert_eq!(Keepsake::parse(text), Keepsake::default(), "{text}");
        }
        let odd = Keepsake::parse(r#"{"asked": {"x": {"workers": -1, "adapt": [1], "idle": 0}}}"#);
        assert_eq!(odd.asked.get("x"), Some(&(Asked::default(), Scope::default())));
    }
}
