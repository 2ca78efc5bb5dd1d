//! What the REST API does not tell and this browser therefore remembers of a cluster: the workers it
//! asked for, adaptive bounds, the cap that an answer revealed; and what a request would cost.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::api::{Adapt, Scaled};
use super::model::Options;

/// What this browser knows about one cluster's scaling. Plain data, for `localStorage`; unknown and
/// missing fields do no harm.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Workers asked for by hand, as far as this browser did; none while adaptive.
    pub requested: Option<u32>,
    /// Adaptive bounds, as far as this browser set them; none while it is off (or unknown).
    pub adaptive: Option<Bounds>,
    /// The most workers the gateway allows, learned from a refusal.
    pub cap: Option<u32>,
    /// The server's words on the last request, where it had any.
    pub message: Option<String>,
    /// The name somebody gave it here, beside the one made from its name.
    pub alias: Option<String>,
    /// When this was last changed, ms since the epoch.
    pub changed_ms: f64,
}

/// Bounds that the gateway took.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bounds {
    /// Fewest workers.
    pub minimum: Option<u32>,
    /// Most workers.
    pub maximum: Option<u32>,
}

impl Remembered {
    /// Reads what [`to_text`](Self::to_text) wrote; anything else gives the empty record.
    pub fn from_text(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As text, to keep.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Takes the answer to a request for `count` workers.
    pub fn scaled(&mut self, count: u32, answer: &Scaled, now_ms: f64) {
        self.learn(Some(count), answer, now_ms);
        self.adaptive = None;
        self.requested = Some(match self.cap {
            Some(cap) if !answer.ok => count.min(cap),
            _ => count,
        });
    }

    /// Takes the answer to a request for adaptive scaling, or for its end (`None`).
    pub fn adapted(&mut self, bounds: Option<Adapt>, answer: &Scaled, now_ms: f64) {
        self.learn(bounds.and_then(|bounds| bounds.minimum.max(bounds.maximum)), answer, now_ms);
        let clamp = |bound: Option<u32>| match self.cap {
            Some(cap) if !answer.ok => bound.map(|bound| bound.min(cap)),
            _ => bound,
        };
        if let Some(bounds) = bounds {
            self.adaptive = Some(Bounds {
                minimum: clamp(bounds.minimum),
                maximum: clamp(bounds.maximum.or(if answer.ok { None } else { self.cap })),
            });
            self.requested = None;
        } else {
            self.adaptive = None;
        }
    }

    fn learn(&mut self, asked: Option<u32>, answer: &Scaled, now_ms: f64) {
        self.changed_ms = now_ms;
        self.message.clone_from(&answer.message);
        if answer.ok {
            // More than the known cap was taken without complaint: it was raised or lifted.
            self.cap = self.cap.filter(|cap| asked.is_none_or(|asked| asked <= *cap));
        } else if let Some(cap) = answer.message.as_deref().and_then(cap_in) {
            self.cap = Some(cap);
        }
    }

    /// A sentence on what was asked for, or nothing where this browser asked for nothing.
    pub fn sentence(&self) -> Option<String> {
        if let Some(bounds) = self.adaptive {
            let least = bounds.minimum.unwrap_or(0);
            return Some(match bounds.maximum {
                Some(most) => format!("Adaptive, {least} to {most} workers"),
                None => format!("Adaptive, {least} workers or more"),
            });
        }
        self.requested.map(|count| format!("{count} {} requested", workers(count)))
    }
}

fn workers(count: u32) -> &'static str {
    if count == 1 { "worker" } else { "workers" }
}

/// The cap in the server's refusal: `… would exceed resource limit of 2 workers. …`.
pub fn cap_in(message: &str) -> Option<u32> {
    let (_, rest) = message.split_once("resource limit of ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Why a scaling request should be asked about first, in a sentence; nothing if it is harmless.
/// `arrived` is how many workers there are now.
pub fn question_scale(count: u32, arrived: u32) -> Option<String> {
    if count == 0 {
        return Some(match arrived {
            0 => "Scale to no workers? Nothing will be computed until you scale up again.".into(),
            _ => format!(
                "Scale to no workers? All {arrived} will stop, and results that only they hold are lost."
            ),
        });
    }
    None
}

/// Why adaptive bounds cannot be sent, or should be asked about first.
#[derive(Clone, Eq, PartialEq, Debug)]
pub enum Doubt {
    /// Never sent: the sentence says what to mend.
    No(String),
    /// Sent after a yes to the sentence.
    Ask(String),
}

/// What is doubtful about adaptive bounds; nothing if they are harmless.
pub fn question_adapt(bounds: Adapt, cap: Option<u32>) -> Option<Doubt> {
    let least = bounds.minimum.unwrap_or(0);
    match bounds.maximum {
        Some(0) => Some(Doubt::Ask(
            "Adapt with a maximum of 0? All workers will stop at once, and none will come.".into(),
        )),
        Some(most) if least > most => {
            Some(Doubt::No(format!("The minimum, {least}, is above the maximum, {most}.")))
        }
        None if cap.is_none() => Some(Doubt::Ask(
            "Adapt without a maximum? A large computation may then ask for any number of workers."
                .into(),
        )),
        _ => None,
    }
}

/// What one hour of what costs.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// The currency's code or sign, as the site writes it.
    pub currency: String,
    /// Price of one core for an hour.
    pub core_hour: f64,
    /// Price of one GiB of memory for an hour.
    pub gib_hour: f64,
}

/// What one worker has, as far as the options tell.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct WorkerSize {
    /// Cores.
    pub cores: Option<f64>,
    /// Memory, GiB.
    pub memory_gib: Option<f64>,
}

