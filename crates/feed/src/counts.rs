//! The scheduler's `/json/counts.json`.

use super::bokeh::json::Json;
use base::number;

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

type Field = fn(&mut Counts) -> &mut f64;

const FIELDS: [(&str, Field); 15] = [
    ("bytes", |counts| &mut counts.bytes),
    ("clients", |counts| &mut counts.clients),
    ("cores", |counts| &mut counts.cores),
    ("erred", |counts| &mut counts.erred),
    ("hosts", |counts| &mut counts.hosts),
    ("idle", |counts| &mut counts.idle),
    ("memory", |counts| &mut counts.memory),
    ("processing", |counts| &mut counts.processing),
    ("released", |counts| &mut counts.released),
    ("saturated", |counts| &mut counts.saturated),
    ("tasks", |counts| &mut counts.tasks),
    ("unrunnable", |counts| &mut counts.unrunnable),
    ("waiting", |counts| &mut counts.waiting),
    ("workers", |counts| &mut counts.workers),
    ("desired_workers", |counts| &mut counts.desired_workers),
];

/// Reads an answer; `None` when it is none (a sign-in page, an error).
pub fn parse(body: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut known = false;
    let mut json = Json::new(body);
    json.members(&mut |json, name| {
        let raw = json.raw()?;
        known |= matches!(name, "tasks" | "workers");
        if let Some((_, field)) = FIELDS.iter().find(|(other, _)| *other == name) {
            // A null where a number is due must not lose the others.
            *field(&mut counts) = number::parse(raw).unwrap_or(0.0);
        }
        Ok(())
    })
    .and_then(|()| json.end())
    .ok()?;
    known.then_some(counts)
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
