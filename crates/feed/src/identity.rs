//! The scheduler's `/json/identity.json`: each worker with its latest measurements.

use super::bokeh::json::{Json, member};
use base::number;

/// What its workers said with their last heartbeats.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct Workers {
    /// CPU of the busiest one in percent, where 100 is one core; zero without workers.
    pub busiest_cpu: f64,
    /// The heartbeat that is longest ago, seconds since the epoch on the scheduler's clock; zero without
    /// workers.
    pub oldest_heartbeat: f64,
}

/// Reads an answer; `None` when the text is no such document, or leaves out what one of the workers does. A
/// scheduler whose workers have just run tasks may answer with status 500 instead (dask/distributed#8370).
pub fn parse(body: &str) -> Option<Workers> {
    let mut all: Option<Workers> = None;
    let mut whole = true;
    Json::new(member(body, "workers")?)
        .members(&mut |json, _| {
            let worker = json.raw()?;
            let cpu = member(worker, "metrics").and_then(|metrics| member(metrics, "cpu"));
            let heard = member(worker, "last_seen").and_then(number::parse).unwrap_or(0.0);
            let Some(cpu) = cpu.and_then(number::parse) else {
                whole = false;
                return Ok(());
            };
            let before = all.unwrap_or(Workers { busiest_cpu: 0.0, oldest_heartbeat: heard });
            all = Some(Workers {
                busiest_cpu: before.busiest_cpu.max(cpu),
                oldest_heartbeat: before.oldest_heartbeat.min(heard),
            });
            Ok(())
        })
        .ok()?;
    whole.then(|| all.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_and_the_most_silent_worker_count() {
        let body = r#"{"type": "Scheduler", "workers": {
            "tcp://a:1": {"name": "w", "last_seen": 90.5, "metrics": {"task_counts": {}, "cpu": 4.0}},
            "tcp://b:2": {"last_seen": 91, "metrics": {"cpu": 98.7, "memory": 3}},
            "tcp://c:3": {"last_seen": 95, "metrics": {"cpu": 0}}}}"#;
        assert_eq!(parse(body), Some(Workers { busiest_cpu: 98.7, oldest_heartbeat: 90.5 }));
        assert_eq!(parse(r#"{"workers": {}}"#), Some(Workers::default()));
        // Who does not say what it does is not idle.
        let silent = r#"{"workers": {"a": {"last_seen": 9, "metrics": {"cpu": 1}}, "b": {"last_seen": 9, "metrics": {}}}}"#;
        for bad in ["", "500: Internal Server Error", "{}", "[]", r#"{"workers": 3}"#, silent] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
