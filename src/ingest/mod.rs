//! Every file that the walk meets, exactly once: which files there are, and their bytes.
//!
//! The walk is sorted, so the order of files never depends on the disk. Links are not followed, devices
//! and pipes never opened; what is left alone is listed as skipped, what cannot be read as unreadable.

#![expect(clippy::disallowed_methods, reason = "this stage is where files are listed and read")]

mod read;
mod walk;

pub use read::{Contents, digest, head, open, read, stamp};
pub use walk::{Entry, IngestError, Walk, litter};
