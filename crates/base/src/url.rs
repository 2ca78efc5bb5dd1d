//! Addresses of the web.

/// The websocket's address for an http one: `ws` for `http`, `wss` for `https`; others stay.
pub fn socket(address: &str) -> String {
    address.strip_prefix("http").map_or_else(|| address.to_owned(), |rest| format!("ws{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_follows() {
        assert_eq!(socket("https://hub.example.org/a"), "wss://hub.example.org/a");
        assert_eq!(socket("http://127.0.0.1:8787"), "ws://127.0.0.1:8787");
        assert_eq!(socket("ws://127.0.0.1:8787"), "ws://127.0.0.1:8787");
    }
}
