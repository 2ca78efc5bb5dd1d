//! Session tokens. Dask leaves Bokeh's session signing off, so a client may make its own.

use base::base64;

/// How long a made token stays good, seconds: wide, because the server compares it with its own
/// clock, and only when a socket opens.
pub const LIFE_S: f64 = 7.0 * 86_400.0;

/// Makes the token of a session. `session_id` must not be empty; characters outside
/// `[A-Za-z0-9_-]` are left out, so that it needs no escaping. `now_ms` is Unix time.
pub fn mint(session_id: &str, now_ms: f64) -> String {
    let id: String = session_id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    let expiry = (now_ms / 1000.0 + LIFE_S).max(0.0) as u64;
    base64::encode_url(format!(r#"{{"session_id":"{id}","session_expiry":{expiry}}}"#).as_bytes())
}

/// The token inside a page or script that the server made (`…"token":"…"…`).
pub fn find(body: &str) -> Option<&str> {
    let mut rest = body;
    while let Some(at) = rest.find("token") {
        rest = rest.get(at + 5..)?;
        // The same text stands escaped inside a script's string: `\"token\":\"…\"`.
        let value = rest.trim_start_matches(['\\', '"', ':', ' ']);
        let end = value
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(value.len());
        if value.len() < rest.len() && end >= 20 {
            return value.get(..end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_encodings() {
        assert_eq!(base64::encode_url(b""), "");
        assert_eq!(base64::encode_url(b"f"), "Zg");
        assert_eq!(base64::encode_url(b"fo"), "Zm8");
        assert_eq!(base64::encode_url(b"foo"), "Zm9v");
        assert_eq!(base64::encode_url(b"\xff\xfe\xfd"), "__79");
    }

    #[test]
    fn minted_is_a_legal_subprotocol() {
        let token = mint("abc\"}{", 1_795_353_623_574.0);
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let wanted = r#"{"session_id":"abc","session_expiry":1795958423}"#;
        assert_eq!(token, base64::encode_url(wanted.as_bytes()));
    }

    #[test]
    fn found_in_both_places() {
        let page = r#"const render_items = [{"token":"eyJzZXNzaW9uX2lkIjogImMxO","roots":{}}];"#;
        assert_eq!(find(page), Some("eyJzZXNzaW9uX2lkIjogImMxO"));
        let script = r#"const docs = "[{\"token\":\"eyJzZXNzaW9uX2lkIjogImMxO\"}]";"#;
        assert_eq!(find(script), Some("eyJzZXNzaW9uX2lkIjogImMxO"));
        assert_eq!(find("no token here, tokens neither"), None);
        assert_eq!(find(""), None);
    }
}
