//! What is kept in the browser for one user of a gateway, as text: option values, presets, and what was
//! asked of clusters that live; and how what several tabs keep becomes one. Mappings, which is where people put the passwords of their environment,
//! are kept in presets only, which a person makes and deletes.

use serde_json::{Map, Value};

use base::dict::{Dict, record};
use base::exact;
use base::json::print;
use base::sort::sort_by;
use gateway::model::{Cluster, Status};
use gateway::{AuthKind, Credentials};

/// What this browser asked of a cluster, as far as it knows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Asked {
    /// Workers of the last manual request.
    pub workers: Option<u32>,
    /// Bounds of adaptive scaling, while it is on.
    pub adapt: Option<(u32, u32)>,
    /// The most workers the server allows, once it said so.
    pub cap: Option<u32>,
}

/// When a cluster is shut down by this page.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// After so many minutes without work; none: never.
    pub idle_minutes: Option<u32>,
    /// When the tab is closed.
    pub on_close: bool,
}

impl Scope {
    /// Whether it does anything.
    pub fn is_set(self) -> bool {
        self.idle_minutes.is_some() || self.on_close
    }
}

/// What is kept in the browser for one user of a gateway: no secrets.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GatewayPrefs {
    /// Option values of the last cluster made.
    pub last: Map<String, Value>,
    /// Option values by the name people gave them.
    pub presets: Dict<Map<String, Value>>,
    /// Requests by cluster.
    pub asked: Dict<(Asked, Scope)>,
    /// Clusters that ended, the latest first, and whose they were.
    pub past: Vec<(String, Cluster)>,
    /// Names of clusters that ended and were forgotten here, though the gateway may still list them.
    pub forgotten: Vec<String>,
}

/// So many clusters that ended are remembered.
pub(super) const PAST: usize = 20;

/// Where the prefs of a user stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The name of the entry.
    pub key: String,
    /// Whether it must end with the tab and its sign-in: a token or a ticket does not say whose it
    /// is, so what is kept could become somebody else's.
    pub tab_only: bool,
}

impl Place {
    /// The place for whoever signs in with these.
    pub fn of(credentials: &Credentials) -> Self {
        let (address, kind) = (credentials.address(), credentials.kind());
        let user = credentials.user();
        let name = user.map_or_else(String::new, |user| format!(" {user}"));
        let key = format!("gateway {address} {}{name}", kind.as_str());
        Self { key, tab_only: user.is_none() && kind != AuthKind::None }
    }

    /// Where versions up to 0.1 kept what belonged to all users of a gateway.
    pub fn of_older(credentials: &Credentials) -> String {
        format!("gateway {}", credentials.address())
    }
}

impl GatewayPrefs {
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
        let mut prefs = Self::default();
        let Ok(mut value) = exact::read::<Value>(text) else { return prefs };
        if let Some(Value::Array(all)) = value.get_mut("forgotten").map(Value::take) {
            for name in all {
                prefs.forgotten.extend(name.as_str().map(str::to_owned));
            }
        }
        if let Some(Value::Array(all)) = value.get_mut("past").map(Value::take) {
            prefs.past.extend(all.into_iter().filter_map(read_past));
        }
        let mut part = |name: &str| match value.get_mut(name).map(Value::take) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        // Earlier versions kept mappings, too.
        prefs.last = without_mappings(&part("last"));
        for (name, value) in part("presets") {
            if let Value::Object(map) = value {
                prefs.presets.insert(name, map);
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
            prefs.asked.insert(name, (asked, scope));
        }
        prefs
    }

    /// Parts what an older version kept for all users of a gateway: what is safe for `user`, and
    /// what stays for the others. Option values may be anybody's: nobody gets them.
    pub fn part_older(older: Self, user: &str) -> (Self, Self) {
        let rest = Self { last: Map::new(), presets: Dict::new(), ..older };
        let mut own = rest.clone();
        own.past.retain(|(whose, _)| whose == user);
        (own, rest)
    }

    /// What to keep where this tab changes `before` into `after`, and others have made `stored` of
    /// it meanwhile: its changes are made to what is stored, all else stays.
    pub fn merged(before: &Self, after: &Self, stored: &Self) -> Self {
        let mut forgotten = stored.forgotten.clone();
        let new = |name: &&String| !before.forgotten.contains(name) && !forgotten.contains(name);
        let more: Vec<_> = after.forgotten.iter().filter(new).cloned().collect();
        forgotten.extend(more);
        // The gateway lists what ended for a day or so.
        forgotten.drain(..forgotten.len().saturating_sub(PAST * 5));
        let mut past = stored.past.clone();
        past.extend(after.past.iter().cloned());
        past.retain(|(_, cluster)| !forgotten.contains(&cluster.name));
        Self {
            last: if after.last == before.last { &stored.last } else { &after.last }.clone(),
            presets: merged(&before.presets, &after.presets, &stored.presets),
            asked: merged(&before.asked, &after.asked, &stored.asked),
            past: latest(past),
            forgotten,
        }
    }
}

/// Makes the changes between `before` and `after` to what is stored.
fn merged<V: Clone + PartialEq>(before: &Dict<V>, after: &Dict<V>, stored: &Dict<V>) -> Dict<V> {
    let mut all = stored.clone();
    all.retain(|name, _| after.contains_key(name) || !before.contains_key(name));
    for (name, value) in after.iter().filter(|(name, value)| before.get(name) != Some(value)) {
        all.insert(name.clone(), value.clone());
    }
    all
}

