//! A request's body that can be sent again from its beginning, while it is small.

use bytes::Bytes;
use http_body::Frame;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tonic::{Status, body::Body};

/// What is kept for sending again, in bytes; a body that has sent more cannot be rewound.
const KEEP: usize = 256 * 1024;

/// The body of one call, whoever is playing it.
pub(super) struct Replay(Arc<Mutex<Tape>>);

struct Tape {
    source: Body,
    kept: Vec<Bytes>,
    bytes: usize,
    /// Part of the beginning is no longer kept.
    cut: bool,
    /// Which player may read: rewinding leaves earlier players with nothing.
    generation: usize,
}

/// One attempt's reading of the body.
pub(super) struct Player {
    tape: Arc<Mutex<Tape>>,
    generation: usize,
    next: usize,
}

impl Replay {
    pub fn new(source: Body) -> Self {
        let tape = Tape {
            source,
            kept: Vec::new(),
            bytes: 0,
            cut: false,
            generation: 0,
        };
        Self(Arc::new(Mutex::new(tape)))
    }

    /// Reads from the beginning.
    pub fn player(&self) -> Player {
        let generation = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .generation;
        Player {
            tape: self.0.clone(),
            generation,
            next: 0,
        }
    }

    /// Makes the body ready for another [`Self::player`]; false when its beginning is gone.
    pub fn rewind(&self) -> bool {
        let mut tape = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tape.generation += 1;
        !tape.cut
    }
}

impl http_body::Body for Player {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let mut tape = this.tape.lock().unwrap_or_else(PoisonError::into_inner);
        if tape.generation != this.generation {
            return Poll::Ready(None);
        }
        if let Some(bytes) = tape.kept.get(this.next) {
            this.next += 1;
            return Poll::Ready(Some(Ok(Frame::data(bytes.clone()))));
        }
        let frame = std::task::ready!(Pin::new(&mut tape.source).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            match frame.data_ref() {
                Some(bytes) if !tape.cut && tape.bytes + bytes.len() <= KEEP => {
                    tape.bytes += bytes.len();
                    let bytes = bytes.clone();
                    tape.kept.push(bytes);
                    this.next += 1;
                }
                _ => {
                    // The kept frames can no longer be the whole beginning.
                    tape.cut = true;
                    tape.kept.clear();
                    this.next = 0;
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        tape.generation != self.generation
            || (self.next >= tape.kept.len() && tape.source.is_end_stream())
    }
}
