//! The scheduler's `/metrics`: Prometheus text, the few families that are of use.

use crate::base::number;

/// What `/metrics` says. Families that are not there stay zero or empty.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Metrics {
    /// Current tasks by state (`memory`, `processing`, …).
    pub tasks: Vec<(String, f64)>,
    /// Workers by state (`idle`, `saturated`, …).
    pub workers: Vec<(String, f64)>,
    /// Clients connected.
    pub clients: f64,
    /// The scheduler's estimate of the workers its load is worth.
    pub desired_workers: f64,
    /// Seconds of computing by prefix since the scheduler began.
    pub compute_seconds: Vec<(String, f64)>,
    /// Seconds of transfer by prefix since the scheduler began.
    pub transfer_seconds: Vec<(String, f64)>,
    /// Bytes of results by prefix, now.
    pub output_bytes: Vec<(String, f64)>,
    /// Changes of a task's state since the scheduler began: grows with any work, however short.
    pub transitions: f64,
    /// Those of them that ended a task, well or not.
    pub ended: f64,
    /// Lines that could not be read.
    pub unread: u64,
}

/// Reads the text; never fails: what cannot be read is counted.
pub fn parse(text: &str) -> Metrics {
    let mut metrics = Metrics::default();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let family = line.split(['{', ' ', '\t']).next().unwrap_or("");
        let (list, label) = match family {
            "dask_scheduler_tasks" => (&mut metrics.tasks, "state"),
            "dask_scheduler_workers" => (&mut metrics.workers, "state"),
            "dask_scheduler_tasks_compute_seconds_total" => {
                (&mut metrics.compute_seconds, "task_prefix_name")
            }
            "dask_scheduler_tasks_transfer_seconds_total" => {
                (&mut metrics.transfer_seconds, "task_prefix_name")
            }
            "dask_scheduler_tasks_output_bytes" => (&mut metrics.output_bytes, "task_prefix_name"),
            "dask_scheduler_prefix_state_totals_total" => {
                match sample(line, "state") {
                    Some((Some(state), count)) => {
                        metrics.transitions += count;
                        if state == "memory" || state == "erred" {
                            metrics.ended += count;
                        }
                    }
                    _ => metrics.unread += 1,
                }
                continue;
            }
            "dask_scheduler_clients" | "dask_scheduler_desired_workers" => {
                match sample(line, "").map(|(_, value)| value) {
                    Some(value) if family == "dask_scheduler_clients" => metrics.clients = value,
                    Some(value) => metrics.desired_workers = value,
                    None => metrics.unread += 1,
                }
                continue;
            }
            _ => continue,
        };
        match sample(line, label) {
            Some((Some(name), value)) => list.push((name, value)),
            _ => metrics.unread += 1,
        }
    }
    metrics
}

/// The wanted label (unescaped) and the value of one line.
fn sample(line: &str, label: &str) -> Option<(Option<String>, f64)> {
    let at = line.find(['{', ' ', '\t'])?;
    let mut rest = line.get(at..)?;
    let mut found = None;
    if let Some(labels) = rest.strip_prefix('{') {
        rest = labels;
        loop {
            rest = rest.trim_start_matches([',', ' ']);
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
            let (name, quoted) = rest.split_once("=\"")?;
            let mut value = String::new();
            let mut chars = quoted.char_indices();
            let end = loop {
                match chars.next()? {
                    (at, '"') => break at,
                    (_, '\\') => match chars.next()?.1 {
                        'n' => value.push('\n'),
                        other => value.push(other),
                    },
                    (_, other) => value.push(other),
                }
            };
            if name.trim() == label {
                found = Some(value);
            }
            rest = quoted.get(end + 1..)?;
        }
    }
    // A time stamp may follow the value.
    let value = number::parse(rest.split_whitespace().next()?)?;
    Some((found, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_families() {
        let metrics = parse(
            "# HELP x\ndask_scheduler_tasks{state=\"memory\"} 12.0\n\
             dask_scheduler_tasks{state=\"no-worker\"} 1e3 1700000000\n\
             dask_scheduler_clients 1.0\ndask_scheduler_desired_workers 2\n\
             dask_scheduler_tasks_output_bytes{a=\"b\",task_prefix_name=\"q\\\"\\n\\\\{}, x\"} 7\n\
             dask_scheduler_prefix_state_totals_total{state=\"waiting\",task_prefix_name=\"inc\"} 9.0\n\
             dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"inc\"} 7.0\n\
             dask_scheduler_prefix_state_totals_total{state=\"erred\",task_prefix_name=\"inc\"} 2.0\n\
             dask_scheduler_tasks{state=\"bro\ndask_other 4\n",
        );
        assert_eq!((metrics.transitions, metrics.ended), (18.0, 9.0));
        assert_eq!(metrics.tasks, [("memory".into(), 12.0), ("no-worker".into(), 1000.0)]);
        assert_eq!((metrics.clients, metrics.desired_workers), (1.0, 2.0));
        assert_eq!(metrics.output_bytes, [("q\"\n\\{}, x".into(), 7.0)]);
        assert_eq!(metrics.unread, 1);
    }
}
