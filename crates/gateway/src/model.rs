//! What the gateway sends. TLS keys and certificates are never read: the types have no place for
//! them, and the reader skips every name that it does not know without looking at its value.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use base::exact;

/// A cluster's life, in the gateway's words.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Status {
    /// Being started.
    Pending,
    /// Its scheduler answers.
    Running,
    /// Being shut down.
    Stopping,
    /// Shut down.
    Stopped,
    /// Never came up, or died.
    Failed,
}

impl Status {
    /// All of them, in the order of a cluster's life.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Running, Self::Stopping, Self::Stopped, Self::Failed];

    /// As the gateway writes it: `RUNNING`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Stopped => "STOPPED",
            Self::Failed => "FAILED",
        }
    }

    /// The status of that name; letter case does not matter.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(name.trim()))
    }

    /// Whether it still holds, or will hold, resources.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Running | Self::Stopping)
    }
}

/// One cluster as list and get report it.
#[derive(Clone, PartialEq, Debug)]
pub struct Cluster {
    /// The gateway's name of it, a secret where dashboards are served without sign-in.
    pub name: String,
    /// Where it is in its life.
    pub status: Status,
    /// Path of its dashboard below the gateway's address; only while running.
    pub dashboard_route: Option<String>,
    /// When it was asked for, ms since the epoch.
    pub start_time: Option<f64>,
    /// When it ended, ms since the epoch.
    pub stop_time: Option<f64>,
    /// The options it was made with, as the server normalised them.
    pub options: Map<String, Value>,
}

impl Cluster {
    /// Reads the answer about one cluster.
    ///
    /// # Errors
    /// What is wrong with it, without any part of it.
    pub fn from_json(body: &str) -> Result<Self, String> {
        let parts: Parts = from_json(body)?;
        parts.cluster("").map_err(|skipped| skipped.why)
    }

    /// How long it has been (or was) there, in seconds; `now_ms` is the browser's clock, ms since
    /// the epoch. A server whose clock runs ahead gives zero, never less.
    pub fn age_secs(&self, now_ms: f64) -> Option<f64> {
        let end = self.stop_time.unwrap_or(now_ms);
        self.start_time.map(|start| ((end - start) / 1000.0).max(0.0))
    }

    /// What a failure may come from: the API gives no reason, only times. Nothing for a cluster that
    /// did not fail.
    pub fn failure_hint(&self) -> Option<&'static str> {
        if self.status != Status::Failed {
            return None;
        }
        // Servers give up on a scheduler that does not report after 60 s unless told otherwise.
        Some(match self.stop_time.and_then(|end| self.age_secs(end)) {
            Some(secs) if secs < 55.0 => {
                "Its scheduler ended before it reported. The gateway does not say why; the reason \
                 stands in its log. Often the chosen environment lacks dask or dask-gateway, or is \
                 of another version than the gateway expects."
            }
            Some(secs) if secs < 600.0 => {
                "Its scheduler did not report in time. The gateway does not say why; often there \
                 was no room for it (a full node, a quota, a large image still being fetched)."
            }
            _ => {
                "It ran and then died. The gateway does not say why; often the scheduler ran out of \
                 memory or its machine went away."
            }
        })
    }
}

/// An entry that could not be used, beside others that could.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Skipped {
    /// Its name, or its place where it has none.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// The clusters of a user, in the server's order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Listing {
    /// Those that could be read.
    pub clusters: Vec<Cluster>,
    /// Those that could not.
    pub skipped: Vec<Skipped>,
}

impl Listing {
    /// Reads the answer to a list request.
    ///
    /// # Errors
    /// What is wrong with it, without any part of it.
    pub fn from_json(body: &str) -> Result<Self, String> {
        from_json(body)
    }
}

/// One field of the cluster options.
#[derive(Clone, PartialEq, Debug)]
pub struct OptionField {
    /// Its name in requests.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// What the server uses when it is left out.
    pub default: Value,
    /// What it may hold.
    pub kind: OptionKind,
}

/// What an option may hold.
#[derive(Clone, PartialEq, Debug)]
pub enum OptionKind {
    /// Any text.
    Text,
    /// True or false.
    Bool,
    /// A whole number within bounds (inclusive).
    Int {
        /// Smallest allowed.
        min: Option<i64>,
        /// Largest allowed.
        max: Option<i64>,
    },
    /// A number within bounds (inclusive).
    Float {
        /// Smallest allowed.
        min: Option<f64>,
        /// Largest allowed.
        max: Option<f64>,
    },
    /// One of these.
    Select(Vec<String>),
    /// Names and values.
    Mapping,
    /// A kind this version does not know: edited as JSON. Holds the server's `type`.
    Unknown(String),
}

impl OptionKind {
    #[inline(never)]
    fn from_spec(spec: &Value) -> Self {
        let kind = text_in(spec, "type");
        // Bounds beyond 64 bits (Python has no limit) are left to the gateway to hold.
        let int = |name: &str| spec.get(name).and_then(Value::as_i64);
        let float =
            |name: &str| spec.get(name).and_then(exact::float).filter(|bound| bound.is_finite());
        match kind {
            "string" => Self::Text,
            "bool" => Self::Bool,
            "int" => Self::Int { min: int("min"), max: int("max") },
            "float" => Self::Float { min: float("min"), max: float("max") },
            "select" => match spec.get("options").and_then(Value::as_array) {
                Some(options) => Self::Select(
                    options
                        .iter()
                        .filter_map(|option| option.as_str().map(str::to_owned))
                        .collect(),
                ),
                None => Self::Unknown(kind.into()),
            },
            "mapping" => Self::Mapping,
            _ => Self::Unknown(kind.into()),
        }
    }