/// What a number of workers has and costs.
#[derive(Clone, PartialEq, Debug)]
pub struct Preview {
    /// How many.
    pub workers: u32,
    /// Cores of all, where known.
    pub cores: Option<f64>,
    /// Memory of all in GiB, where known.
    pub memory_gib: Option<f64>,
    /// Price of an hour of all, where known.
    pub per_hour: Option<f64>,
}

impl WorkerSize {
    /// Reads it from a cluster's (or the form's) values by the names that sites use; `options` gives
    /// labels, which may name the unit, and defaults.
    pub fn from_values(values: &Map<String, Value>, options: Option<&Options>) -> Self {
        let find = |names: &'static [&'static str]| {
            names.iter().find_map(|name| {
                let field = options.and_then(|options| options.field(name));
                let value = values.get(*name).or(field.map(|field| &field.default))?;
                Some((value, field.map_or(*name, |field| field.label.as_str())))
            })
        };
        let cores = find(&["worker_cores", "cores", "worker_cpus", "worker_cpu", "cpus", "cpu"])
            .and_then(|(value, _)| number(value).map(|(number, _)| number));
        let memory = find(&[
            "worker_memory",
            "memory",
            "worker_mem",
            "mem",
            "worker_memory_gib",
            "memory_gib",
            "worker_memory_gb",
        ])
        .and_then(|(value, label)| gib(value, label));
        Self { cores: cores.filter(|n| *n > 0.0), memory_gib: memory.filter(|n| *n > 0.0) }
    }

    /// What `workers` of this size have and cost.
    pub fn preview(self, workers: u32, rates: Option<&Rates>) -> Preview {
        let times = f64::from(workers);
        let (cores, memory_gib) =
            (self.cores.map(|n| n * times), self.memory_gib.map(|n| n * times));
        // A price without one of its parts would be wrong, unless that part is free.
        let per_hour = rates.and_then(|rates| {
            let part = |amount: Option<f64>, rate: f64| match amount {
                Some(amount) => Some(amount * rate),
                None => (rate == 0.0).then_some(0.0),
            };
            let sum = part(cores, rates.core_hour)? + part(memory_gib, rates.gib_hour)?;
            (sum.is_finite() && sum > 0.0).then_some(sum)
        });
        Preview { workers, cores, memory_gib, per_hour }
    }
}

impl Preview {
    /// For people: `4 workers · 8 cores · 16 GiB · about 0.40 EUR an hour`.
    pub fn sentence(&self, rates: Option<&Rates>) -> String {
        let mut parts = vec![format!("{} {}", self.workers, workers(self.workers))];
        if let Some(cores) = self.cores {
            parts.push(format!("{} {}", short(cores), if cores == 1.0 { "core" } else { "cores" }));
        }
        if let Some(memory) = self.memory_gib {
            parts.push(format!("{} GiB", short(memory)));
        }
        if let (Some(price), Some(rates)) = (self.per_hour, rates) {
            parts.push(format!("about {price:.2} {} an hour", rates.currency));
        }
        parts.join(" · ")
    }
}

fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number, or text that begins with one, with what stands behind it.
fn number(value: &Value) -> Option<(f64, &str)> {
    match value {
        Value::Number(number) => number.as_f64().map(|number| (number, "")),
        Value::String(text) => {
            let text = text.trim();
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            let (digits, unit) = text.split_at(end);
            digits.parse().ok().map(|number| (number, unit.trim()))
        }
        _ => None,
    }
}

