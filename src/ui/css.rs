//! The style sheets, in the order they are adopted.

/// Tokens, elements, the app. Every rule hangs below `.ds-root` or `:host`.
pub const CSS: &[&str] = &[
    include_str!("../../www/css/tokens.css"),
    include_str!("../../www/css/base.css"),
    include_str!("../../www/css/shell.css"),
    include_str!("../../www/css/pages.css"),
    include_str!("../../www/css/narrow.css"),
    include_str!("../../www/css/live.css"),
    include_str!("../../www/css/stream.css"),
];
