"""A preload for a scheduler on Python 3.11, where Dask does not sample event loops: it does here, as on any other.

The fault that it is left out for (dask/distributed issue 8616) needs many samples of a busy process; a test is over
before. Nothing of the profile itself is replaced: `distributed.profile` takes and merges the samples.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from distributed import profile
from distributed.dashboard.components import shared


def dask_setup(scheduler: Any) -> None:
    """Starts what a scheduler on another Python would have started."""
    scheduler.io_loop.profile = profile.watch(omit=("profile.py", "selectors.py"), interval="5ms", cycle="20ms")
    shared.sys = SimpleNamespace(version_info=SimpleNamespace(minor=12))
