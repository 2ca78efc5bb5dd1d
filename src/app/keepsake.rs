//! What is kept in the browser for one gateway, as text: option values, presets, and what was asked
//! of clusters that live. Mappings, which is where people put the passwords of their environment,
//! are kept in presets only, which a person makes and deletes.

use serde_json::{Map, Value};

use super::state::{Asked, Keepsake, Scope};
use crate::base::dict::record;
use crate::base::json::print;
use crate::gateway::model::{Cluster, Status};

impl Keepsake {
    /// As text.
    #[inline(never)]
    pub fn print(&self) -> String {
        let mut asked = Map::new();
        for (name, (was, scope)) in self.asked.iter() {
            let value = record(vec![
                ("workers", was.workers.into()),
                ("adapt", was.adapt.map(|(low, high)| vec![low, high]).into()),
                ("cap", was.cap.into()),
                ("idle", scope.idle_minutes.into()),
                ("close", scope.on_close.into()),
            ]);
            asked.insert(name.clone(), value);
        }
        let mut presets = Map::new();
        for (name, values) in self.presets.iter() {
            presets.insert(name.clone(), values.clone().into());
        }
        print(&record(vec![
            ("last", self.last.clone().into()),
            ("presets", presets.into()),
            ("asked", asked.into()),
            ("forgotten", self.forgotten.clone().into()),
            ("past", self.past.iter().map(|(user, one)| past(user, one)).collect()),
        ]))
    }

    /// From text; what cannot be read is not there.
    #[inline(never)]
    pub fn parse(text: &str) -> Self {
        let mut keepsake = Self::default();
        let Ok(mut value) = serde_json::from_str::<Value>(text) else { return keepsake };
        if let Some(Value::Array(all)) = value.get_mut("forgotten").map(Value::take) {
            for name in all {
                keepsake.forgotten.extend(name.as_str().map(str::to_owned));
            }
        }
        if let Some(Value::Array(all)) = value.get_mut("past").map(Value::take) {
            keepsake.past.extend(all.into_iter().filter_map(read_past));
        }
        let mut part = |name: &str| match value.get_mut(name).map(Value::take) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        // Earlier versions kept mappings, too.
        keepsake.last = without_mappings(&part("last"));
        for (name, value) in part("presets") {
            if let Value::Object(map) = value {
                keepsake.presets.insert(name, map);
            }
        }
        for (name, value) in part("asked") {
            let adapt = value.get("adapt");
            let bound = |at: usize| number(adapt?.get(at));
            let asked = Asked {
                workers: number(value.get("workers")),
                adapt: bound(0).zip(bound(1)),
                cap: number(value.get("cap")),
            };
            let scope = Scope {
                idle_minutes: number(value.get("idle")).filter(|minutes| *minutes > 0),
                on_close: value.get("close").and_then(Value::as_bool).unwrap_or(false),
            };
            keepsake.asked.insert(name, (asked, scope));
        }
        keepsake
    }
}

#[inline(never)]
fn number(value: Option<&Value>) -> Option<u32> {
    u32::try_from(value?.as_u64()?).ok()
}

/// Option values as they may be kept: without what people put into mappings.
#[inline(never)]
pub(super) fn without_mappings(values: &Map<String, Value>) -> Map<String, Value> {
    let mut values = values.clone();
    values.retain(|_, value| !value.is_object());
    values
}

/// A cluster that ended, and whose it was.
fn past(user: &str, cluster: &Cluster) -> Value {
    record(vec![
        ("user", user.into()),
        ("name", cluster.name.as_str().into()),
        ("status", cluster.status.as_str().into()),
        ("start", cluster.start_time.into()),
        ("stop", cluster.stop_time.into()),
        ("options", cluster.options.clone().into()),
    ])
}

fn read_past(mut value: Value) -> Option<(String, Cluster)> {
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let time = |name: &str| value.get(name)?.as_f64();
    let (user, name, status) = (text("user")?, text("name")?, Status::parse(&text("status")?)?);
    let (start_time, stop_time) = (time("start"), time("stop"));
    let Some(Value::Object(options)) = value.get_mut("options").map(Value::take) else {
        return None;
    };
    let options = without_mappings(&options);
    let cluster = Cluster { name, status, dashboard_route: None, start_time, stop_time, options };
    Some((user, cluster))
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
        let ended = Cluster {
            name: "dev.2b".into(),
            status: Status::Failed,
            dashboard_route: None,
            start_time: Some(1_795_353_623_574.0),
            stop_time: None,
            options: keepsake.last.clone(),
        };
        keepsake.past.push(("alice".into(), ended));
        keepsake.forgotten.push("dev.0".into());
        assert_eq!(Keepsake::parse(&keepsake.print()), keepsake);
    }

    #[test]
    fn mappings_kept_by_earlier_versions_are_let_go() {
        let old = Keepsake::parse(
            r#"{"last": {"environment": {"K": "topsecret"}, "n": 1}, "past": [{"user": "a",
                "name": "dev.1", "status": "STOPPED", "options": {"env": {"K": "topsecret"}}}]}"#,
        );
        assert_eq!(old.last.keys().collect::<Vec<_>>(), ["n"]);
        assert!(old.past.len() == 1 && !old.print().contains("topsecret"));
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
