//! What a request for workers would come to: cores, memory, price; and the cap that a refusal reveals.

use serde_json::{Map, Value};

use super::model::Options;
use base::exact;
use base::number::{fixed, parse};

fn workers(count: u32) -> &'static str {
    if count == 1 { "worker" } else { "workers" }
}

/// The cap in the server's refusal: `… would exceed resource limit of 2 workers. …`.
pub fn cap_in(message: &str) -> Option<u32> {
    let (_, rest) = message.split_once("resource limit of ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What one hour of what costs.
#[derive(Clone, PartialEq, Debug, Default)]
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
    /// Memory, GiB; infinite for workers that have no limit.
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
        if self.memory_gib == Some(f64::INFINITY) {
            parts.push("no memory limit".to_owned());
        } else if let Some(memory) = self.memory_gib {
            parts.push(format!("{} GiB", short(memory)));
        }
        // What a profile decides on the server is not told before a worker is there.
        match (self.cores, self.memory_gib) {
            (Some(_), None) => parts.push("memory not told before one is there".to_owned()),
            (None, Some(_)) => parts.push("cores not told before one is there".to_owned()),
            _ => {}
        }
        if let (Some(price), Some(rates)) = (self.per_hour, rates) {
            parts.push(format!("about {} {} an hour", fixed(price, 2), rates.currency));
        }
        parts.join(" · ")
    }
}

fn short(number: f64) -> String {
    let text = fixed(number, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number, or text that begins with one, with what stands behind it.
fn number(value: &Value) -> Option<(f64, &str)> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            let (digits, unit) = text.split_at(end);
            parse(digits).map(|number| (number, unit.trim()))
        }
        other => exact::float(other).filter(|n| n.is_finite()).map(|number| (number, "")),
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

    #[test]
    fn learns_the_cap() {
        let scale = "Scale request of 10 workers would exceed resource limit of 2 workers. Scaling to \
                     2 instead.";
        let adapt = "Adapt with `maximum=99, minimum=0` workers would exceed resource limit of 3 \
                     workers. Using `maximum=3, minimum=0` instead.";
        assert_eq!((cap_in(scale), cap_in(adapt)), (Some(2), Some(3)));
        assert_eq!(cap_in("resource limit of many"), None);
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
        let free = WorkerSize { cores: Some(2.0), memory_gib: Some(f64::INFINITY) };
        let sentence = free.preview(2, Some(&rates)).sentence(Some(&rates));
        assert_eq!(sentence, "2 workers · 4 cores · no memory limit");
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
