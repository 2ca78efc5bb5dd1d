//! L2: the view model of the task stream: which span and lanes are seen, what each pixel column of
//! them holds, and the picture as plain data. No browser, no failure: every function is total.

pub mod columns;
pub mod hit;
pub mod labels;
pub mod layout;
mod oklab;
pub mod palette;
pub mod pixels;
pub mod ramp;
pub mod scene;
pub mod strip;
pub mod ticks;
pub mod tiles;
pub mod view;
