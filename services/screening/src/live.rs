//! The snapshot in use, replaced while calls run.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use concord_kit::CancellationToken;
use tokio::task::JoinError;

use crate::loaded::Loaded;
use crate::store::{ListStore, Pointer, StoreError};

/// The snapshot in use. Dropping the last handle ends the watching of the store.
#[derive(Debug)]
pub struct Live {
    loaded: Arc<ArcSwap<Loaded>>,
    stop: CancellationToken,
}

impl Live {
    /// Loads what the store holds and watches it from now on.
    ///
    /// # Errors
    /// A damaged store: a service does not start on a guess.
    pub async fn start(store: ListStore, interval: Duration) -> Result<Self, StoreError> {
        let first = store.clone();
        let read = move || {
            // In this order a snapshot added in between is seen as new at the first look.
            let pointer = first.pointer()?;
            Ok::<_, StoreError>((pointer, Loaded::from_store(&first)?))
        };
        let (pointer, loaded) = off_thread(read).await?;
        let loaded = Arc::new(ArcSwap::from_pointee(loaded));
        let stop = CancellationToken::new();
        tracing::info!(
            snapshot = loaded.load().snapshot().digest(),
            parties = loaded.load().len(),
            "lists loaded"
        );
        let watch = Watch {
            store,
            pointer,
            complaint: String::new(),
            loaded: loaded.clone(),
        };
        tokio::spawn(watch.run(interval, stop.clone()));
        Ok(Self { loaded, stop })
    }

    /// The snapshot in use now; it stays valid for whoever holds it.
    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.load_full()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Watch {
    store: ListStore,
    pointer: Option<Pointer>,
    /// The last complaint, so that a lasting fault is one line in the log.
    complaint: String,
    loaded: Arc<ArcSwap<Loaded>>,
}

enum Change {
    None,
    /// The same content was loaded again.
    Records(Pointer),
    Snapshot(Box<(Pointer, Loaded)>),
}

impl Watch {
    async fn run(mut self, interval: Duration, stop: CancellationToken) {
        while stop
            .run_until_cancelled(tokio::time::sleep(interval))
            .await
            .is_some()
        {
            let (store, known) = (self.store.clone(), self.pointer.clone());
            match off_thread(move || look(&store, known.as_ref())).await {
                Ok(change) => {
                    self.complaint.clear();
                    self.take(change);
                }
                // The last good snapshot stays in use; its age is in every answer.
                Err(error) => {
                    let text = error.to_string();
                    if text != self.complaint {
                        tracing::error!(
                            error = text,
                            "new lists are not usable, the loaded ones stay"
                        );
                        self.complaint = text;
                    }
                }
            }
        }
    }

    fn take(&mut self, change: Change) {
        let (pointer, loaded) = match change {
            Change::None => return,
            Change::Records(pointer) => {
                let loaded = self.loaded.load().with_records(pointer.lists.clone());
                (pointer, loaded)
            }
            Change::Snapshot(new) => *new,
        };
        tracing::info!(
            snapshot = loaded.snapshot().digest(),
            parties = loaded.len(),
            "lists replaced"
        );
        self.loaded.store(Arc::new(loaded));
        self.pointer = Some(pointer);
    }
}

/// What is new in the store. A store that has become empty is an error: loaded lists are not given up for an example.
fn look(store: &ListStore, known: Option<&Pointer>) -> Result<Change, StoreError> {
    let now = match (store.pointer()?, known) {
        (None, None) => return Ok(Change::None),
        (None, Some(_)) => {
            return Err(StoreError::Io {
                path: store.dir().join(crate::store::CURRENT),
                action: "read",
                problem: std::io::ErrorKind::NotFound.into(),
            });
        }
        (Some(now), _) => now,
    };
    match known {
        Some(known) if *known == now => Ok(Change::None),
        Some(known) if known.digest == now.digest => Ok(Change::Records(now)),
        _ => match store.current()? {
            // `current` may have moved on since: what was read is what counts.
            Some(current) => {
                let pointer = current.pointer.clone();
                let loaded = Loaded::new(current.snapshot, current.pointer.lists);
                Ok(Change::Snapshot(Box::new((pointer, loaded))))
            }
            None => Ok(Change::None),
        },
    }
}

/// Blocking work off the asynchronous threads; a panic in it goes on as one.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work)
        .await
        .map_err(JoinError::try_into_panic)
    {
        Ok(value) => value,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // Cancelled: the runtime is ending, and this task with it.
        Err(Err(_)) => std::future::pending().await,
    }
}
