//! L2: the view model of the task stream; no DOM, cannot fail.
