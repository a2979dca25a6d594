//! Texts put together of pieces.

use super::Text;

/// A text of pieces, each a literal, a text of any kind, or a number in digits: `text!["no key \"", id, "\" after ", #seconds, " s"]`.
/// The literals become one, with a NUL for each piece that is none, as that is less code than a list of them all.
macro_rules! text {
    (@ [$($known:tt)*] [$($given:tt)*]) => {
        $crate::text::Text::of(concat!($($known,)*)) $($given)*
    };
    (@ [$($known:tt)*] [$($given:tt)*] $piece:literal $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* $piece] [$($given)*] $($($rest)*)?)
    };
    (@ [$($known:tt)*] [$($given:tt)*] # $number:expr $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* "\0"] [$($given)* .number($number)] $($($rest)*)?)
    };
    (@ [$($known:tt)*] [$($given:tt)*] $piece:expr $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* "\0"] [$($given)* .with(AsRef::<str>::as_ref(&$piece))] $($($rest)*)?)
    };
    ($($pieces:tt)*) => {
        $crate::text::text!(@ [] [] $($pieces)*)
    };
}
pub(crate) use text;

/// A text of a template, with these pieces in the places of its NULs.
pub(crate) fn fill(template: &'static str, pieces: &[&str]) -> Text {
    let mut text = Text::of(template);
    for piece in pieces {
        text = text.with(piece);
    }
    text
}
