//! Deadlines: read from `grpc-timeout`, capped, shaved, passed on, and reported as what they are.

use crate::{config::LimitsConfig, status, trace::Scope};
use http::{HeaderMap, HeaderValue};
use std::time::{Duration, Instant};
use tonic::Status;

const HEADER: &str = "grpc-timeout";

/// With less than this left a call is refused at once: it could only waste work.
const TOO_LITTLE: Duration = Duration::from_millis(2);

/// When the current call's answer stops being of use to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline that far from now.
    pub fn after(time: Duration) -> Self {
        let now = Instant::now();
        Self(
            now.checked_add(time)
                .unwrap_or(now + Duration::from_secs(86_400)),
        )
    }

    /// The deadline of the call that the current task serves. Tasks spawned with
    /// [`crate::trace::spawn`] keep it.
    pub fn current() -> Option<Self> {
        Scope::current(|scope| scope.deadline).flatten()
    }

    /// The time left; zero when passed.
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The moment itself.
    pub fn instant(&self) -> Instant {
        self.0
    }

    /// What the next hop gets: the time left less a tenth, at most 20 ms less.
    fn shaved(&self) -> Duration {
        let left = self.remaining();
        left - (left / 10).min(Duration::from_millis(20))
    }
}

/// Whether calls to that path may last for ever (health watches, reflection streams).
fn unlimited(path: &str) -> bool {
    path.starts_with("/grpc.health.") || path.starts_with("/grpc.reflection.")
}

/// Reads `grpc-timeout`: up to eight digits and a unit (gRPC over HTTP/2, "Timeout").
fn parse(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(HEADER)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(n * 3600),
        "M" => Duration::from_secs(n * 60),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
}

/// Writes `grpc-timeout`, rounding down to a unit that fits eight digits.
fn format(time: Duration) -> HeaderValue {
    const MOST: u128 = 99_999_999;
    let text = if time.as_micros() <= MOST {
        format!("{}u", time.as_micros())
    } else if time.as_millis() <= MOST {
        format!("{}m", time.as_millis())
    } else {
        format!("{}S", u128::from(time.as_secs()).min(MOST))
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("1S"))
}

/// Sets the deadline of an outgoing call: the shortest of the caller's own (shaved), the
/// channel's, and one set on the request. Refuses when almost nothing is left.
pub(crate) fn pass_on(headers: &mut HeaderMap, most: Duration) -> Result<Deadline, Box<Status>> {
    let mut time = most;
    if let Some(current) = Deadline::current() {
        time = time.min(current.shaved());
    }
    if let Some(asked) = parse(headers) {
        time = time.min(asked);
    }
    if time < TOO_LITTLE {
        let status = status::deadline_exceeded("too little time was left to ask another service");
        return Err(Box::new(status));
    }
    headers.insert(HEADER, format(time));
    Ok(Deadline::after(time))
}

/// Which deadline a server gives a call.
#[derive(Debug)]
pub(crate) struct Deadlines {
    default: Duration,
    most: Duration,
}

impl Deadlines {
    pub(crate) fn new(limits: &LimitsConfig) -> Self {
        let most = Duration::from_millis(limits.max_deadline_ms);
        Self {
            default: Duration::from_millis(limits.default_deadline_ms).min(most),
            most,
        }
    }

    /// The deadline of a call to that path, `None` for those that may last for ever, or the refusal
    /// of one that has too little time left.
    pub(crate) fn of(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Option<Deadline>, Box<Status>> {
        let asked = parse(headers);
        if asked.is_none() && unlimited(path) {
            return Ok(None);
        }
        let time = asked.map_or(self.default, |asked| asked.min(self.most));
        if time < TOO_LITTLE {
            let status = status::deadline_exceeded("too little time was left to begin");
            return Err(Box::new(status));
        }
        Ok(Some(Deadline::after(time)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_and_written_as_the_protocol_says() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_str(text).unwrap());
            parse(&headers)
        };
        assert_eq!(read("2S"), Some(Duration::from_secs(2)));
        assert_eq!(read("150m"), Some(Duration::from_millis(150)));
        assert_eq!(
            read("99999999H"),
            Some(Duration::from_secs(99_999_999 * 3600))
        );
        for bad in ["", "S", "123456789S", "1x", "-1S", "1 S", "1.5S"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        for time in [
            Duration::from_micros(2500),
            Duration::from_secs(70),
            Duration::from_secs(200_000),
        ] {
            assert_eq!(read(format(time).to_str().unwrap()), Some(time));
        }
        assert!(Deadline::after(Duration::MAX).remaining() > Duration::from_secs(3600));
    }

    #[test]
    fn the_next_hop_gets_a_little_less_and_nothing_when_almost_nothing_is_left() {
        let with = |left: Duration| {
            let _entered = Scope::with_deadline(Deadline::after(left)).attach();
            let mut headers = HeaderMap::new();
            pass_on(&mut headers, Duration::from_secs(5)).map(|_| parse(&headers).unwrap())
        };
        let passed = with(Duration::from_secs(1)).unwrap();
        assert!(passed <= Duration::from_millis(980) && passed > Duration::from_millis(900));
        assert!(with(Duration::from_secs(60)).unwrap() <= Duration::from_secs(5));
        let refused = with(Duration::from_millis(1)).unwrap_err();
        assert_eq!(refused.code(), tonic::Code::DeadlineExceeded);
    }
}
