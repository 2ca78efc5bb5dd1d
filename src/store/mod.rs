//! L1: columnar task intervals.
