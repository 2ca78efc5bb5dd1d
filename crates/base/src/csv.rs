//! Values separated by commas (RFC 4180).

/// One line of values. What a spreadsheet would take for a formula is kept a text by a quote before it.
pub fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
            || cell.starts_with('-') && super::number::parse(cell).is_none();
        if formula || cell.contains([',', '"', '\n', '\r']) {
            out.push('"');
            if formula {
                out.push('\'');
            }
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_it_must() {
        let mut out = String::new();
        line(&mut out, ["a", "b,c", "\"d\"", "-1.5", "=1+1"].into_iter());
        assert_eq!(out, "a,\"b,c\",\"\"\"d\"\"\",-1.5,\"'=1+1\"\r\n");
    }
}
