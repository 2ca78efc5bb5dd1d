//! Panes of memory that is not one worker's own: the cluster's, and that of GPUs.

use super::bars::{bars, by_worker, in_memory, name_at, piece, workers};
use super::{Bar, Group, Pane, Picture, Tint, Unit, percent};
use base::fmt;
use feed::amounts;
use feed::pool::DashboardPage;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 3] = [
    Pane {
        id: "cluster-memory",
        title: "Cluster memory",
        group: Group::Memory,
        words: "bytes stored managed unmanaged spilled limit individual-cluster-memory",
        pages: &[DashboardPage::ClusterMemory],
        read: cluster,
    },
    Pane {
        id: "gpu",
        title: "GPUs",
        group: Group::Gpu,
        words: "gpu memory utilization individual-gpu-memory individual-gpu-utilization",
        pages: &[DashboardPage::Gpu],
        read: gpus,
    },
    Pane {
        id: "rmm",
        title: "GPU memory by RMM",
        group: Group::Gpu,
        words: "gpu rapids rmm pool cudf spilled individual-rmm-memory",
        pages: &[DashboardPage::Rmm],
        read: rmm,
    },
];

fn cluster(view: &Snapshot<'_>) -> Option<Picture> {
    let memory = amounts::cluster_memory(view.whole(DashboardPage::ClusterMemory)?)?;
    let rows = workers(view).unwrap_or_default();
    if rows.is_empty() && memory.process == 0.0 {
        return Some(Picture::Nothing("The cluster has no workers."));
    }
    let limit: f64 = rows.iter().filter_map(|row| row.memory_limit).sum();
    let limit = (limit > 0.0).then_some(limit);
    let of_limit = |amount: f64| limit.map(|limit| percent(amount / limit));
    let parts = [
        ("managed", memory.managed, Tint::Managed, "task results"),
        ("unmanaged old", memory.unmanaged_old, Tint::Old, "not task results, for 30 s or longer"),
        (
            "unmanaged recent",
            memory.unmanaged_recent,
            Tint::Recent,
            "not task results, newer than 30 s",
        ),
        ("spilled", memory.spilled, Tint::Spilled, "task results on disk"),
    ];
    let mut made = vec![Bar {
        name: "cluster".into(),
        detail: "all workers".into(),
        pieces: parts.iter().map(|(name, amount, tint, _)| piece(name, *amount, *tint)).collect(),
        limit,
        said: Some(in_memory(memory.process, limit, memory.spilled)),
    }];
    made.extend(parts.into_iter().map(|(name, amount, tint, detail)| Bar {
        name: name.into(),
        detail: detail.into(),
        pieces: vec![piece("", amount, tint)],
        limit: None,
        // What is on disk takes nothing of the limit.
        said: Some(match of_limit(amount).filter(|_| tint != Tint::Spilled) {
            Some(share) => format!("{}, {share}", fmt::bytes(amount)),
            None => fmt::bytes(amount),
        }),
    }));
    let mut note = match of_limit(memory.process) {
        Some(share) => format!("{share} of the limit used"),
        // The two pages do not come in one moment.
        None if rows.is_empty() => format!("{} in use", fmt::bytes(memory.process)),
        None => "workers have no memory limit".into(),
    };
    if memory.spilled > 0.0 {
        note = format!("{note}, {} on disk", fmt::bytes(memory.spilled));
    }
    Some(bars(Unit::Bytes, made, note))
}

fn gpus(view: &Snapshot<'_>) -> Option<Picture> {
    let whole = view.whole(DashboardPage::Gpu)?;
    let gpus = amounts::gpus(whole)?;
    if gpus.is_empty() {
        return Some(Picture::Nothing(
            "No worker reports a GPU. Dask reports NVIDIA GPUs if pynvml is installed on the workers.",
        ));
    }
    let busy: f64 = gpus.iter().map(|gpu| gpu.busy).sum();
    let idle = gpus.iter().filter(|gpu| gpu.busy == 0.0).count();
    let made = gpus.iter().map(|gpu| Bar {
        name: name_at(view, &gpu.worker),
        detail: gpu.worker.clone(),
        pieces: vec![piece("memory", gpu.memory, Tint::Plain)],
        limit: None,
        said: Some(format!("{}, {} busy", fmt::bytes(gpu.memory), percent(gpu.busy))),
    });
    let made: Vec<Bar> = made.collect();
    // Dask sends what the GPUs have in words only, above its plot.
    let of_all = whole.title.strip_prefix("GPU Memory: ").unwrap_or("").replace(" / ", " of ");
    let note = format!(
        "{of_all} used; {} busy on average over {}, {idle} idle",
        percent(busy / gpus.len() as f64),
        fmt::plural(gpus.len() as u32, "GPU"),
    );
    Some(by_worker(Unit::Bytes, made, note))
}

fn rmm(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = amounts::rmm(view.whole(DashboardPage::Rmm)?)?;
    if rows.is_empty() {
        return Some(Picture::Nothing(
            "No worker reports memory of RMM (the RAPIDS memory manager).",
        ));
    }
    let made = rows.iter().map(|row| Bar {
        name: name_at(view, &row.worker),
        detail: row.worker.clone(),
        pieces: vec![
            piece("used through RMM", row.used, Tint::Managed),
            piece("free in its pool", (row.pool - row.used).max(0.0), Tint::Second),
            piece("other use", (row.gpu_used - row.pool).max(0.0), Tint::Old),
            piece("spilled to the host", row.spilled, Tint::Spilled),
        ],
        limit: (row.gpu > 0.0).then_some(row.gpu),
        said: Some(format!("{} of {}", fmt::bytes(row.gpu_used), fmt::bytes(row.gpu))),
    });
    let made: Vec<Bar> = made.collect();
    let sum = |part: fn(&amounts::Rmm) -> f64| fmt::bytes(rows.iter().map(part).sum());
    let note = format!(
        "{} of {} in RMM's pools, {} of {} on GPUs",
        sum(|row| row.used),
        sum(|row| row.pool),
        sum(|row| row.gpu_used),
        sum(|row| row.gpu)
    );
    Some(by_worker(Unit::Bytes, made, note))
}
