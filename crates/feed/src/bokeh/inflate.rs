//! DEFLATE (RFC 1951), bit by bit. Arrays are compressed in saved files only: here small code is
//! worth more than speed.

/// Code lengths come in this order.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Longest code, bits.
const LONGEST: usize = 15;

/// The bits of a stream, lowest first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

/// A canonical Huffman code: how many symbols have a code of each length, and the symbols by code.
struct Code {
    counts: [usize; LONGEST + 1],
    symbols: Vec<usize>,
}

impl Code {
    /// `None` when the lengths ask for more codes than there are.
    #[inline(never)]
    fn new(lengths: &[usize]) -> Option<Self> {
        let mut counts = [0; LONGEST + 1];
        let mut symbols = Vec::with_capacity(lengths.len());
        let mut free = 1usize;
        for (length, count) in counts.iter_mut().enumerate().skip(1) {
            for (symbol, other) in lengths.iter().enumerate() {
                if *other == length {
                    symbols.push(symbol);
                    *count += 1;
                }
            }
            free = (2 * free).checked_sub(*count)?;
        }
        Some(Self { counts, symbols })
    }
}

impl Bits<'_> {
    /// A number of `n` bits.
    #[inline(never)]
    fn take(&mut self, n: usize) -> Option<usize> {
        let mut word = 0;
        for i in 0..n {
            let byte = *self.bytes.get(self.at / 8)?;
            word |= usize::from(byte >> (self.at % 8) & 1) << i;
            self.at += 1;
        }
        Some(word)
    }

    /// The next symbol.
    #[inline(never)]
    fn symbol(&mut self, code: &Code) -> Option<usize> {
        // The code read, the first code of its length, and how many symbols have shorter ones.
        let (mut word, mut first, mut shorter) = (0, 0, 0);
        for count in &code.counts[1..] {
            word = word << 1 | self.take(1)?;
            first <<= 1;
            if word < first + count {
                return code.symbols.get(shorter + (word - first)).copied();
            }
            first += count;
            shorter += count;
        }
        None
    }

    /// The code lengths of a block of type 2, and how many of them are for literals.
    fn lengths(&mut self) -> Option<(Vec<usize>, usize)> {
        let literals = self.take(5)? + 257;
        let all = literals + self.take(5)? + 1;
        let count = self.take(4)? + 4;
        let mut lengths = vec![0; 19];
        for &at in &ORDER[..count] {
            lengths[usize::from(at)] = self.take(3)?;
        }
        let code = Code::new(&lengths)?;
        lengths.clear();
        while lengths.len() < all {
            let symbol = self.symbol(&code)?;
            let (length, times) = match symbol {
                16 => (*lengths.last()?, self.take(2)? + 3),
                17 => (0, self.take(3)? + 3),
                18 => (0, self.take(7)? + 11),
                _ => (symbol, 1),
            };
            lengths.resize(lengths.len() + times, length);
        }
        (lengths.len() == all).then_some((lengths, literals))
    }

    /// A length or a distance: every `step` symbols have one more bit to follow.
    #[inline(never)]
    fn number(&mut self, symbol: usize, step: usize) -> Option<usize> {
        if symbol < 2 * step {
            return Some(symbol);
        }
        let bits = symbol / step - 1;
        Some(((step + symbol % step) << bits) + self.take(bits)?)
    }
}

/// The bytes of a stream; `None` when it is broken, or longer than `limit`.
pub(super) fn inflate(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut bits = Bits { bytes, at: 0 };
    let mut out: Vec<u8> = Vec::new();
    loop {
        let last = bits.take(1)? == 1;
        let (lengths, literals) = match bits.take(2)? {
            0 => {
                let from = bits.at.div_ceil(8);
                bits.at = 8 * from;
                let length = bits.take(16)?;
                if length ^ bits.take(16)? != 0xffff {
                    return None;
                }
                out.extend_from_slice(bytes.get(from + 4..from + 4 + length)?);
                bits.at += 8 * length;
                (Vec::new(), 0)
            }
            1 => {
                let mut lengths = vec![8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                lengths.resize(288 + 30, 5);
                (lengths, 288)
            }
            2 => bits.lengths()?,
            _ => return None,
        };
        let distances = Code::new(&lengths[literals..])?;
        let code = Code::new(&lengths[..literals])?;
        while literals > 0 && out.len() <= limit {
            let symbol = bits.symbol(&code)?;
            if symbol == 256 {
                break;
            }
            if symbol < 256 {
                out.push(symbol as u8);
                continue;
            }
            let length = match symbol - 257 {
                28 => 258,
                symbol if symbol < 28 => bits.number(symbol, 4)? + 3,
                _ => return None,
            };
            let distance = bits.symbol(&distances)?;
            let from = out.len().checked_sub(bits.number(distance, 2)? + 1)?;
            for at in from..from + length {
                out.push(out[at]);
            }
        }
        if out.len() > limit {
            return None;
        }
        if last {
            return Some(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec;

    #[test]
    fn what_others_deflate() {
        let mut noise = 1u32;
        let mut plain = Vec::new();
        for i in 0..70_000u32 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Runs, repetitions far back, and noise.
            plain.push(match i / 5000 % 3 {
                0 => (i / 900) as u8,
                1 => (i % 251) as u8,
                _ => (noise >> 24) as u8,
            });
        }
        for size in [0, 1, 2, 300, 5000, 33_000, plain.len()] {
            for level in [0, 1, 6, 9] {
                let deflated = compress_to_vec(&plain[..size], level);
                let inflated = inflate(&deflated, size);
                assert!(inflated.as_deref() == Some(&plain[..size]), "{size} at {level}");
                assert_eq!(inflate(&deflated, size.wrapping_sub(1)).is_none(), size > 0);
                let cut = &deflated[..deflated.len() - 1];
                assert_eq!(inflate(cut, size), None, "{size} at {level}, cut");
            }
        }
    }

    #[test]
    fn broken_streams_end() {
        let mut deflated = compress_to_vec(&b"around and around and around it goes, ".repeat(9), 9);
        for at in 0..deflated.len() {
            for bit in 0..8 {
                deflated[at] ^= 1 << bit;
                let _ = inflate(&deflated, 10_000);
                deflated[at] ^= 1 << bit;
            }
        }
        assert_eq!(inflate(&[7], 10), None, "no such type of block");
        assert_eq!(inflate(&[1, 1, 0, 0, 0, 9], 10), None, "its length is not what it says twice");
    }
}
