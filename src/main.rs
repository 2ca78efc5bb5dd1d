//! The program that the browser starts: mounts the app where the page asks for it.

fn main() {
    #[cfg(target_arch = "wasm32")]
    daskscope::start();
}
