//! The scheduler's `/json/counts.json`.

use serde_json::{Map, Value};

/// Totals of a scheduler. A number it does not send is zero.
#[derive(Copy, Clone, Default, PartialEq, Debug)]
pub struct Counts {
    /// Bytes of results.
    pub bytes: f64,
    /// Clients, an internal one included.
    pub clients: f64,
    /// Threads.
    pub cores: f64,
    /// Tasks with a blamed exception; no count of a state.
    pub erred: f64,
    /// Hosts.
    pub hosts: f64,
    /// Workers with nothing to do.
    pub idle: f64,
    /// Replicas of results.
    pub memory: f64,
    /// Tasks on workers.
    pub processing: f64,
    /// Tasks let go.
    pub released: f64,
    /// Workers with more than enough to do.
    pub saturated: f64,
    /// Tasks known.
    pub tasks: f64,
    /// Tasks no worker may run.
    pub unrunnable: f64,
    /// Tasks waiting for others.
    pub waiting: f64,
    /// Workers.
    pub workers: f64,
    /// The scheduler's estimate of the workers its load is worth; never a request.
    pub desired_workers: f64,
}

/// Reads an answer; `None` when it is none (a sign-in page, an error).
pub fn parse(body: &str) -> Option<Counts> {
    let object: Map<String, Value> = serde_json::from_str(body).ok()?;
    if !object.contains_key("tasks") && !object.contains_key("workers") {
        return None;
    }
    // A null where a number is due must not lose the others.
    let number = |name: &str| object.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    Some(Counts {
        bytes: number("bytes"),
        clients: number("clients"),
        cores: number("cores"),
        erred: number("erred"),
        hosts: number("hosts"),
        idle: number("idle"),
        memory: number("memory"),
        processing: number("processing"),
        released: number("released"),
        saturated: number("saturated"),
        tasks: number("tasks"),
        unrunnable: number("unrunnable"),
        waiting: number("waiting"),
        workers: number("workers"),
        desired_workers: number("desired_workers"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerant() {
        let counts = parse(r#"{"tasks": 3054, "workers": 2, "erred": null, "new": [1]}"#).unwrap();
        assert_eq!((counts.tasks, counts.workers, counts.erred), (3054.0, 2.0, 0.0));
        for bad in ["", "[]", "<html>", "{}", r#"{"error":"x"}"#] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
