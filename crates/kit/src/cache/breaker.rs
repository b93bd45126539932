//! Leaves a failing server alone for a while, and tries it with one call before trusting it again.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many failures in a row open the breaker.
const FAILURES: u32 = 3;
/// The pause doubles with each failed trial, up to this many times its base.
const MOST_TIMES: u32 = 16;

/// See the module.
#[derive(Debug)]
pub(super) struct Breaker {
    base: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    failures: u32,
    times: u32,
    open_until: Option<Instant>,
}

/// What a report changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Opened,
    /// A trial failed.
    StillOpen,
    Closed,
    Nothing,
}

impl Breaker {
    pub fn new(base: Duration) -> Self {
        Self {
            base,
            state: Mutex::new(State {
                failures: 0,
                times: 1,
                open_until: None,
            }),
        }
    }

    /// Whether a call may be made now. After the pause one call is let through as a trial, and
    /// the others wait for a further pause.
    pub fn allows(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(now + self.base * state.times);
                true
            }
        }
    }

    /// Tells how an allowed call went.
    pub fn report(&self, success: bool, now: Instant) -> Change {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let was_open = state.open_until.is_some();
        if success {
            *state = State {
                failures: 0,
                times: 1,
                open_until: None,
            };
            return if was_open {
                Change::Closed
            } else {
                Change::Nothing
            };
        }
        state.failures = state.failures.saturating_add(1);
        if was_open {
            state.times = (state.times * 2).min(MOST_TIMES);
            state.open_until = Some(now + self.base * state.times);
            return Change::StillOpen;
        }
        if state.failures < FAILURES {
            return Change::Nothing;
        }
        state.open_until = Some(now + self.base);
        Change::Opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_in_a_row_and_closes_after_a_good_trial() {
        let second = Duration::from_secs(1);
        let (breaker, start) = (Breaker::new(second), Instant::now());
        assert_eq!(breaker.report(false, start), Change::Nothing);
        assert_eq!(breaker.report(true, start), Change::Nothing);
        for wanted in [Change::Nothing, Change::Nothing, Change::Opened] {
            assert_eq!(breaker.report(false, start), wanted);
        }
        assert!(!breaker.allows(start + second / 2));
        assert!(breaker.allows(start + second), "one trial");
        assert!(!breaker.allows(start + second), "and no second");
        assert_eq!(breaker.report(false, start + second), Change::StillOpen);
        assert!(!breaker.allows(start + second * 2), "the pause has doubled");
        assert!(breaker.allows(start + second * 3));
        assert_eq!(breaker.report(true, start + second * 3), Change::Closed);
        assert!(breaker.allows(start + second * 3));
    }
}
