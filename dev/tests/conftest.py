"""The modules under test stand one folder up."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from dask_gateway import Gateway  # noqa: E402

# The client's destructor closes it once more and stumbles over that, after the last test, at length.
Gateway.__del__ = lambda self: None
