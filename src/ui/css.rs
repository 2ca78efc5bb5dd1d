//! The style sheets, squeezed while the program is compiled: comments and blanks are for us.

/// A style sheet without comments and needless blanks, and how long it is then.
const fn squeeze<const N: usize>(text: &str) -> ([u8; N], usize) {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let (mut at, mut len, mut quote, mut blank) = (0, 0, 0, false);
    while at < N {
        let byte = bytes[at];
        at += 1;
        if quote != 0 {
            out[len] = byte;
            len += 1;
            if byte == quote {
                quote = 0;
            }
            continue;
        }
        if byte == b'/' && at < N && bytes[at] == b'*' {
            at += 3;
            while at < N && !(bytes[at - 2] == b'*' && bytes[at - 1] == b'/') {
                at += 1;
            }
            continue;
        }
        if byte.is_ascii_whitespace() {
            blank = true;
            continue;
        }
        let before = if len > 0 { out[len - 1] } else { b';' };
        // Between a value and `(` or a selector and `:` a blank has a meaning: it stays there.
        let tight = matches!(before, b'{' | b'}' | b';' | b',' | b':')
            || matches!(byte, b'{' | b'}' | b';');
        if blank && !tight {
            out[len] = b' ';
            len += 1;
        }
        blank = false;
        if matches!(byte, b'"' | b'\'') {
            quote = byte;
        }
        if byte == b'}' && before == b';' {
            len -= 1;
        }
        out[len] = byte;
        len += 1;
    }
    (out, len)
}

const fn cut<const N: usize>(from: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let mut at = 0;
    while at < N {
        out[at] = from[at];
        at += 1;
    }
    out
}

/// Fails the build where the rules above do.
const _: () = {
    const TEXT: &str = "/* a */ .a:b  c { d: e f; g: \"x  y\"; }\n@media (h: 1px) and (i) { }";
    const WANT: &[u8] = b".a:b c{d:e f;g:\"x  y\"}@media (h:1px) and (i){}";
    let (got, len) = squeeze::<{ TEXT.len() }>(TEXT);
    assert!(len == WANT.len());
    let mut at = 0;
    while at < len {
        assert!(got[at] == WANT[at]);
        at += 1;
    }
};

macro_rules! sheet {
    ($name:literal) => {{
        const TEXT: &str = include_str!(concat!("../../www/css/", $name, ".css"));
        #[allow(long_running_const_eval)] // Once, and it is some ten thousand steps.
        const SQUEEZED: ([u8; TEXT.len()], usize) = squeeze(TEXT);
        const BYTES: [u8; SQUEEZED.1] = cut(&SQUEEZED.0);
        match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a style sheet was cut inside a letter"),
        }
    }};
}

/// Tokens, elements, the app, in the order they are adopted. Every rule hangs below `.ds-root` or
/// `:host`.
pub const CSS: &[&str] = &[
    const { sheet!("tokens") },
    const { sheet!("base") },
    const { sheet!("shell") },
    const { sheet!("pages") },
    const { sheet!("narrow") },
    const { sheet!("live") },
    const { sheet!("board") },
    const { sheet!("stream") },
    const { sheet!("ask") },
    const { sheet!("aside") },
    const { sheet!("flame") },
    const { sheet!("graph") },
    const { sheet!("heat") },
];
