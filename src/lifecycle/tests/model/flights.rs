//! What the books say of flights and of 401s: when a flight may be made, and what comes of either.

use super::*;

impl World {
    pub(super) fn refuse(&mut self, at: usize) -> Checked {
        self.observe();
        let caller = self.callers.remove(at);
        let Some(generation) = caller.using else { return Err("it has no token".into()) };
        let before = self.life.key(generation);
        let verdict = self.life.unauthorized(generation, self.now);
        let is_out = self.closed || generation <= self.last_logged_out;
        let news = self.held.take_if(|kept| kept.generation == generation);
        if self.closed {
            return Ok(());
        }
        match news {
            Some(kept) if is_last_word(&kept, self.elapsed) => {
                ensure!(verdict == Verdict::HandBack, "{verdict:?} to the last word on {kept:?}");
                ensure!(self.life.key(generation) == before, "the last word changes something");
                self.held = Some(kept);
            }
            Some(kept) => {
                ensure!(verdict == Verdict::Renew, "{verdict:?} to the first 401 on {kept:?}");
                self.rejected = Some(kept);
                self.forgotten = true;
                if self.gentle {
                    self.quiet_until = self.quiet_until.min(self.elapsed);
                }
            }
            None => {
                let expected = if is_out { Verdict::HandBack } else { Verdict::Renew };
                ensure!(verdict == expected, "{verdict:?} to a late 401 of generation {generation}");
                ensure!(self.life.key(generation) == before, "a late 401 changes something");
            }
        }
        // One replay, and none where the service has said its last word.
        if verdict == Verdict::HandBack || caller.refused.is_some() {
            return Ok(());
        }
        let (session, asked) = (self.session, self.landed);
        self.callers.push(Caller {
            want: Want::default(),
            wish: Wish::Any,
            session,
            asked,
            refused: Some(generation),
            using: None,
        });
        self.poll(self.callers.len() - 1)
    }

    pub(super) fn take_off(&mut self, ticket: Ticket) -> Checked {
        ensure!(self.flight.is_none(), "two flights at once");
        ensure!(!self.is_quiet(), "asked {} ms too early", self.quiet_until - self.elapsed);
        let alive = self.held.as_ref().is_some_and(|kept| self.is_alive(kept, 0));
        ensure!(!ticket.in_window || alive, "in the window of no token");
        ensure!(ticket.fresh == (alive || self.forgotten), "fresh is {}", ticket.fresh);
        ensure!(
            ticket.reason != Reason::First || self.held.is_none(),
            "the first, and {:?} is held",
            self.held
        );
        ensure!(ticket.reason != Reason::Forced || alive, "forced, with nothing to be forced from");
        self.flights += 1;
        self.flight = Some(Flight { ticket, number: self.flights, session: self.session });
        Ok(())
    }

    pub(super) fn land(&mut self, flight: &Flight, answer: Answer) -> Checked {
        self.observe();
        self.landed += 1;
        let Answer::Failure(code, asked, random) = answer else { return self.succeed(flight, answer) };
        let until = self.life.failed(&flight.ticket, failure(code, asked), self.now, random);
        self.failures += 1;
        let in_window = flight.ticket.in_window;
        let mut wait = match (code.is_permanent(), asked) {
            (true, _) => 60_000,
            (_, Some(asked)) => asked,
            _ if in_window || self.failures > 1 => {
                ((1000_i64 << (self.failures - 1).min(6)).min(60_000) as f64 * random) as i64
            }
            _ => 0,
        };
        // Where there is no token any more, nobody is kept waiting for a refresh that was to be ahead of time.
        self.gentle = in_window && code.is_retryable() && asked.is_none();
        if self.gentle {
            let end = self.held.as_ref().map_or(Some(self.elapsed), |kept| kept.end);
            wait = end.map_or(wait, |end| wait.min(end - self.elapsed));
        }
        self.quiet_until = self.elapsed + wait;
        let told = until.map(|until| (until - self.now).as_millis());
        ensure!(told == (wait > 0).then_some(wait), "a wait of {told:?} ms after {code:?}, not of {wait}");
        self.permanent = code.is_permanent();
        self.failed = if in_window { 0 } else { self.landed };
        Ok(())
    }

