//! A part of a document that a command writes.

use anyhow::{Context, Result};

/// The line after such a part.
const END: &str = "<!-- end of what it wrote -->\n";

/// The text with this part in place of what was there after the line with which it begins.
pub(crate) fn replaced(text: &str, beginning: &str, part: &str) -> Result<String> {
    let (before, rest) =
        text.split_once(beginning).with_context(|| format!("there is no line {beginning}"))?;
    let (_, after) = rest.split_once(END).context("what a command wrote has no end")?;
    Ok(format!("{before}{beginning}\n{}\n\n{END}{after}", part.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_written_anew() -> Result<()> {
        let text = replaced(&format!("a\n<!-- it -->\nold\n{END}b\n"), "<!-- it -->\n", "new\n")?;
        assert_eq!(text, format!("a\n<!-- it -->\n\nnew\n\n{END}b\n"));
        assert_eq!(replaced(&text, "<!-- it -->\n", "new\n")?, text);
        assert!(replaced(&text, "<!-- another -->\n", "new").is_err());
        assert!(replaced("<!-- it -->\n", "<!-- it -->\n", "new").is_err());
        Ok(())
    }
}
