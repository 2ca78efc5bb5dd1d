//! The scheduler's `/metrics`: Prometheus text, of which two families are of use so far.

use base::number;

/// What `/metrics` says.
#[derive(Copy, Clone, Default, PartialEq, Debug)]
pub struct Metrics {
    /// Changes of a task's state since the scheduler began: grows with any work, however short.
    pub transitions: f64,
    /// Those of them that ended a task, well or not.
    pub ended: f64,
    /// Those that ended well.
    pub succeeded: f64,
    /// Tasks that have not ended now: computing, waiting, queued, or that no worker may run. None where
    /// the scheduler does not say.
    pub unfinished: Option<f64>,
    /// Lines of the families that could not be read.
    pub unread: u64,
}

const FAMILY: &str = "dask_scheduler_prefix_state_totals";
/// How many tasks are in each state now. Unlike `/json/counts.json` it has those that are queued.
const STATES: &str = "dask_scheduler_tasks{";

/// Reads the text; lines that cannot be read are counted. None where the scheduler does not count
/// (it takes `prometheus_client` beside it); one that has done nothing yet has the family's head only.
pub fn parse(text: &str) -> Option<Metrics> {
    text.contains(FAMILY).then_some(())?;
    let mut metrics = Metrics::default();
    for line in text.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(STATES) {
            match sample(rest, "state") {
                Some((state, count)) => {
                    let unfinished = metrics.unfinished.get_or_insert(0.0);
                    if matches!(&*state, "processing" | "waiting" | "queued" | "no-worker") {
                        *unfinished += count;
                    }
                }
                None => metrics.unread += 1,
            }
        }
        let rest = line.strip_prefix(FAMILY).and_then(|rest| rest.strip_prefix("_total{"));
        let Some(rest) = rest else { continue };
        match sample(rest, "state") {
            Some((state, count)) => {
                metrics.transitions += count;
                if state == "memory" {
                    metrics.succeeded += count;
                }
                if state == "memory" || state == "erred" {
                    metrics.ended += count;
                }
            }
            None => metrics.unread += 1,
        }
    }
    Some(metrics)
}

/// How often tasks of one prefix have ended since the scheduler began. A task that ran again counts
/// again.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Runs {
    /// The prefix.
    pub prefix: String,
    /// Well.
    pub done: u64,
    /// Not.
    pub erred: u64,
}

/// The runs of each prefix that `wanted` names, in the order of the text. Lines that cannot be read are
/// left out; [`parse`] counts them.
pub fn runs(text: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<Runs> {
    let mut found: Vec<Runs> = Vec::new();
    for line in text.lines() {
        let rest = line.trim().strip_prefix(FAMILY).and_then(|rest| rest.strip_prefix("_total{"));
        let Some(rest) = rest else { continue };
        let Some((state, count)) = sample(rest, "state") else { continue };
        let Some((prefix, _)) = sample(rest, "task_prefix_name") else { continue };
        if (state != "memory" && state != "erred") || !wanted(&prefix) {
            continue;
        }
        let at = found.iter().position(|one| one.prefix == prefix).unwrap_or_else(|| {
            found.push(Runs { prefix, ..Runs::default() });
            found.len() - 1
        });
        if let Some(one) = found.get_mut(at) {
            let field = if state == "memory" { &mut one.done } else { &mut one.erred };
            *field += count.max(0.0) as u64;
        }
    }
    found.retain(|one| one.done + one.erred > 0);
    found
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
             dask_scheduler_tasks{state=\"queued\"} 40.0\ndask_scheduler_tasks{state=\"memory\"} 7.0\n\
             dask_scheduler_tasks{state=\"no-worker\"} 2.0\ndask_scheduler_tasks_forgotten_total 3.0\n\
             dask_scheduler_prefix_state_totals_total{state=\"waiting\",task_prefix_name=\"inc\"} 9.0\n\
             dask_scheduler_prefix_state_totals_total{task_prefix_name=\"q\\\"\\n\\\\{}, x\",state=\"memory\"} 7\n\
             dask_scheduler_prefix_state_totals_total{state=\"erred\",task_prefix_name=\"\"} 2e0 1700000000\n\
             dask_scheduler_prefix_state_totals_total{state=\"bro\ndask_other 4\n\
             dask_scheduler_prefix_state_totals_total{task_prefix_name=\"a\"} 4\n",
        );
        assert_eq!(
            metrics,
            Some(Metrics {
                transitions: 18.0,
                ended: 9.0,
                succeeded: 7.0,
                unfinished: Some(42.0),
                unread: 2
            })
        );
        let text = "dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"a\"} 9.0\n\
             dask_scheduler_prefix_state_totals_total{state=\"erred\",task_prefix_name=\"a\"} 1\n\
             dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"b\"} 0\n\
             dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"c\"} 4\n";
        let a = Runs { prefix: "a".into(), done: 9, erred: 1 };
        assert_eq!(runs(text, &|name| name != "c"), [a]);
        let idle = "# TYPE dask_scheduler_prefix_state_totals_total counter\n";
        assert_eq!(parse(idle), Some(Metrics::default()), "nothing done yet");
        assert_eq!(parse("# Prometheus client not installed"), None);
    }
}
