//! Time as a value: an instant, a span, and what is known of the server's clock.
//!
//! Everything that depends on the time is given it as an argument: the core reads no clock.
//! Inside, time is counted in whole milliseconds, in types that do not mix with numbers; at the boundary an instant is a
//! `Date` and a span is seconds.

use crate::text;
use core::ops::{Add, Div, Sub};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A length of time in milliseconds; negative where the later instant was taken from the earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(i64);

/// The most milliseconds that a `Date` can tell. What comes in is kept within, so that sums of a few cannot overflow.
const MOST: i64 = 8_640_000_000_000_000;

/// The nearest that is kept. By hand, as `clamp` is not for constants; in one place, as it is asked for in many.
#[inline(never)]
const fn bounded(millis: i64) -> i64 {
    match millis {
        _ if millis < -MOST => -MOST,
        _ if millis > MOST => MOST,
        _ => millis,
    }
}

/// So many seconds in milliseconds.
const fn millis(seconds: i64) -> i64 {
    match seconds {
        ..-8_640_000_000_000 => -MOST,
        -8_640_000_000_000..8_640_000_000_000 => seconds * 1000,
        _ => MOST,
    }
}

impl Timestamp {
    /// The end of what has none: later than any instant, and by more than a few spans can take from it.
    pub const NEVER: Timestamp = Timestamp(8 * MOST);

    /// The last instant that a `Date` can tell, in seconds (ECMA-262 §21.4.1.1).
    pub const MAX_SECONDS: f64 = 8.64e12;

