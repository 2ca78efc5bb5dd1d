//! Pages that are read whole, and say more of a row than a name and two amounts: pairs of workers, the
//! memory of the cluster, GPUs.

use super::bokeh::table::Table;
use super::session::DocumentSnapshot;

/// Calls back with each pair of workers that has sent something: from, to (names; addresses of those
/// that have gone), bytes a second. Says whether the page is such a one.
pub fn pairs(whole: &DocumentSnapshot, each: &mut dyn FnMut(&str, &str, f64)) -> bool {
    let Some(table) = whole.table(&["source", "destination", "bandwidth"]) else { return false };
    let [from, to, bandwidth] =
        ["source", "destination", "bandwidth"].map(|name| table.column(name));
    let (Some(from), Some(to), Some(bandwidth)) = (from, to, bandwidth) else { return false };
    for i in 0..table.rows() {
        if let (Some(from), Some(to), Some(rate)) = (from.text(i), to.text(i), bandwidth.number(i))
            // Before anything was sent, Dask shows an example of two that send to themselves.
            && from != to
            && rate.is_finite()
        {
            each(from, to, rate);
        }
    }
    true
}

/// Memory of all workers together, bytes.
#[derive(Copy, Clone, Default, PartialEq, Debug)]
pub struct ClusterMemory {
    /// Of their processes.
    pub process: f64,
    /// Of results.
    pub managed: f64,
    /// Of nobody's for a while.
    pub unmanaged_old: f64,
    /// Of nobody's as yet.
    pub unmanaged_recent: f64,
    /// On disk.
    pub spilled: f64,
}

fn number(table: &Table, name: &str, i: usize) -> f64 {
    let number = table.column(name).and_then(|column| column.number(i));
    number.filter(|number| number.is_finite()).unwrap_or(0.0)
}

/// The cluster's memory.
pub fn cluster_memory(whole: &DocumentSnapshot) -> Option<ClusterMemory> {
    let table = whole.table(&["proc_memory", "managed", "spilled"])?;
    // Four rows, one a part, and all of them say the same.
    Some(ClusterMemory {
        process: number(table, "proc_memory", 0),
        managed: number(table, "managed", 0),
        unmanaged_old: number(table, "unmanaged_old", 0),
        unmanaged_recent: number(table, "unmanaged_recent", 0),
        spilled: number(table, "spilled", 0),
    })
}

/// A worker's GPU.
#[derive(Clone, PartialEq, Debug)]
pub struct Gpu {
    /// The worker's address.
    pub worker: String,
    /// Memory in use, bytes.
    pub memory: f64,
    /// How busy it is, 0 to 1.
    pub busy: f64,
}

/// The GPUs; of workers that report none there is no row.
pub fn gpus(whole: &DocumentSnapshot) -> Option<Vec<Gpu>> {
    let table = whole.table(&["worker", "memory", "utilization"])?;
    let workers = table.column("worker")?;
    let gpu = |i| Gpu {
        worker: workers.text(i).unwrap_or_default().into(),
        memory: number(table, "memory", i),
        busy: number(table, "utilization", i) / 100.0,
    };
    Some((0..workers.len()).map(gpu).collect())
}

/// A worker's GPU memory as RAPIDS' memory manager sees it, bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct Rmm {
    /// The worker's address.
    pub worker: String,
    /// In use through it.
    pub used: f64,
    /// What it has taken of the GPU: its pool.
    pub pool: f64,
    /// In use on the GPU, by whomever.
    pub gpu_used: f64,
    /// What the GPU has.
    pub gpu: f64,
    /// Moved to the host's memory.
    pub spilled: f64,
}

/// GPU memory by worker; those without it are left out.
pub fn rmm(whole: &DocumentSnapshot) -> Option<Vec<Rmm>> {
    let table = whole.table(&["worker", "rmm_used", "rmm_total", "gpu_used", "gpu_total"])?;
    let workers = table.column("worker")?;
    let mut out: Vec<Rmm> = Vec::new();
    for i in 0..workers.len() {
        let worker = workers.text(i).unwrap_or_default();
        let one = Rmm {
            worker: worker.into(),
            used: number(table, "rmm_used", i),
            pool: number(table, "rmm_total", i),
            gpu_used: number(table, "gpu_used", i),
            gpu: number(table, "gpu_total", i),
            spilled: number(table, "spilled", i),
        };
        // Four rows a worker, one for each piece of its bar, and all of them say the same.
        let again = out.last().is_some_and(|last| last.worker == worker);
        if !again && one.gpu + one.gpu_used + one.pool > 0.0 {
            out.push(one);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::bokeh::frame::Buffers;
    use super::super::bokeh::value;
    use super::*;

    fn whole(json: &str) -> DocumentSnapshot {
        let mut table = Table::default();
        value::table(json, &Buffers::default(), &mut table).unwrap();
        DocumentSnapshot {
            tables: vec![Table::default().into(), table.into()],
            ..DocumentSnapshot::default()
        }
    }

    #[test]
    fn pairs_without_the_example() {
        let mut seen = Vec::new();
        let mut each = |from: &str, to: &str, rate| seen.push(format!("{from} {to} {rate}"));
        let example = r#"{"bandwidth":[1,2],"source":["a","b"],"destination":["a","b"],
            "bandwidth_text":["1","2"]}"#;
        assert!(pairs(&whole(example), &mut each));
        let real =
            r#"{"bandwidth":[1.5,2,null],"source":["a","b","a"],"destination":["b","a","c"]}"#;
        assert!(pairs(&whole(real), &mut each));
        assert!(!pairs(&DocumentSnapshot::default(), &mut each));
        assert_eq!(seen, ["a b 1.5", "b a 2"]);
    }

    #[test]
    fn gpus_as_dask_writes_them() {
        let json = r#"{"memory":[1073741824,0],"memory-half":[536870912.0,0.0],
            "memory_text":["1.00 GiB","0 B"],"utilization":[87,0],"utilization-half":[43.5,0.0],
            "worker":["tcp://a:1","tcp://b:2"],"gpu-index":[0,2],"y":[0,2],
            "escaped_worker":["tcp%3A%2F%2Fa%3A1","tcp%3A%2F%2Fb%3A2"]}"#;
        let gpus = gpus(&whole(json)).unwrap();
        assert_eq!(gpus.len(), 2);
        assert_eq!(
            gpus[0],
            Gpu { worker: "tcp://a:1".into(), memory: 1_073_741_824.0, busy: 0.87 }
        );
    }

    #[test]
    fn rmm_once_a_worker_and_not_without_a_gpu() {
        let four = |a: &str, b: &str| format!("[{a},{a},{a},{a},{b},{b},{b},{b}]");
        let json = format!(
            r#"{{"width":[2,1,3,4,0,0,0,0],"worker":{},"rmm_used":{},"rmm_total":{},"gpu_used":{},
            "gpu_total":{},"spilled":{}}}"#,
            four("\"a\"", "\"b\""),
            four("2", "0"),
            four("3", "0"),
            four("6", "0"),
            four("10", "0"),
            four("4", "0"),
        );
        let only = Rmm {
            worker: "a".into(),
            used: 2.0,
            pool: 3.0,
            gpu_used: 6.0,
            gpu: 10.0,
            spilled: 4.0,
        };
        assert_eq!(rmm(&whole(&json)), Some(vec![only]));
        assert_eq!(rmm(&DocumentSnapshot::default()), None);
    }
}
