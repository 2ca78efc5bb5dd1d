//! What goes on beside everything else.

use std::pin::Pin;

/// Runs something that waits for the browser; nobody hears when it is done.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    start(Box::pin(work));
}

/// Made once, not anew for each kind of work.
#[inline(never)]
fn start(work: Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(work);
}
