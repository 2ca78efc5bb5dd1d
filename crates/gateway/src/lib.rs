//! L1: the Dask Gateway REST API, sans-IO: requests and answers are plain values; `web` carries
//! them.

pub mod address;
pub mod api;
pub mod auth;
pub mod doctor;
pub mod error;
pub mod http;
pub mod hub;
pub mod literal;
pub mod mapping;
pub mod model;
pub mod numbers;
pub mod python;
mod scalar;
pub mod shown;
pub mod sizing;
pub mod validate;
pub mod yaml;
mod yaml_flow;

pub use address::{Address, Page};
pub use api::{Method, Request, Response};
pub use auth::{AuthKind, Credentials};
pub use error::ApiError;