/// The clusters that ended last, of each user, each once: the first of a name, but for one that knows
/// when it ended.
pub(super) fn latest(past: Vec<(String, Cluster)>) -> Vec<(String, Cluster)> {
    let mut all: Vec<(String, Cluster)> = Vec::new();
    for (user, cluster) in past {
        let known = all.iter_mut().find(|(_, other)| other.name == cluster.name);
        match known {
            Some((_, known)) if known.stop_time.is_none() && cluster.stop_time.is_some() => {
                *known = cluster;
            }
            Some(_) => {}
            None => all.push((user, cluster)),
        }
    }
    let end = |cluster: &Cluster| cluster.stop_time.or(cluster.start_time).unwrap_or(0.0);
    sort_by(&mut all, |(_, a), (_, b)| end(b).total_cmp(&end(a)).then(a.name.cmp(&b.name)));
    let mut counts = Dict::<usize>::new();
    all.retain(|(user, _)| {
        let count = counts.get(user).copied().unwrap_or(0) + 1;
        counts.insert(user.clone(), count);
        count <= PAST
    });
    all
}

#[inline(never)]
fn number(value: Option<&Value>) -> Option<u32> {
    u32::try_from(value?.as_u64()?).ok()
}

/// Option values as they may be kept: without what people put into mappings.
#[inline(never)]
pub(super) fn without_mappings(values: &Map<String, Value>) -> Map<String, Value> {
    let mut values = values.clone();
    values.retain(|_, value| !value.is_object() || exact::text(value).is_some());
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
        let mut prefs = GatewayPrefs::default();
        prefs.last.insert("profile".into(), "Small".into());
        prefs.presets.insert("gpu".into(), prefs.last.clone());
        let asked = Asked { workers: Some(4), adapt: Some((1, 8)), cap: Some(2) };
        let scope = Scope { idle_minutes: Some(30), on_close: true };
        prefs.asked.insert("dev.1a".into(), (asked, scope));
        let ended = Cluster {
            name: "dev.2b".into(),
            status: Status::Failed,
            dashboard_route: None,
            start_time: Some(1_795_353_623_574.0),
            stop_time: None,
            options: prefs.last.clone(),
        };
        prefs.past.push(("alice".into(), ended));
        prefs.forgotten.push("dev.0".into());
        assert_eq!(GatewayPrefs::parse(&prefs.print()), prefs);
    }

    #[test]
    fn mappings_kept_by_earlier_versions_are_let_go() {
        let old = GatewayPrefs::parse(
            r#"{"last": {"environment": {"K": "topsecret"}, "n": 1}, "past": [{"user": "a",
                "name": "dev.1", "status": "STOPPED", "options": {"env": {"K": "topsecret"}}}]}"#,
        );
        assert_eq!(old.last.keys().collect::<Vec<_>>(), ["n"]);
        assert!(old.past.len() == 1 && !old.print().contains("topsecret"));
    }

    #[test]
    fn a_place_for_each_user() {
        let address = gateway::Address::parse("https://x.org/gw", None).unwrap();
        let of = |credentials: Result<Credentials, &str>| Place::of(&credentials.unwrap());
        let alice = of(Credentials::basic(address.clone(), "alice", "pw"));
        assert_eq!(alice.key, "gateway https://x.org/gw basic alice");
        assert_ne!(alice, of(Credentials::basic(address.clone(), "bob", "pw")));
        let token = of(Credentials::jupyterhub(address.clone(), "s3cret"));
        let kerberos = of(Ok(Credentials::kerberos(address.clone())));
        let nobody = of(Ok(Credentials::none(address)));
        assert!(token.tab_only && kerberos.tab_only && !alice.tab_only && !nobody.tab_only);
        assert!(!token.key.contains("s3cret"));
    }

    #[test]
    fn what_older_versions_kept_prefills_nobodys_form() {
        let old = GatewayPrefs::parse(
            r#"{"last": {"image": "hers"}, "presets": {"p": {"cost_center": "4711"}},
                "asked": {"dev.1": {"idle": 30}}, "forgotten": ["dev.0"], "past": [
                {"user": "a", "name": "dev.a", "status": "STOPPED", "options": {}},
                {"user": "b", "name": "dev.b", "status": "STOPPED", "options": {}}]}"#,
        );
        let (own, rest) = GatewayPrefs::part_older(old, "a");
        assert!(own.last.is_empty() && own.presets.is_empty());
        assert!(own.asked.contains_key("dev.1") && own.forgotten == ["dev.0"]);
        assert_eq!(
            own.past.iter().map(|(_, one)| one.name.as_str()).collect::<Vec<_>>(),
            ["dev.a"]
        );
        assert!(!rest.print().contains("hers") && !rest.print().contains("4711"));
        assert_eq!(rest.past.len(), 2, "the other user finds theirs");
    }

    #[test]
    fn broken_text_keeps_nothing() {
        for text in ["", "7", "[]", r#"{"last": 1, "presets": [], "asked": null}"#] {
            assert_eq!(GatewayPrefs::parse(text), GatewayPrefs::default(), "{text}");
        }
        let odd =
            GatewayPrefs::parse(r#"{"asked": {"x": {"workers": -1, "adapt": [1], "idle": 0}}}"#);
        assert_eq!(odd.asked.get("x"), Some(&(Asked::default(), Scope::default())));
    }
}
