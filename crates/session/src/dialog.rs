//! The questions that a page asks in a dialog.

/// A question that must be answered before something is lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dialog {
    /// Shut one cluster down.
    Shutdown(String),
    /// Shut all of them down.
    ShutdownAll,
    /// Scale to nothing.
    ScaleZero(String),
    /// Adapt within bounds that look like a mistake.
    OddAdapt {
        /// Which cluster.
        name: String,
        /// Lower bound.
        minimum: u32,
        /// Upper bound.
        maximum: u32,
    },
    /// The map of keys.
    Keys,
    /// No question: why something is not done inside of a stranger's page.
    Framed,
}
