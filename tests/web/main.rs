//! Tests that need a browser: `cargo xtask test browser`. One module per subject.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

mod boot;
mod clock;
mod mount;
mod stream;
