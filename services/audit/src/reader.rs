//! Reads off the runtime's own threads, a bounded number at a time.

use std::sync::Arc;

use concord_kit::status::Problem;
use tokio::sync::Semaphore;
use tonic::Status;

use crate::store::Reads;

/// Reads at the same time; each has a thread and a connection while it runs.
const READERS: usize = 8;

/// The way to the stored log for whoever only reads. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Reader {
    reads: Arc<dyn Reads>,
    places: Arc<Semaphore>,
}

impl Reader {
    pub fn new(reads: Arc<dyn Reads>) -> Self {
        let places = Arc::new(Semaphore::new(READERS));
        Self { reads, places }
    }

    /// Runs a read and waits for it.
    pub async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Reads) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        let reads = self.reads.clone();
        let place = self
            .places
            .clone()
            .acquire_owned()
            .await
            .map_err(Problem::internal)?;
        let work = move || {
            let _place = place; // also when the caller has gone and the read still runs
            read(&*reads)
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Problem::internal)?
    }
}
