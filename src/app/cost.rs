//! What a request for workers comes to: cores, memory, money.

use serde_json::{Map, Value};

use super::config::Rates;
use super::live::Totals;
use crate::gateway::model::Options;

/// One worker.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Size {
    /// Its cores (threads, where only those are known).
    pub cores: f64,
    /// Its memory, bytes; zero when it is not known.
    pub memory: f64,
}

/// The size of a worker as its cluster's options say it. Sites name these options themselves, so
/// this goes by the words in names and labels and gives nothing where it cannot tell.
pub fn from_options(values: &Map<String, Value>, options: Option<&Options>) -> Option<Size> {
    let mut cores = None;
    let mut memory = None;
    for (name, value) in values {
        let field = options.and_then(|options| options.field(name));
        let label = field.map_or("", |field| field.label.as_str());
        let words = format!("{name} {label}").to_lowercase();
        if words.contains("scheduler") {
            continue;
        }
        if cores.is_none() && ["core", "cpu"].iter().any(|word| words.contains(word)) {
            cores = value.as_f64().filter(|cores| *cores > 0.0);
        } else if memory.is_none() && words.contains("mem") {
            memory = bytes_of(value, &words);
        }
    }
    cores.map(|cores| Size { cores, memory: memory.unwrap_or(0.0) })
}

/// The size of a worker as those that are there have it, on average.
pub fn from_totals(totals: &Totals) -> Option<Size> {
    let workers = f64::from(totals.workers);
    (workers > 0.0).then(|| Size {
        cores: f64::from(totals.threads) / workers,
        memory: totals.memory_limit / workers,
    })
}

/// Money per hour for so many workers.
pub fn per_hour(size: Size, workers: u32, rates: &Rates) -> f64 {
    let gib = size.memory / f64::from(1 << 30);
    f64::from(workers) * (size.cores * rates.core_hour + gib * rates.gib_hour)
}

/// A number of bytes: a text with a unit, or a number in the unit that the words name, or in GiB
/// when it is too small for bytes.
fn bytes_of(value: &Value, words: &str) -> Option<f64> {
    const GIB: f64 = 1_073_741_824.0;
    const MIB: f64 = 1_048_576.0;
    if let Some(number) = value.as_f64() {
        let unit = if words.contains("mib") || words.contains("(mb") {
            MIB
        } else if words.contains("gib") || words.contains("(gb") || number < 100_000.0 {
            GIB
        } else {
            1.0
        };
        return (number > 0.0).then_some(number * unit);
    }
    let text = value.as_str()?.trim().to_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let scale = match unit.trim() {
        "g" | "gb" => 1e9,
        "gi" | "gib" => GIB,
        "m" | "mb" => 1e6,
        "mi" | "mib" => MIB,
        "t" | "tb" => 1e12,
        "ti" | "tib" => GIB * 1024.0,
        "" | "b" => 1.0,
        _ => return None,
    };
    number.parse::<f64>().ok().filter(|n| *n > 0.0).map(|n| n * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn size(value: Value) -> Option<Size> {
        let Value::Object(map) = value else { return None };
        from_options(&map, None)
    }

    #[test]
    fn words_of_sites() {
        let gib = 1_073_741_824.0;
        let want = |cores, memory| Some(Size { cores, memory });
        assert_eq!(size(json!({"worker_cores": 2, "worker_memory": 4.0})), want(2.0, 4.0 * gib));
        assert_eq!(size(json!({"cpu": 1.5, "memory": "2 GiB"})), want(1.5, 2.0 * gib));
        assert_eq!(size(json!({"scheduler_cores": 4, "worker_cores": 1})), want(1.0, 0.0));
        assert_eq!(size(json!({"worker_cores": 1, "worker_memory": 2_147_483_648_u64})), want(1.0, 2.0 * gib));
        assert_eq!(size(json!({"profile": "Small"})), None);
    }

    #[test]
    fn money() {
        let rates = Rates { currency: "EUR".into(), core_hour: 0.04, gib_hour: 0.005 };
        let size = Size { cores: 4.0, memory: 8.0 * 1_073_741_824.0 };
        assert!((per_hour(size, 10, &rates) - 2.0).abs() < 1e-9);
    }
}
