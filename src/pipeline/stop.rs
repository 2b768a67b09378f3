//! The wish that a run should end, told to it from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::RunError;

/// Whether a run should stop. Clones tell of the same wish.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// The number of the signal for whose sake the run should stop, 0 while there is none. Whoever wishes the run to
    /// end stores one here; a handler of signals may do so.
    #[must_use]
    pub fn wish(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// The signal for whose sake the run should stop, if it should.
    #[must_use]
    pub fn asked(&self) -> Option<usize> {
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