    /// What a field of this kind holds when the server names no default.
    pub fn empty(&self) -> Value {
        match self {
            Self::Text => "".into(),
            Self::Bool => false.into(),
            Self::Int { min, .. } => min.unwrap_or(0).max(0).into(),
            Self::Float { min, .. } => min.unwrap_or(0.0).max(0.0).into(),
            Self::Select(options) => options.first().cloned().into(),
            Self::Mapping => Value::Object(Map::new()),
            Self::Unknown(_) => Value::Null,
        }
    }
}

/// The cluster options of a user, in the administrator's order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Options {
    /// Fields that could be read.
    pub fields: Vec<OptionField>,
    /// Fields that could not (without a name, or with one that came before).
    pub skipped: Vec<Skipped>,
}

impl Options {
    /// Reads the answer to an options request.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(body: &str) -> Result<Self, String> {
        let body: Value = from_json(body)?;
        let Some(list) = body.get("cluster_options").and_then(Value::as_array) else {
            return Err("no list of cluster_options in it".into());
        };
        let mut out = Self::default();
        for (place, entry) in list.iter().enumerate() {
            let text = |name: &str| text_in(entry, name);
            let field = text("field");
            let problem = if field.is_empty() {
                "has no field name"
            } else if out.field(field).is_some() {
                "there are two of this name"
            } else {
                let kind = OptionKind::from_spec(entry.get("spec").unwrap_or(&Value::Null));
                let label = if text("label").is_empty() { field } else { text("label") };
                out.fields.push(OptionField {
                    field: field.into(),
                    label: label.into(),
                    default: entry.get("default").cloned().unwrap_or_else(|| kind.empty()),
                    kind,
                });
                continue;
            };
            let name = if field.is_empty() { format!("#{}", place + 1) } else { field.into() };
            out.skipped.push(Skipped { name, why: problem.into() });
        }
        Ok(out)
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&OptionField> {
        self.fields.iter().find(|field| field.field == name)
    }
}

/// A text among an object's members; empty where there is none.
#[inline(never)]
fn text_in<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Reads JSON as Python writes it: with `NaN`, `Infinity` and whole numbers of any length.
fn from_json<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, String> {
    exact::read(body).map_err(|error| where_of(&error))
}

/// Where JSON went wrong; serde's own text could quote the input.
#[inline(never)]
fn where_of(error: &serde_json::Error) -> String {
    if error.is_data() { "a JSON object expected".into() } else { not_json(error) }
}

/// Where JSON is none, without any of it.
#[inline(never)]
pub(super) fn not_json(error: &serde_json::Error) -> String {
    format!("not JSON at line {}, column {}", error.line(), error.column())
}

/// The members of a cluster that are read; any other is one word.
const MEMBERS: [&str; 6] =
    ["name", "status", "dashboard_route", "start_time", "stop_time", "options"];

/// What is read of one cluster, whatever the types of its members; `None` where it is no object.
#[derive(Default)]
struct Parts(Option<[Value; MEMBERS.len()]>);

impl Parts {
    #[inline(never)]
    fn cluster(self, key: &str) -> Result<Cluster, Skipped> {
        let skip = |name: &str, why: &str| Skipped { name: name.into(), why: why.into() };
        let Some([name, status, route, start, stop, options]) = self.0 else {
            return Err(skip(key, "is not an object"));
        };
        let name = name.as_str().filter(|name| !name.is_empty()).unwrap_or(key);
        if name.is_empty() {
            return Err(skip("", "has no name"));
        }
        let Some(word) = status.as_str() else {
            return Err(skip(name, "has no status"));
        };
        let Some(status) = Status::parse(word) else {
            let cut: String = word.chars().take(40).collect();
            let why = format!("has a status this version does not know: {cut}");
            return Err(skip(name, &why));
        };
        Ok(Cluster {
            status,
            dashboard_route: route.as_str().map(str::to_owned),
            start_time: exact::float(&start),
            stop_time: exact::float(&stop),
            options: match options {
                Value::Object(map) => map,
                _ => Map::new(),
            },
            name: name.to_owned(),
        })
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor)
    }
}

/// A name's place among [`MEMBERS`]; the name itself is not kept.
struct Place(Option<usize>);

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PlaceVisitor;
        impl Visitor<'_> for PlaceVisitor {
            type Value = Place;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Place, E> {
                Ok(Place(MEMBERS.iter().position(|member| *member == name)))
            }
        }
        deserializer.deserialize_identifier(PlaceVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cluster")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let mut parts: [Value; MEMBERS.len()] = Default::default();
        while let Some(Place(place)) = map.next_key()? {
            match place {
                Some(place) => parts[place] = map.next_value()?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Parts(Some(parts)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parts, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Parts::default())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Parts, E> {
        Ok(Parts::default())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Parts, E> {
        Ok(Parts::default())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Parts, E> {
        Ok(Parts::default())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Parts, E> {
        Ok(Parts::default())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Parts, E> {
        Ok(Parts::default())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Parts, E> {
        Ok(Parts::default())
    }
}

impl<'de> Deserialize<'de> for Listing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListingVisitor;
        impl<'de> Visitor<'de> for ListingVisitor {
            type Value = Listing;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("clusters by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listing, A::Error> {
                let mut listing = Listing::default();
                while let Some(key) = map.next_key::<String>()? {
                    match map.next_value::<Parts>()?.cluster(&key) {
                        Ok(cluster) => listing.clusters.push(cluster),
                        Err(skipped) => listing.skipped.push(skipped),
                    }
                }
                Ok(listing)
            }
        }
        deserializer.deserialize_map(ListingVisitor)
    }
}
