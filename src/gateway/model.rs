//! What the gateway sends. TLS keys and certificates are never read: the types have no place for
//! them.

use serde_json::{Map, Value};

/// A cluster's life, in the gateway's words.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Status {
    /// Being started.
    Pending,
    /// Its scheduler answers.
    Running,
    /// Being shut down.
    Stopping,
    /// Shut down.
    Stopped,
    /// Never came up, or died.
    Failed,
}

/// One cluster as list and get report it.
#[derive(Clone, PartialEq, Debug)]
pub struct Cluster {
    /// The gateway's name of it, a secret where dashboards are served without sign-in.
    pub name: String,
    /// Where it is in its life.
    pub status: Status,
    /// Path of its dashboard below the gateway's address; only while running.
    pub dashboard_route: Option<String>,
    /// When it was asked for, ms since the epoch.
    pub start_time: Option<f64>,
    /// When it ended, ms since the epoch.
    pub stop_time: Option<f64>,
    /// The options it was made with, as the server normalised them.
    pub options: Map<String, Value>,
}

/// One field of the cluster options.
#[derive(Clone, PartialEq, Debug)]
pub struct OptionField {
    /// Its name in requests.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// What the server uses when it is left out.
    pub default: Value,
    /// What it may hold.
    pub kind: OptionKind,
}

/// What an option may hold.
#[derive(Clone, PartialEq, Debug)]
pub enum OptionKind {
    /// Any text.
    Text,
    /// True or false.
    Bool,
    /// A whole number within bounds (inclusive).
    Int {
        /// Smallest allowed.
        min: Option<i64>,
        /// Largest allowed.
        max: Option<i64>,
    },
    /// A number within bounds (inclusive).
    Float {
        /// Smallest allowed.
        min: Option<f64>,
        /// Largest allowed.
        max: Option<f64>,
    },
    /// One of these.
    Select(Vec<String>),
    /// Names and values.
    Mapping,
    /// A kind this version does not know: edited as JSON. Holds the server's `type`.
    Unknown(String),
}
