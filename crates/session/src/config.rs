//! `config.json` beside the page: the site's defaults. Every key is optional; what cannot be used
//! is reported and left out, never fatal.

use serde_json::Value;

use crate::origins;
use base::json;
use gateway::AuthKind;
use gateway::address::is_web_address;
use gateway::sizing::Rates;

/// The site's defaults.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Config {
    /// Gateway address, absolute or relative to the page.
    pub gateway: Option<String>,
    /// How users sign in.
    pub auth: Option<AuthKind>,
    /// The hub's address, for the page that makes tokens.
    pub hub: Option<String>,
    /// What to call the site.
    pub title: Option<String>,
    /// Where Python clients reach schedulers, if not at the gateway's own address.
    pub proxy_address: Option<String>,
    /// Prices.
    pub rates: Option<Rates>,
    /// How many task intervals a page holds of one scheduler at most, about 32 bytes each.
    pub limit: Option<usize>,
    /// Origins of pages that may show this one in a frame and still change clusters.
    pub frame_ancestors: Vec<String>,
    /// Origins of schedulers that this page may contact without a question.
    pub schedulers: Vec<String>,
    /// What was wrong with the file, one sentence each.
    pub problems: Vec<String>,
}

impl Config {
    /// Reads the text of a `config.json`.
    pub fn parse(text: &str) -> Self {
        let mut config = Self::default();
        let value = match serde_json::from_str::<Value>(text) {
            Ok(value) => value,
            Err(error) => {
                config
                    .problems
                    .push(format!("config.json is not JSON ({error}), so it is not used."));
                return config;
            }
        };
        let Value::Object(map) = value else {
            config.problems.push("config.json holds no object, so it is not used.".into());
            return config;
        };
        for (key, value) in &map {
            let text = value.as_str().map(str::trim).filter(|text| !text.is_empty());
            let fine = match key.as_str() {
                "gateway" => set(&mut config.gateway, text.map(str::to_owned)),
                // It becomes a link.
                "hub" => set(
                    &mut config.hub,
                    text.filter(|text| is_web_address(text))
                        .map(|text| text.trim_end_matches('/').to_owned()),
                ),
                "title" => set(&mut config.title, text.map(str::to_owned)),
                "proxy_address" => set(&mut config.proxy_address, text.map(str::to_owned)),
                "auth" => set(&mut config.auth, text.and_then(AuthKind::parse)),
                "rates" => set(&mut config.rates, parse_rates(value)),
                "limit" => set(
                    &mut config.limit,
                    value.as_u64().filter(|rows| *rows > 0).and_then(|n| usize::try_from(n).ok()),
                ),
                "frame_ancestors" => {
                    config.frame_ancestors = origins(key, value, &mut config.problems);
                    true
                }
                "schedulers" => {
                    config.schedulers = origins(key, value, &mut config.problems);
                    true
                }
                // A key of a later version, or a host's own.
                _ => true,
            };
            if !fine && !value.is_null() {
                let wants = match key.as_str() {
                    "auth" => "one of none, basic, jupyterhub, kerberos",
                    "rates" => "{\"currency\": text, \"core_hour\": number, \"gib_hour\": number}",
                    "limit" => "a whole number above zero",
                    "hub" => "an address: a path, or one that starts with http:// or https://",
                    _ => "a text",
                };
                config
                    .problems
                    .push(format!("config.json: “{key}” is not used, it must be {wants}."));
            }
        }
        config
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let fine = value.is_some();
    *place = value;
    fine
}

/// The origins in a list; what is none is left out and reported.
fn origins(key: &str, value: &Value, problems: &mut Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    match value {
        Value::Null => {}
        Value::Array(all) => {
            for one in all {
                match one.as_str().and_then(origins::origin) {
                    Some(origin) => found.push(origin),
                    None => wrong.push(json::print(one)),
                }
            }
        }
        other => wrong.push(json::print(other)),
    }
    if !wrong.is_empty() {
        problems.push(format!(
            "config.json: “{key}” must be a list of origins such as [\"https://lab.example.org\"], each with http:// \
             or https:// and without a path. Not used: {}.",
            wrong.join(", ")
        ));
    }
    found
}

fn parse_rates(value: &Value) -> Option<Rates> {
    let price = |key: &str| match value.get(key) {
        None => Some(0.0),
        Some(value) => value.as_f64().filter(|price| price.is_finite() && *price >= 0.0),
    };
    value.is_object().then_some(())?;
    Some(Rates {
        currency: value.get("currency").and_then(Value::as_str).unwrap_or("").trim().to_owned(),
        core_hour: price("core_hour")?,
        gib_hour: price("gib_hour")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_file() {
        let config = Config::parse(
            r#"{"gateway": "/gateway", "auth": "basic", "hub": "/hub/", "title": "Lab",
                "proxy_address": "gateway://x.org:8786", "limit": 9000000,
                "rates": {"currency": "EUR", "core_hour": 0.04, "gib_hour": 0.005}, "later": 1}"#,
        );
        assert_eq!(config.problems, Vec::<String>::new());
        assert_eq!(config.gateway.as_deref(), Some("/gateway"));
        assert_eq!(config.auth, Some(AuthKind::Basic));
        assert_eq!(config.hub.as_deref(), Some("/hub"));
        assert_eq!(config.proxy_address.as_deref(), Some("gateway://x.org:8786"));
        assert_eq!(config.rates.map(|rates| rates.core_hour), Some(0.04));
        assert_eq!(config.limit, Some(9_000_000));
    }

    #[test]
    fn broken_parts_are_reported_and_the_rest_is_used() {
        let config =
            Config::parse(r#"{"gateway": 5, "auth": "ldap", "title": "Lab", "hub": null}"#);
        assert_eq!(config.title.as_deref(), Some("Lab"));
        assert_eq!((config.gateway, config.auth), (None, None));
        assert_eq!(config.problems.len(), 2);
        assert!(Config::parse(r#"{"rates": {"core_hour": -1}}"#).rates.is_none());
        let config = Config::parse(r#"{"limit": -1}"#);
        assert_eq!((config.limit, config.problems.len()), (None, 1));
        for hub in ["javascript:alert(1)//", "javascript:1", "data:text/html,x"] {
            let config = Config::parse(&format!(r#"{{"hub": "{hub}"}}"#));
            assert_eq!((config.hub, config.problems.len()), (None, 1), "{hub}: it becomes a link");
        }
    }

    #[test]
    fn lists_of_origins() {
        let config = Config::parse(
            r#"{"frame_ancestors": ["https://Lab.example.org:443/", "http://localhost:8888"],
                "schedulers": null}"#,
        );
        assert_eq!(
            config.frame_ancestors,
            ["https://lab.example.org", "http://localhost:8888"],
            "as browsers write them"
        );
        assert_eq!((config.schedulers.len(), config.problems.len()), (0, 0));
        let wrong = r#"["*", "lab.example.org", "https://*.example.org", "https://x.org/lab", "'self'", 7, null,
            "null", "file:///", "javascript://x", "https://me@x.org", "https://x.org", "https://x.org?y"]"#;
        let config =
            Config::parse(&format!(r#"{{"schedulers": {wrong}, "frame_ancestors": "x"}}"#));
        assert_eq!(config.schedulers, ["https://x.org"]);
        assert_eq!(config.problems.len(), 2);
        assert!(config.problems[1].contains("\"lab.example.org\""), "{:?}", config.problems);
    }

    #[test]
    fn never_fatal() {
        for text in ["", "[]", "{", "null", "<!doctype html>"] {
            assert_eq!(Config::parse(text).problems.len(), 1, "{text}");
        }
        assert_eq!(Config::parse("{}"), Config::default());
    }
}
