//! The scheduler's `/json/identity.json`: each worker with its latest measurements.

use super::bokeh::json::{Json, member};
use crate::base::number;

/// CPU of the busiest worker in percent, where 100 is one core, as its last heartbeat had it; zero without
/// workers. `None` when the text is no such document. A scheduler whose workers have just run tasks may
/// answer with status 500 instead (dask/distributed#8370).
pub fn busiest_cpu(body: &str) -> Option<f64> {
    let mut busiest = 0.0_f64;
    Json::new(member(body, "workers")?)
        .members(&mut |json, _| {
            let worker = json.raw()?;
            let cpu = member(worker, "metrics").and_then(|metrics| member(metrics, "cpu"));
            busiest = busiest.max(cpu.and_then(number::parse).unwrap_or(0.0));
            Ok(())
        })
        .ok()?;
    Some(busiest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_worker_counts() {
        let body = r#"{"type": "Scheduler", "workers": {
            "tcp://a:1": {"name": "w", "metrics": {"task_counts": {}, "cpu": 4.0}},
            "tcp://b:2": {"metrics": {"cpu": 98.7, "memory": 3}},
            "tcp://c:3": {"metrics": {}}}}"#;
        assert_eq!(busiest_cpu(body), Some(98.7));
        assert_eq!(busiest_cpu(r#"{"workers": {}}"#), Some(0.0));
        for bad in ["", "500: Internal Server Error", "{}", "[]", r#"{"workers": 3}"#] {
            assert_eq!(busiest_cpu(bad), None, "{bad}");
        }
    }
}
