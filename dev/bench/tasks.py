"""Made-up tasks: the same for the same arguments, whoever asks for them and in whatever pieces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

PREFIXES = (
    "random_sample", "mean_chunk", "mean_combine-partial", "rechunk-split", "getitem", "sum", "store-map", "open_dataset",
)  # fmt: skip
PALETTE = (
    "#440154 #471669 #472A79 #433C84 #3C4D8A #355D8C #2E6C8E #287A8E #23898D #1E978A #20A585 #2EB27C #45BF6F #64CB5D "
    "#88D547 #AFDC2E #D7E219 #FDE724"
).split()
# Threads of a worker; one task in so many comes after a transfer, one in so many fails.
THREADS, TRANSFER, FAIL = 8, 5, 1000
# Tasks are made in blocks of this many, so that a piece does not depend on how it was asked for.
BLOCK = 10_000


def color_of(prefix: str) -> str:
    """As Dask colours a prefix."""
    return PALETTE[int(hashlib.md5(prefix.encode()).hexdigest()[:8], 16) % len(PALETTE)]


COLORS = tuple(color_of(p) for p in PREFIXES)
NAMES = tuple(f"{p}-{hashlib.md5(p.encode()).hexdigest()}" for p in PREFIXES)


@dataclass
class Block:
    """Tasks in the order in which they end, as columns; times in seconds from the first."""

    first: int
    lane: np.ndarray
    prefix: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    moved: np.ndarray
    failed: np.ndarray

    def __len__(self) -> int:
        return len(self.lane)


def _moved(index: np.ndarray, lanes: int) -> np.ndarray:
    """Which tasks come after a transfer: some of every lane."""
    return (index + index // lanes) % TRANSFER == 0


class Tasks:
    """`count` tasks over `lanes` threads at `rate` a second; lanes take turns, durations are log-normal."""

    def __init__(self, count: int, lanes: int, rate: float) -> None:
        self.count, self.lanes, self.rate = count, lanes, rate
        self.workers = [f"tcp://10.0.{w // 250}.{w % 250 + 1}:40000" for w in range(-(-lanes // THREADS))]
        self.threads = [f"{self.workers[t // THREADS]}-{139_000_000_000_000 + 4096 * t}" for t in range(lanes)]

    def block(self, number: int) -> Block:
        """Block `number` of `BLOCK` tasks (the last is shorter)."""
        first = number * BLOCK
        n = min(BLOCK, self.count - first)
        random = np.random.default_rng([42, number])
        index = np.arange(first, first + n)
        each = self.lanes / self.rate
        # A lane's tasks end `each` apart: a duration of at most that leaves no two of a lane overlapping.
        long = np.minimum(np.exp(random.normal(-0.6, 0.5, n)), 0.95) * each
        stop = (index // self.lanes + 1) * each + (index % self.lanes) * (each / self.lanes)
        chance = random.integers(0, FAIL, n)
        return Block(
            first, index % self.lanes, random.integers(0, len(PREFIXES), n), stop - long, stop,
            _moved(index, self.lanes), chance == 0,
        )  # fmt: skip

    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.count // BLOCK)

    def rows(self) -> int:
        """How many rectangles: tasks and transfers."""
        return self.count + sum(
            int(_moved(np.arange(at, min(at + 1_000_000, self.count)), self.lanes).sum())
            for at in range(0, self.count, 1_000_000)
        )

    def columns(self, number: int) -> dict[str, list | np.ndarray]:
        """The columns that a dashboard sends for a block, times in ms from the first task."""
        b = self.block(number)
        # A transfer is the eighth of its task's time before it, and comes first.
        order = np.repeat(np.arange(len(b)), 1 + b.moved)
        transfer = np.zeros(len(order), bool)
        transfer[:-1] = order[:-1] == order[1:]
        long = b.stop - b.start
        start = b.start[order] - np.where(transfer, long[order] / 8, 0)
        stop = np.where(transfer, b.start[order], b.stop[order])
        prefixes, lanes, failed = b.prefix[order].tolist(), b.lane[order].tolist(), b.failed[order].tolist()
        moved = transfer.tolist()
        whole = (b.first + order).tolist()
        return {
            "start": (start + stop) * 500,
            "duration": (stop - start) * 1000,
            "duration_text": ["1 ms"] * len(order),
            "key": [[NAMES[p], i // 1000, i % 1000] for p, i in zip(prefixes, whole, strict=True)],
            "name": [("transfer-" if m else "") + PREFIXES[p] for p, m in zip(prefixes, moved, strict=True)],
            "color": [
                "red" if m else "black" if f else COLORS[p] for p, m, f in zip(prefixes, moved, failed, strict=True)
            ],
            "alpha": np.where(transfer, 0.4, 1.0),
            "worker": [self.workers[t // THREADS] for t in lanes],
            "worker_thread": [self.threads[t] for t in lanes],
            "y": np.asarray(lanes) / 2,
        }
