//! Texts put together of pieces.

use super::Text;

/// A text of pieces, each a literal, a `&str` or a `String`: `text!["no key \"", id, "\""]`. The literals become one, with a NUL
/// for each piece that is none, as that is less code than a list of them all.
macro_rules! text {
    (@ [$($known:tt)*] [$($given:expr,)*]) => {
        $crate::text::Text::of(concat!($($known,)*))$(.with(AsRef::<str>::as_ref(&$given)))*
    };
    (@ [$($known:tt)*] [$($given:expr,)*] $piece:literal $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* $piece] [$($given,)*] $($($rest)*)?)
    };
    (@ [$($known:tt)*] [$($given:expr,)*] $piece:expr $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* "\0"] [$($given,)* $piece,] $($($rest)*)?)
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
