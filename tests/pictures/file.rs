//! Pictures in files: PNG of eight bits, RGB.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder};

/// Opaque pixels, three bytes each, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

impl Picture {
    /// As the bytes of a file.
    pub fn to_png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, self.width as u32, self.height as u32);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&self.rgb).unwrap();
        writer.finish().unwrap();
        out
    }

    /// Reads a file of that kind; none of another.
    pub fn from_png(bytes: &[u8]) -> Option<Self> {
        let mut reader = Decoder::new(Cursor::new(bytes)).read_info().ok()?;
        let mut rgb = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut rgb).ok()?;
        let is_rgb = (info.color_type, info.bit_depth) == (ColorType::Rgb, BitDepth::Eight);
        is_rgb.then_some(Self { width: info.width as usize, height: info.height as usize, rgb })
    }
}

#[test]
fn reads_what_it_wrote() {
    let rgb = (0..7 * 5 * 3).map(|i| (i * i % 251) as u8).collect();
    let picture = Picture { width: 7, height: 5, rgb };
    assert_eq!(Picture::from_png(&picture.to_png()), Some(picture));
    assert_eq!(Picture::from_png(b"no picture"), None);
}
