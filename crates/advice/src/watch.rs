//! What only shows over time: workers that were started again, and memory that grows.

use base::hash::hash_str;
use feed::workers::WorkerRow;

/// Restarts remembered at most.
const MOST: usize = 64;
/// Time between two samples of memory, ms.
const SAMPLE_MS: f64 = 10_000.0;
/// Samples kept: five minutes. More: slower growth is noticed, and later.
const SAMPLES: usize = 31;
/// Samples from which growth is told: shorter, and it is the begin of a run.
const ENOUGH: usize = 16;

/// A worker that came back under its name at another address.
#[derive(Clone, PartialEq, Debug)]
pub struct Restart {
    /// When that was seen, ms since the epoch.
    pub at_ms: f64,
    /// Its name.
    pub name: String,
}

/// Growth of memory that Dask does not manage, over all workers.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Growth {
    /// At first, after each quarter of the time, and now, bytes.
    pub bytes: [f64; 5],
    /// Over how long, ms.
    pub over_ms: f64,
    /// What all workers may use, bytes.
    pub limit: f64,
}

/// What is remembered.
#[derive(Clone, Default, Debug)]
pub struct Watch {
    /// Names and addresses of the workers that are there, hashed, and those that were.
    known: Vec<(u64, u64)>,
    restarts: Vec<Restart>,
    /// When, and unmanaged memory of old, bytes.
    samples: Vec<(f64, f64)>,
    workers: u64,
    limit: f64,
}

impl Watch {
    /// Takes the worker table at `now_ms`. O(workers log workers).
    pub fn note(&mut self, now_ms: f64, rows: &[WorkerRow]) {
        let mut addresses: Vec<u64> = Vec::with_capacity(rows.len());
        for row in rows {
            addresses.push(hash_str(&row.address));
        }
        for (row, &address) in rows.iter().zip(&addresses) {
            // Without a name of its own a worker is called by its address.
            if row.name.is_empty() || row.name == row.address {
                continue;
            }
            let name = hash_str(&row.name);
            match self.known.binary_search_by(|known| known.0.cmp(&name)) {
                Ok(at) => {
                    let Some(known) = self.known.get_mut(at) else { continue };
                    let other = std::mem::replace(&mut known.1, address) != address;
                    // Two workers of one name are no restart.
                    if other {
                        if self.restarts.len() >= MOST {
                            self.restarts.remove(0);
                        }
                        self.restarts.push(Restart { at_ms: now_ms, name: row.name.clone() });
                    }
                }
                Err(at) => self.known.insert(at, (name, address)),
            }
        }
        let sum = |of: fn(&WorkerRow) -> Option<f64>| rows.iter().filter_map(of).sum::<f64>();
        // Others are there: what was measured is of other processes.
        base::sort::sort_by(&mut addresses, u64::cmp);
        let workers = addresses.iter().fold(0u64, |sum, one| sum.rotate_left(5) ^ one);
        if workers != self.workers {
            self.workers = workers;
            self.samples.clear();
        }
        self.limit = sum(|row| row.memory_limit);
        if self.samples.last().is_none_or(|last| now_ms - last.0 >= SAMPLE_MS) {
            if self.samples.len() >= SAMPLES {
                self.samples.remove(0);
            }
            self.samples.push((now_ms, sum(|row| row.unmanaged_old)));
        }
    }

    /// The restarts since `since_ms`, oldest first.
    pub fn restarts(&self, since_ms: f64) -> &[Restart] {
        let first = self.restarts.partition_point(|restart| restart.at_ms < since_ms);
        self.restarts.get(first..).unwrap_or_default()
    }

    /// How unmanaged memory has grown, once it was watched for long enough with the same workers.
    pub fn growth(&self) -> Option<Growth> {
        let last = self.samples.len().checked_sub(1).filter(|last| last + 1 >= ENOUGH)?;
        let at = |quarter: usize| self.samples.get(quarter * last / 4).copied().unwrap_or_default();
        Some(Growth {
            bytes: [0, 1, 2, 3, 4].map(|quarter| at(quarter).1),
            over_ms: at(4).0 - at(0).0,
            limit: self.limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, address: &str, old: f64) -> WorkerRow {
        WorkerRow {
            name: name.into(),
            address: address.into(),
            unmanaged_old: Some(old),
            memory_limit: Some(100.0),
            ..WorkerRow::default()
        }
    }

    #[test]
    fn a_name_at_another_address_is_a_restart() {
        let mut watch = Watch::default();
        watch.note(0.0, &[row("a", "1", 0.0), row("b", "2", 0.0), row("tcp://3", "tcp://3", 0.0)]);
        watch.note(1e3, &[row("b", "2", 0.0), row("c", "4", 0.0)]);
        assert_eq!(watch.restarts(0.0), [], "one left, one came");
        watch.note(2e3, &[row("a", "5", 0.0), row("b", "2", 0.0), row("tcp://9", "tcp://9", 0.0)]);
        assert_eq!(watch.restarts(0.0), [Restart { at_ms: 2e3, name: "a".into() }]);
        watch.note(3e3, &[row("a", "5", 0.0), row("b", "6", 0.0)]);
        assert_eq!((watch.restarts(0.0).len(), watch.restarts(2.5e3).len()), (2, 1));
    }

    #[test]
    fn growth_is_told_after_a_while_and_of_the_same_workers() {
        let mut watch = Watch::default();
        for i in 0..40 {
            watch.note(f64::from(i) * 5e3, &[row("a", "1", f64::from(i))]);
            assert_eq!(watch.growth().is_some(), i >= 30, "{i}");
        }
        let growth = watch.growth().unwrap();
        assert_eq!((growth.bytes, growth.over_ms), ([0.0, 8.0, 18.0, 28.0, 38.0], 190e3));
        assert_eq!(growth.limit, 100.0);
        watch.note(500e3, &[row("a", "1", 0.0), row("b", "2", 0.0)]);
        assert_eq!(watch.growth(), None);
    }
}
