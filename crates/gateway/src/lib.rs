//! A client of [Dask Gateway](https://gateway.dask.org) as plain values: requests go out, answers come in, and
//! whoever uses it carries them over the wire. Addresses, sign-in, a hub's tokens, cluster options and their rules,
//! code for notebooks, and a doctor that finds the hop that is broken.
//!
//! It knows HTTP as data only: no socket, no browser, no clock. It has no field for a cluster's private key, so that
//! none is ever kept.
//!
//! ```
//! use daskscope_gateway::{Address, Response, api};
//!
//! let gateway = Address::parse("https://hub.example.org/services/dask-gateway", None).unwrap();
//! let request = api::list(&[]);
//! assert_eq!(request.url(&gateway), "https://hub.example.org/services/dask-gateway/api/v1/clusters/");
//!
//! let answer = Response { status: 200, content_type: "application/json".into(), body: "{}".into() };
//! assert!(api::read_list(&answer).unwrap().clusters.is_empty());
//! ```

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
pub mod pasted;
pub mod python;
mod scalar;
pub mod shown;
pub mod sizing;
pub mod validate;
pub mod yaml;
mod yaml_flow;

pub use address::{Address, PageOrigin};
pub use api::{Method, Request, Response};
pub use auth::{AuthKind, Credentials};
pub use error::ApiError;
