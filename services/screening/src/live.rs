//! The snapshot in use, replaced while calls run.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use concord_kit::CancellationToken;
use concord_kit::announce::Announcements;
use tokio::task::JoinError;

use concord_names::Profile;

use crate::good_guys::GoodGuys;
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
    pub async fn start(
        store: ListStore,
        interval: Duration,
        others: Option<Announcements>,
    ) -> Result<Self, StoreError> {
        let first = store.clone();
        let read = move || {
            // In this order a snapshot added in between is seen as new at the first look.
            let pointer = first.pointer()?;
            let loaded = Loaded::from_store(&first)?;
            loaded.prepare(&Profile::DEFAULT);
            Ok::<_, StoreError>((pointer, loaded))
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
            others,
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
    /// The other replicas.
    others: Option<Announcements>,
}

enum Change {
    None,
    /// The same content was loaded again.
    Records(Pointer),
    Snapshot(Box<(Pointer, Loaded)>),
    /// The same lists, another good-guy list.
    GoodGuys(Arc<GoodGuys>),
}

impl Watch {
    async fn run(mut self, interval: Duration, stop: CancellationToken) {
        let heard = self.others.as_ref().map(|o| o.listen(stop.clone()));
        let next = || async {
            let told = async {
                match &heard {
                    Some(heard) => heard.notified().await,
                    None => std::future::pending().await,
                }
            };
            // By itself, and so to be told to the others.
            tokio::time::timeout(interval, told).await.is_err()
        };
        while let Some(by_itself) = stop.run_until_cancelled(next()).await {
            let (store, known) = (self.store.clone(), self.pointer.clone());
            let before = self.loaded.load_full();
            match off_thread(move || look(&store, known.as_ref(), &before)).await {
                Ok(change) => {
                    self.complaint.clear();
                    let new = self.take(change);
                    if let Some(others) = self.others.as_ref().filter(|_| new && by_itself) {
                        others.announce();
                    }
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

    /// Takes up what is new; false where nothing is.
    fn take(&mut self, change: Change) -> bool {
        let (pointer, loaded) = match change {
            Change::None => return false,
            Change::GoodGuys(list) => {
                let loaded = self.loaded.load().with_good_guys(list);
                tracing::info!(
                    good_guys = loaded.good_guys().digest(),
                    "good-guy list replaced"
                );
                self.loaded.store(Arc::new(loaded));
                return true;
            }
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
        true
    }
}

/// The good-guy list where it is another than before. One that is damaged covers nothing: every hit counts.
fn good_guys(store: &ListStore, before: &Loaded) -> Option<Arc<GoodGuys>> {
    let now = store.good_guys().unwrap_or_else(|e| {
        if !before.good_guys().entries().is_empty() {
            tracing::error!(
                error = e.to_string(),
                "the good-guy list is not usable, every hit counts"
            );
        }
        GoodGuys::default()
    });
    (now != **before.good_guys()).then(|| now.into())
}

/// What is new in the store. A store that has become empty is an error: loaded lists are not given up for an example.
fn look(store: &ListStore, known: Option<&Pointer>, before: &Loaded) -> Result<Change, StoreError> {
    let now = match (store.pointer()?, known) {
        (None, None) => {
            return Ok(good_guys(store, before).map_or(Change::None, Change::GoodGuys));
        }
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
        Some(known) if *known == now => {
            Ok(good_guys(store, before).map_or(Change::None, Change::GoodGuys))
        }
        Some(known) if known.digest == now.digest => Ok(Change::Records(now)),
        _ => match store.current()? {
            // `current` may have moved on since: what was read is what counts.
            Some(current) => {
                let pointer = current.pointer.clone();
                let loaded = Loaded::new(current.snapshot, current.pointer.lists)
                    .with_good_guys(before.good_guys().clone());
                // Every profile in use is ready before a call meets the new lists.
                before
                    .prepared()
                    .for_each(|profile| loaded.prepare(profile));
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
