//! L1: the Dask Gateway REST API, sans-IO: requests and answers are plain values; `web` carries
//! them.

pub mod model;
