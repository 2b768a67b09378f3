//! The wish that a run should end, told to it from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use super::RunError;

/// Whether a run should stop. Clones tell of the same wish.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicI32>);

impl Stop {
    /// Asks the run to stop, for the sake of this signal.
    pub fn ask(&self, signal: i32) {
        self.0.store(signal, Ordering::SeqCst);
    }

    /// The signal for whose sake the run should stop, if it should.
    #[must_use]
    pub fn asked(&self) -> Option<i32> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// Fails when the run should stop.
    pub(super) fn check(&self) -> Result<(), RunError> {
        self.asked().map_or(Ok(()), |signal| Err(RunError::Stopped { signal }))
    }
}
