//! What the members of an object that a caller gives have to be, in tables.
//!
//! A table is a text, as [`fields`] writes it: a line for each member, with a letter for what it has to be. As a list of structs it
//! would be mostly addresses, of which brotli makes little.

use crate::text;

/// The letter of what a member has to be. Texts are not empty, but for `AnyText`. Some have more to say: which, or how many.
#[rustfmt::skip]
macro_rules! kind {
    (Text) => { 't' };
    // A text that may be empty; what it then means, where it has to be there.
    (AnyText) => { 'a' };
    // One of these texts: `"this, that"`.
    (Choice) => { 'c' };
    // A text, or a list of texts.
    (Texts) => { 'l' };
    (TextsOrNull) => { 'z' };
    (Flag) => { 'f' };
    // From the one to the other of these: `"0 to 600 seconds"`.
    (Seconds) => { 's' };
    // Likewise a whole number: `"0 to 20"`.
    (Count) => { 'n' };
    (Date) => { 'd' };
    // A date, or the text "never".
    (DateOrNever) => { 'b' };
    // Of 64 bits.
    (BigInt) => { 'i' };
    (Function) => { 'g' };
    // Anything that JSON knows.
    (Json) => { 'j' };
    // A text, or a function that gives one.
    (Credential) => { 'k' };
    // An object of such, by names of the caller's.
    (Credentials) => { 'm' };
    // Where a credential may be sent to.
    (Url) => { 'u' };
    // The origin of such a URL; one of them, or a list.
    (Origin) => { 'O' };
    (Origins) => { 'o' };
    // A path of the service.
    (Path) => { 'p' };
    // A JSON pointer.
    (Pointer) => { 'q' };
    // The name of a header, and its value.
    (HeaderName) => { 'h' };
    (HeaderValue) => { 'v' };
    // An object of headers.
    (Headers) => { 'w' };
    // An object of these members and no other: `object![…]`.
    (Object) => { 'x' };
    // A list of such objects.
    (List) => { 'y' };
    // What `pkg/src/store.js` found to be keys for a store, and a store.
    (StoreKeys) => { 'e' };
    (Store) => { 'r' };
}

/// A table of members: `fields!["apiKey" needs Credential, "timeout" may Seconds("0 to 600 seconds")]`.
macro_rules! fields {
    (@needs) => { '!' };
    (@may) => { '?' };
    ($($name:literal $mark:ident $kind:ident $(($more:expr))?),* $(,)?) => {
        concat!($($crate::config::table::fields!(@$mark), $crate::config::table::kind!($kind), $name, $(":", $more,)? "\n"),*)
    };
}

/// The same for an object within.
macro_rules! object {
    ($($name:literal $mark:ident $kind:ident $(($more:expr))?),* $(,)?) => {
        concat!($($crate::config::table::fields!(@$mark), $crate::config::table::kind!($kind), $name, $(":", $more,)? "\t"),*)
    };
}
pub(crate) use {fields, kind, object};

/// A line of a table.
pub struct Field<'t> {
    /// Whether it has to be there.
    pub needed: bool,
    /// What it has to be.
    pub kind: char,
    /// Its name.
    pub name: &'t str,
    /// What else is to be said of it.
    pub more: &'t str,
}

/// The next line of a table.
pub fn next_field<'t>(rest: &mut &'t str, end: u8) -> Option<Field<'t>> {
    let line = text::take_until(rest, end);
    let [mark, kind, ..] = line.as_bytes() else { return None };
    let mut more = line.get(2..).unwrap_or_default();
    let name = text::take_until(&mut more, b':');
    Some(Field { needed: *mark == b'!', kind: char::from(*kind), name, more })
}

/// Where a line of a table ends, and where one of an object within does.
pub(super) const LINE: u8 = b'\n';
pub(super) const WITHIN: u8 = b'\t';

/// What each kind has to be in words, in which each [`super::mark::kind_of`] that it may be is named; and what is said where
/// that is not enough. What is not here is a text.
const WORDS: &str = fields![
    "a string or an array of strings" may Texts,
    "a string or an array of strings" may Origins,
    "a string, an array of strings or null" may TextsOrNull,
    "a boolean" may Flag,
    "a number" may Seconds,
    "a number" may Count("must be a whole number"),
    "a Date" may Date,
    "a Date or \"never\"" may DateOrNever,
    "a bigint, as 5n" may BigInt("must fit in 64 bits"),
    "a function" may Function,
    "JSON" may Json,
    "a string or a function that gives one" may Credential,
    "an object" may Credentials("must be an object of credentials by name"),
    "an object" may Headers("is no name of a header"),
    "an object" may Object,
    "an array" may List,
    "a string" may Url("must be an absolute URL, as https://api.example.com"),
    "a string" may Origin("must be an origin, as https://api.example.com"),
    "a string" may Path("must start with one slash: it is appended to baseUrl"),
    "a string" may Pointer("must be a JSON pointer, as /data/token"),
    "a string" may HeaderName("is no name of a header"),
    "a string" may HeaderValue("has characters that no header can (a line break, say)"),
    "a key of 32 bytes, a CryptoKey for AES-GCM, or a list of such" may StoreKeys,
    "a TokenStore, with get, set and delete" may Store,
];

/// The words for a kind.
pub(super) fn words(kind: char) -> (&'static str, &'static str) {
    let mut rest = WORDS;
    while let Some(field) = next_field(&mut rest, LINE) {
        if field.kind == kind {
            return (field.name, field.more);
        }
    }
    ("a string", "")
}

/// Whether a text is one of these, which have commas between them.
pub(crate) fn is_among(texts: &str, text: &str) -> bool {
    let mut rest = texts;
    while !rest.is_empty() {
        if text::take_until(&mut rest, b',') == text {
            return true;
        }
        rest = rest.strip_prefix(" ").unwrap_or(rest);
    }
    false
}
