//! Every call that changes the output folder, so that tests can let each of them fail.
//!
//! Here stand the calls of the system, and the one way in which whole files are written: who calls says what was tried and on
//! which path. In tests a plan may be armed for a folder: the n-th call below it fails, once or from then on, or the disk is full after so many bytes.

#![expect(clippy::disallowed_methods, reason = "files are written through here")]

#[cfg(test)]
pub(crate) mod plan;

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
#[cfg(test)]
use std::path::PathBuf;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// A folder is made.
    Folder,
    /// A file is made, or opened to be written.
    Create,
    /// A file is opened to be read again.
    Open,
    /// Bytes are written.
    #[cfg(test)]
    Write,
    /// A file or folder is synced.
    Sync,
    /// A name is moved.
    Rename,
    /// A link is made.
    Link,
    /// A file or folder is removed.
    Remove,
}

/// Lets a call fail where a plan says so.
#[cfg(test)]
fn meet(call: Call, path: &Path) -> io::Result<()> {
    plan::meet(call, path)
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
#[inline(always)]
fn meet(_: Call, _: &Path) -> io::Result<()> {
    Ok(())
}

/// A file that is written.
#[derive(Debug)]
pub(crate) struct File {
    file: fs::File,
    #[cfg(test)]
    path: PathBuf,
}

impl File {
    /// Makes a file, or empties the one that is there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::of(OpenOptions::new().write(true).create(true).truncate(true), path)
    }

    /// Makes a file that is read while it is written, and that must not be there yet.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn create_new(path: &Path) -> io::Result<Self> {
        Self::of(OpenOptions::new().read(true).write(true).create_new(true), path)
    }

    /// Opens a file with what is in it, or makes it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn keep(path: &Path) -> io::Result<Self> {
        Self::of(OpenOptions::new().read(true).write(true).create(true).truncate(false), path)
    }

    fn of(options: &OpenOptions, path: &Path) -> io::Result<Self> {
        meet(Call::Create, path)?;
        Ok(Self {
            file: options.open(path)?,
            #[cfg(test)]
            path: path.to_owned(),
        })
    }

    /// The same file, to read from.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn reader(&self) -> io::Result<fs::File> {
        self.file.try_clone()
    }

    /// Waits until the disk has what was written.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn sync_all(&self) -> io::Result<()> {
        #[cfg(test)]
        meet(Call::Sync, &self.path)?;
        self.file.sync_all()
    }

    /// Empties the file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn clear(&self) -> io::Result<()> {
        self.file.set_len(0)
    }

    /// Takes the lock of the file, if nobody holds it.
    ///
    /// # Errors
    /// When somebody does, or the system refuses.
    pub(crate) fn try_lock(&self) -> Result<(), TryLockError> {
        self.file.try_lock()
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(test)]
        let bytes = &bytes[..plan::room(&self.path, bytes.len())?];
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

/// Writes a whole file and waits until the disk has it.
///
/// # Errors
/// The step that the disk refuses, and why.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), (&'static str, io::Error)> {
    let step = |action| move |source| (action, source);
    let mut file = File::create(path).map_err(step("make"))?;
    file.write_all(bytes).map_err(step("write"))?;
    file.sync_all().map_err(step("sync"))
}

/// Opens a file of the output folder to be read.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn open(path: &Path) -> io::Result<fs::File> {
    meet(Call::Open, path)?;
    fs::File::open(path)
}

/// The bytes of a file of the output folder.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits until the disk has the names in a folder.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    meet(Call::Sync, path)?;
    fs::File::open(path)?.sync_all()
}

/// Makes a folder and those it lies in.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn create_dir_all(path: &Path) -> io::Result<()> {
    meet(Call::Folder, path)?;
    fs::create_dir_all(path)
}

/// Moves a name, over another one where there is one.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    meet(Call::Rename, to)?;
    fs::rename(from, to)
}

/// Makes a link.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    meet(Call::Link, link)?;
    std::os::unix::fs::symlink(target, link)
}

/// Removes a file.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    meet(Call::Remove, path)?;
    fs::remove_file(path)
}

/// Removes a folder that is empty.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn remove_dir(path: &Path) -> io::Result<()> {
    meet(Call::Remove, path)?;
    fs::remove_dir(path)
}

/// Removes a folder with all that is in it.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn remove_dir_all(path: &Path) -> io::Result<()> {
    meet(Call::Remove, path)?;
    fs::remove_dir_all(path)
}
