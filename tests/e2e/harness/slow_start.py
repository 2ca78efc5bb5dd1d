"""Waits, then becomes the command it was given: `slow_start.py SECONDS COMMAND …` (a cluster that stays PENDING)."""

import os
import sys
import time

time.sleep(float(sys.argv[1]))
os.execvp(sys.argv[2], sys.argv[2:])