    /// So many whole seconds after 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Timestamp(millis(seconds))
    }

    /// A NumericDate (RFC 7519 §2): seconds after 1970, with a fraction; the nearest that a `Date` can tell, or never for infinity.
    pub fn from_numeric_date(seconds: f64) -> Self {
        if seconds == f64::INFINITY { Timestamp::NEVER } else { Timestamp(Span::from_seconds_f64(seconds).0) }
    }

    /// What `Date.prototype.getTime` gives; beyond what a `Date` can tell the nearest bound.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(bounded(millis))
    }

    /// What `new Date(…)` takes.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Whether it is [`Self::NEVER`], whatever a few spans added to it or took from it.
    pub fn is_never(self) -> bool {
        self.0 > 4 * MOST
    }

    /// A date of HTTP (RFC 9110 §5.6.7), in any of its three forms: `Sun, 06 Nov 1994 08:49:37 GMT` now,
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994` long ago.
    pub fn from_http_date(text: &str) -> Option<Self> {
        let (mut rest, mut numbers, mut count, mut month, mut month_is_first) = (text, [0; 5], 0, 0, false);
        while !rest.is_empty() {
            let word = text::take_until_any(&mut rest, " ,-:");
            let is_month = |at: &usize| word.len() == 3 && at.is_multiple_of(3);
            if let Some(number) = text::natural(word) {
                *numbers.get_mut(count)? = number;
                count += 1;
            } else if let Some(at) =
                text::split_once(MONTHS, word).map(|(before, _)| before.len()).filter(is_month)
            {
                month = at as i64 / 3 + 1;
                month_is_first = count == 0;
            } else if !text::all(word, |byte| byte.is_ascii_alphabetic()) {
                return None;
            }
            // What is left are the day of the week and the zone, which is GMT whatever it says.
        }
        if count < numbers.len() {
            return None;
        }
        let [day, second, third, fourth, fifth] = numbers;
        let (year, time) =
            if month_is_first { (fifth, [second, third, fourth]) } else { (second, [third, fourth, fifth]) };
        // Two digits are the nearer century, as RFC 9110 has it for the second form.
        let century = match year {
            0..70 => 2000,
            70..100 => 1900,
            _ => 0,
        };
        let [hour, minute, second] = time;
        Self::from_civil([century + year, month, day, hour, minute, second])
    }

    /// The instant of a date and time in UTC.
    fn from_civil([year, month, day, hour, minute, second]: [i64; 6]) -> Option<Self> {
        let (0..=9999, 1..=12, 1..=31) = (year, month, day) else { return None };
        let (0..24, 0..60, 0..=60) = (hour, minute, second) else { return None };
        let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        Some(Timestamp::from_seconds(seconds))
    }

    /// A date and time of RFC 3339 in UTC, `2026-11-22T00:21:06.924Z`.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let mut rest = text.strip_suffix("Z").filter(|rest| !rest.ends_with("."))?;
        let mut parts = [0; 6];
        for (part, end) in parts.iter_mut().zip(b"--T::.") {
            *part = text::natural(text::take_until(&mut rest, *end))?;
        }
        let (mut millis, mut place) = (0, 100);
        for byte in rest.bytes() {
            if !byte.is_ascii_digit() {
                return None;
            }
            millis += i64::from(byte - b'0') * place;
            place /= 10;
        }
        Some(Self::from_civil(parts)? + Span(millis))
    }
}

const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// Days from 1970-01-01 to a date of the Gregorian calendar, by counting years from March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // 400 years on, where no year is negative.
    let (year, month) = if month > 2 { (year + 400, month) } else { (year + 399, month + 12) };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month - 457) / 5 + day - 865_566
}

impl Span {
    /// No time.
    pub const ZERO: Span = Span(0);

    /// So many whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Span(millis(seconds))
    }

    /// So many milliseconds; beyond what a `Date` can tell the nearest bound, so that no sum leaves what a number holds.
    pub const fn from_millis(millis: i64) -> Self {
        Span(bounded(millis))
    }

    /// Seconds as JavaScript gives them, with a fraction; not a number is none.
    #[inline(never)]
    pub fn from_seconds_f64(seconds: f64) -> Self {
        Span((seconds.clamp(-Timestamp::MAX_SECONDS, Timestamp::MAX_SECONDS) * 1000.0) as i64)
    }

    /// Milliseconds, for a timer.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds for a person to read.
    pub fn whole_seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This much of it, between 0 and 1.
    pub fn scale(self, factor: f64) -> Self {
        Span((self.0 as f64 * factor.clamp(0.0, 1.0)) as i64)
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0 + span.0)
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0 - span.0)
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, earlier: Timestamp) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0 + other.0)
    }
}

impl Div<i64> for Span {
    type Output = Span;
    fn div(self, parts: i64) -> Span {
        Span(self.0.checked_div(parts).unwrap_or_default())
    }
}

/// What is known of the server's clock: how far it is ahead of the local one, learnt from `Date`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerClock {
    ahead: Option<Span>,
}

impl ServerClock {
    /// Learns from an exchange: the server wrote `date` somewhere between `sent` and `arrived`, so at the middle of them.
    /// `Date` has whole seconds, so it is half a second later than it says; a difference within what that blurs is none.
    pub fn learn(&mut self, date: Timestamp, sent: Timestamp, arrived: Timestamp) {
        // Where the clock was set back meanwhile, what it says now is what counts.
        let half = ((arrived - sent) / 2).max(Span::ZERO);
        let ahead = date + Span::from_millis(500) - (arrived - half);
        let blur = Span::from_millis(500) + half;
        self.ahead = Some(if ahead.0.abs() <= blur.0 { Span::ZERO } else { ahead });
    }

    /// How far the server's clock is ahead of the local one, as far as is known.
    pub fn ahead(&self) -> Span {
        self.ahead.unwrap_or_default()
    }

    /// The instant of the local clock at which the server's clock says `end`; `made` is when the server says that it
    /// made the token, if it does.
    ///
    /// A token that has just come is believed to be good: if the server's clock, as learnt, says that it has ended, the
    /// local clock is asked; and if nothing was learnt and the local clock says so too, then that clock is taken to be
    /// wrong and the token to be new.
    pub fn local(&self, end: Timestamp, made: Option<Timestamp>, arrival: Timestamp) -> Timestamp {
        // A token was made before it came, so it lives no longer than from its making to its end, whatever a clock says.
        let longest = made.map(|made| arrival + (end - made));
        let bounded = |end: Timestamp| longest.map_or(end, |longest| longest.min(end));
        match self.ahead {
            Some(ahead) if end - ahead > arrival => bounded(end - ahead),
            None if bounded(end) <= arrival => longest.unwrap_or(end),
            _ => bounded(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const HOUR: Span = Span::from_seconds(3600);

    fn learnt(ahead: Span) -> ServerClock {
        let mut clock = ServerClock::default();
        clock.learn(
            NOW + ahead - Span::from_millis(500),
            NOW - Span::from_millis(20),
            NOW + Span::from_millis(20),
        );
        clock
    }

    #[test]
    fn a_clock_that_agrees_within_its_own_resolution_is_not_corrected() {
        for blur in [-500, -1, 0, 1, 500] {
            assert_eq!(learnt(Span::from_millis(blur)).local(NOW + HOUR, None, NOW), NOW + HOUR);
        }
    }

    #[test]
    fn an_end_is_told_by_the_servers_clock_however_wrong_the_local_one() {
        for hours in [-12, -1, 1, 12] {
            let ahead = Span::from_seconds(hours * 3600);
            let end = NOW + ahead + HOUR;
            assert_eq!(learnt(ahead).local(end, None, NOW), NOW + HOUR, "{hours} h");
        }
    }

    #[test]
    fn a_wrong_date_does_not_end_a_token_that_the_local_clock_finds_good() {
        assert_eq!(learnt(Span::from_seconds(12 * 3600)).local(NOW + HOUR, None, NOW), NOW + HOUR);
    }

    #[test]
    fn without_a_date_the_time_of_making_bounds_the_local_clocks_error() {
        let clock = ServerClock::default();
        let slow = NOW + Span::from_seconds(12 * 3600);
        assert_eq!(clock.local(slow + HOUR, Some(slow), NOW), NOW + HOUR, "local clock 12 h behind");
        let fast = NOW - Span::from_seconds(12 * 3600);
        assert_eq!(clock.local(fast + HOUR, Some(fast), NOW), NOW + HOUR, "local clock 12 h ahead");
    }

    #[test]
    fn an_old_time_of_making_shortens_nothing() {
        let made = NOW - Span::from_seconds(7000);
        assert_eq!(
            ServerClock::default().local(NOW + Span::from_seconds(200), Some(made), NOW),
            NOW + Span::from_seconds(200)
        );
    }

    #[test]
    fn dates_are_read_in_the_forms_that_services_write() {
        assert_eq!(Timestamp::from_http_date("Fri, 15 Jan 2027 08:00:00 GMT"), Some(NOW));
        let nasa = Some(Timestamp::from_seconds(784_111_777));
        assert_eq!(Timestamp::from_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), nasa);
        assert_eq!(Timestamp::from_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), nasa);
        assert_eq!(Timestamp::from_http_date("Sun Nov  6 08:49:37 1994"), nasa);
        for wrong in [
            "soon",
            "",
            "Sun, 06 Nov 1994",
            "Sun, 06 11 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 -0100",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
        ] {
            assert_eq!(Timestamp::from_http_date(wrong), None, "{wrong}");
        }
        assert_eq!(Timestamp::from_rfc3339("2027-01-15T08:00:00Z"), Some(NOW));
        assert_eq!(Timestamp::from_rfc3339("2027-01-15T08:00:00.92Z"), Some(NOW + Span::from_millis(920)));
        assert_eq!(Timestamp::from_rfc3339("1970-01-01T00:00:00Z"), Some(Timestamp::from_seconds(0)));
        assert_eq!(Timestamp::from_rfc3339("2000-02-29T12:00:00.1234567Z"), Some(Timestamp(951_825_600_123)));
        for wrong in [
            "2027-01-15",
            "2027-13-15T08:00:00Z",
            "2027-01-15T08:00:00",
            "2027-01-15T08:00:00.Z",
            "2027-01-15T08:00:00.1.2Z",
            "2027-01-15T-1:00:00Z",
            "T:Z",
        ] {
            assert_eq!(Timestamp::from_rfc3339(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_day_of_the_years_of_four_digits_is_a_day_after_the_one_before() {
        for (text, millis) in [
            ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T12:00:00.123Z", 951_825_600_123),
            ("2027-01-15T08:00:00.000Z", 1_800_000_000_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] {
            assert_eq!(Timestamp::from_rfc3339(text), Some(Timestamp::from_millis(millis)), "{text}");
        }
        let mut next = Timestamp::from_rfc3339("0000-01-01T00:00:00Z").unwrap();
        for year in 0..=9999 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, days) in
                (1..).zip([31, 28 + i64::from(is_leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            {
                for day in [1, days] {
                    let read = Timestamp::from_rfc3339(&format!("{year:04}-{month:02}-{day:02}T00:00:00Z"));
                    assert_eq!(
                        read,
                        Some(next + Span::from_seconds((day - 1) * 86_400)),
                        "{year}-{month}-{day}"
                    );
                }
                next = next + Span::from_seconds(days * 86_400);
            }
        }
    }
}