    fn succeed(&mut self, flight: &Flight, answer: Answer) -> Checked {
        let known = self.held.take().or(self.rejected.take());
        let again = known.filter(|_| answer == Answer::Again);
        let new_end = match answer {
            Answer::Token(life) | Answer::Found(life) => Some(self.elapsed + life),
            _ => None,
        };
        let found = matches!(answer, Answer::Found(_));
        let text = again.as_ref().map_or(flight.number, |kept| kept.text);
        let end = again.as_ref().map_or(new_end, |kept| kept.end);
        let is_key = again.as_ref().map_or(answer == Answer::Key, |kept| kept.is_key);
        let mut token = Box::new(Token::of(Secret::new(text.to_string())));
        (token.is_key, token.found) = (is_key, found);
        token.expires_at =
            end.map_or(Timestamp::NEVER, |end| self.now + Span::from_millis(end - self.elapsed));
        let landing = self.life.succeeded(&flight.ticket, token, self.now, 0.0);
        let expected = if again.is_some() { Landing::Same } else { Landing::New };
        ensure!(landing == expected, "{landing:?}, and it was {expected:?}");
        let for_401 = flight.ticket.reason == Reason::Unauthorized && !found;
        if for_401 && !is_key {
            // However many 401s there were, and whenever they came.
            let ago = self.renewed.map(|at| self.elapsed - at);
            ensure!(ago.is_none_or(|ago| ago >= 30_000), "a second refresh for 401s after {ago:?} ms");
        }
        self.renewed = (for_401 && !is_key).then_some(self.elapsed);
        let generation = again.as_ref().map_or(self.generations + 1, |kept| kept.generation);
        self.generations = self.generations.max(generation);
        self.rejected = None;
        self.held = Some(Kept {
            text,
            generation,
            end,
            flight: flight.number,
            // What was there before somebody asked for something new is nothing new.
            landed: if found && !flight.ticket.newer { 0 } else { self.landed },
            came: self.elapsed,
            session: flight.session,
            for_401,
            is_key,
        });
        self.make_peace();
        self.forgotten = false;
        // What has just come is not asked for again at once, whatever it is.
        ensure!(
            end.is_some_and(|end| end <= self.elapsed) || self.life.fresh(self.now).is_some(),
            "stale at once"
        );
        Ok(())
    }

    pub(super) fn land_late(&mut self, flight: &Flight, answer: Answer) -> Checked {
        self.observe();
        let before = self.life.key(0);
        match answer {
            Answer::Failure(code, asked, random) => {
                let until = self.life.failed(&flight.ticket, failure(code, asked), self.now, random);
                ensure!(until.is_none(), "a late failure is waited after");
            }
            _ => {
                let mut token = Box::new(Token::of(Secret::new(flight.number.to_string())));
                token.expires_at = self.now + Span::from_seconds(3600);
                let landing = self.life.succeeded(&flight.ticket, token, self.now, 0.0);
                ensure!(landing == Landing::Late, "a late answer is {landing:?}");
            }
        }
        ensure!(self.closed || self.life.key(0) == before, "a late answer changes something");
        Ok(())
    }

    pub(super) fn forget(&mut self) {
        self.forgotten |= self.held.is_some() || self.rejected.is_some() || self.flight.is_some();
        self.late.extend(self.flight.take());
        self.held = None;
        self.rejected = None;
        self.renewed = None;
        self.make_peace();
    }

    pub(super) fn make_peace(&mut self) {
        self.quiet_until = self.elapsed;
        self.failures = 0;
        self.failed = 0;
        self.permanent = false;
        self.gentle = false;
    }
}

fn is_last_word(kept: &Kept, elapsed: i64) -> bool {
    kept.for_401 && !kept.is_key && elapsed - kept.came < 30_000
}

fn failure(code: Code, asked: Option<i64>) -> Error {
    let mut error = Error::new(code, "");
    error.retry_after = asked.map(Span::from_millis);
    error
}