/// Memory in GiB. Bare numbers are GiB unless the label names another unit or they are too large
/// for that (bytes); Dask's and Kubernetes' suffixes are known.
fn gib(value: &Value, label: &str) -> Option<f64> {
    const GIB: f64 = 1_073_741_824.0;
    let (amount, unit) = number(value)?;
    let label = label.to_ascii_lowercase();
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" if label.contains("mib") => "mib".into(),
        "" if label.contains("(mb)") => "mb".into(),
        "" if label.contains("bytes") || amount >= 1e6 => "b".into(),
        "" => "gib".into(),
        other => other.to_owned(),
    };
    let bytes = amount
        * match unit.as_str() {
            "b" => 1.0,
            "k" | "kb" => 1e3,
            "ki" | "kib" => 1024.0,
            "m" | "mb" => 1e6,
            "mi" | "mib" => 1_048_576.0,
            // Sites that write G mean what people hear: the difference is for the exact value.
            "g" | "gb" => 1e9,
            "gi" | "gib" => GIB,
            "t" | "tb" => 1e12,
            "ti" | "tib" => GIB * 1024.0,
            _ => return None,
        };
    Some(bytes / GIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(message: &str) -> Scaled {
        Scaled { ok: false, message: Some(message.into()) }
    }

    const FINE: Scaled = Scaled { ok: true, message: None };

    #[test]
    fn learns_the_cap() {
        let mut seen = Remembered::default();
        seen.scaled(
            10,
            &refusal(
                "Scale request of 10 workers would exceed resource limit of 2 workers. Scaling to \
                 2 instead.",
            ),
            5.0,
        );
        assert_eq!((seen.requested, seen.cap, seen.adaptive), (Some(2), Some(2), None));
        assert_eq!(seen.sentence().as_deref(), Some("2 workers requested"));
        let bounds = Adapt { minimum: Some(0), maximum: Some(99) };
        seen.adapted(
            Some(bounds),
            &refusal(
                "Adapt with `maximum=99, minimum=0` workers would exceed resource limit of 3 \
                 workers. Using `maximum=3, minimum=0` instead.",
            ),
            6.0,
        );
        assert_eq!(seen.cap, Some(3));
        assert_eq!(seen.adaptive, Some(Bounds { minimum: Some(0), maximum: Some(3) }));
        assert_eq!(seen.sentence().as_deref(), Some("Adaptive, 0 to 3 workers"));
        let mut raised = seen.clone();
        raised.scaled(9, &FINE, 7.0);
        assert_eq!((raised.requested, raised.cap), (Some(9), None));
        seen.adapted(None, &FINE, 7.0);
        assert_eq!((seen.adaptive, seen.sentence()), (None, None));
        assert_eq!(Remembered::from_text(&seen.to_text()), seen);
        assert_eq!(Remembered::from_text("not json"), Remembered::default());
        assert_eq!(Remembered::from_text(r#"{"cap": 4, "new": []}"#).cap, Some(4));
        assert_eq!(cap_in("resource limit of many"), None);
    }

    #[test]
    fn asks_before_harm() {
        assert!(question_scale(0, 3).is_some_and(|text| text.contains('3')));
        assert!(question_scale(1, 3).is_none());
        let adapt = |minimum, maximum| question_adapt(Adapt { minimum, maximum }, Some(8));
        assert!(matches!(adapt(Some(0), Some(0)), Some(Doubt::Ask(_))));
        assert!(matches!(adapt(Some(3), Some(1)), Some(Doubt::No(_))));
        assert!(adapt(Some(0), Some(1)).is_none() && adapt(None, None).is_none());
        assert!(question_adapt(Adapt::default(), None).is_some());
    }

    #[test]
    fn previews() {
        let values = json!({"worker_cores": 2, "worker_memory": 4.0});
        let size = WorkerSize::from_values(values.as_object().unwrap(), None);
        let rates = Rates { currency: "EUR".into(), core_hour: 0.04, gib_hour: 0.005 };
        let preview = size.preview(4, Some(&rates));
        assert_eq!((preview.cores, preview.memory_gib), (Some(8.0), Some(16.0)));
        assert_eq!(
            preview.sentence(Some(&rates)),
            "4 workers · 8 cores · 16 GiB · about 0.40 EUR an hour"
        );
        for (value, want) in [
            (json!("4 GiB"), Some(4.0)),
            (json!("512Mi"), Some(0.5)),
            (json!(2_147_483_648_u64), Some(2.0)),
            (json!("lots"), None),
            (json!(null), None),
        ] {
            let values = json!({"memory": value});
            let size = WorkerSize::from_values(values.as_object().unwrap(), None);
            assert_eq!(size.memory_gib, want, "{values}");
            assert_eq!(size.preview(2, Some(&rates)).per_hour, None);
        }
    }
}
