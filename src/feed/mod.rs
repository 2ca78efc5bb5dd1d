//! L1: live feeds of a scheduler, sans-IO.
