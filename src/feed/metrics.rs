//! The scheduler's `/metrics`: Prometheus text, of which one family is of use so far.

use crate::base::number;

/// What `/metrics` says. Zero where the scheduler does not count (it takes `prometheus_client`).
#[derive(Copy, Clone, Default, PartialEq, Debug)]
pub struct Metrics {
    /// Changes of a task's state since the scheduler began: grows with any work, however short.
    pub transitions: f64,
    /// Those of them that ended a task, well or not.
    pub ended: f64,
    /// Lines of the family that could not be read.
    pub unread: u64,
}

/// Reads the text; never fails: what cannot be read is counted.
pub fn parse(text: &str) -> Metrics {
    let mut metrics = Metrics::default();
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("dask_scheduler_prefix_state_totals_total{")
        else {
            continue;
        };
        match sample(rest, "state") {
            Some((state, count)) => {
                metrics.transitions += count;
                if state == "memory" || state == "erred" {
                    metrics.ended += count;
                }
            }
            None => metrics.unread += 1,
        }
    }
    metrics
}

/// The wanted label (unescaped) and the value of one line, from after its opening brace on.
fn sample(mut rest: &str, label: &str) -> Option<(String, f64)> {
    let mut found = None;
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
    // A time stamp may follow the value.
    let value = number::parse(rest.split_whitespace().next()?)?;
    Some((found?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_family() {
        let metrics = parse(
            "# HELP dask_scheduler_prefix_state_totals_total x\ndask_scheduler_clients 1.0\n\
             dask_scheduler_prefix_state_totals_total{state=\"waiting\",task_prefix_name=\"inc\"} 9.0\n\
             dask_scheduler_prefix_state_totals_total{task_prefix_name=\"q\\\"\\n\\\\{}, x\",state=\"memory\"} 7\n\
             dask_scheduler_prefix_state_totals_total{state=\"erred\",task_prefix_name=\"\"} 2e0 1700000000\n\
             dask_scheduler_prefix_state_totals_total{state=\"bro\ndask_other 4\n\
             dask_scheduler_prefix_state_totals_total{task_prefix_name=\"a\"} 4\n",
        );
        assert_eq!(metrics, Metrics { transitions: 18.0, ended: 9.0, unread: 2 });
        assert_eq!(parse("# Prometheus client not installed"), Metrics::default());
    }
}
