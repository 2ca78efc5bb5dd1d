//! Pictures in files: PNG of eight bits, RGB, each line filtered by the one above. Reads what it wrote.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;

const SIGN: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// Opaque pixels, three bytes each, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
        crc
    })
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    out.extend(crc(&out[from..]).to_be_bytes());
}

impl Picture {
    /// As the bytes of a file.
    pub fn to_png(&self) -> Vec<u8> {
        let line = self.width * 3;
        let mut raw = Vec::new();
        for (y, row) in self.rgb.chunks_exact(line).enumerate() {
            raw.push(2);
            let above = |x: usize| if y == 0 { 0 } else { self.rgb[(y - 1) * line + x] };
            raw.extend(row.iter().enumerate().map(|(x, byte)| byte.wrapping_sub(above(x))));
        }
        let mut head = Vec::new();
        head.extend((self.width as u32).to_be_bytes());
        head.extend((self.height as u32).to_be_bytes());
        head.extend([8, 2, 0, 0, 0]);
        let mut out = SIGN.to_vec();
        chunk(&mut out, *b"IHDR", &head);
        chunk(&mut out, *b"IDAT", &compress_to_vec_zlib(&raw, 9));
        chunk(&mut out, *b"IEND", &[]);
        out
    }

    /// Reads what [`Self::to_png`] wrote; nothing else (another program may have rewritten the file).
    pub fn from_png(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&SIGN)?;
        let (mut picture, mut packed) = (Self::default(), Vec::new());
        while rest.len() >= 12 {
            let len = u32::from_be_bytes(rest[..4].try_into().ok()?) as usize;
            let data = rest.get(8..8 + len)?;
            match &rest[4..8] {
                b"IHDR" => {
                    let number = |at: usize| data.get(at..at + 4)?.try_into().ok();
                    picture.width = u32::from_be_bytes(number(0)?) as usize;
                    picture.height = u32::from_be_bytes(number(4)?) as usize;
                    if data.get(8..) != Some(&[8, 2, 0, 0, 0]) {
                        return None;
                    }
                }
                b"IDAT" => packed.extend(data),
                _ => {}
            }
            rest = rest.get(12 + len..)?;
        }
        let raw = decompress_to_vec_zlib(&packed).ok()?;
        let line = picture.width * 3;
        for (y, row) in raw.chunks_exact(line + 1).enumerate() {
            for (x, byte) in row[1..].iter().enumerate() {
                let above = match (row[0], y) {
                    (2, 0) => 0,
                    (2, _) => picture.rgb[(y - 1) * line + x],
                    _ => return None,
                };
                picture.rgb.push(byte.wrapping_add(above));
            }
        }
        (picture.rgb.len() == line * picture.height).then_some(picture)
    }
}

#[test]
fn reads_what_it_wrote() {
    let rgb = (0..7 * 5 * 3).map(|i| (i * i % 251) as u8).collect();
    let picture = Picture { width: 7, height: 5, rgb };
    assert_eq!(Picture::from_png(&picture.to_png()), Some(picture));
    assert_eq!(Picture::from_png(b"no picture"), None);
    assert_eq!(crc(b"IEND"), 0xae42_6082, "as at the end of every PNG");
}
