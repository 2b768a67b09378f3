//! Files that may kill their reader are read by processes of their own.
//!
//! A stack that overflows or memory that cannot be had ends a process, and nothing in it can stop that. So binary
//! documents, and pages whose tree may take long to build, go to a few children, which are this program started with a hidden subcommand: bytes over a pipe, the
//! page back, each message led by its length. A child takes no more memory and no more time of the processor than
//! its limits say; the clock on the wall is never asked, so that a busy machine changes no result. A child that
//! dies costs one row. It is asked once more when it had read other files before, so that these change no result.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs::Encoding;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::Limits;
use crate::decode::{Decoded, decode_apart, format_of};
use crate::model::document::Document;
use crate::model::file::Format;
use crate::model::verdict::{Blame, Cause, Problem};

/// The subcommand that makes the program a child.
pub const SUBCOMMAND: &str = "worker";

/// A reply is never longer: a page is not larger than what its file may inflate to, several times over.
const MAX_REPLY_BYTES: u64 = 1 << 30;

/// The signal of a process that used up its time (XNU and Linux agree).
const SIGXCPU: i32 = 24;

/// Why children cannot be used: a fault of the machine, not of a file.
#[derive(Debug, Error)]
#[error("start {program} to read office files")]
pub struct WorkerError {
    program: PathBuf,
    #[source]
    source: io::Error,
}

/// The children of a run. Each is used by one thread at a time.
#[derive(Debug)]
pub struct Workers {
    program: Option<PathBuf>,
    idle: Mutex<Vec<Worker>>,
    living: Arc<Living>,
}

/// The children that live, so that they can be ended from outside the threads that use them.
#[derive(Debug, Default)]
struct Living(Mutex<(Vec<Pid>, bool)>);

impl Living {
    /// Notes a child; `false` when the run is over and no child should live.
    fn begin(&self, child: &Child) -> bool {
        let mut living = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        living.0.push(Pid::from_child(child));
        !living.1
    }

    /// Forgets a child. Its number belongs to it until it is waited for, which must come after this.
    fn end(&self, child: &Child) {
        let mut living = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        living.0.retain(|known| *known != Pid::from_child(child));
    }
}

impl Workers {
    /// Children that are this program; `program` is where it lies.
    #[must_use]
    pub fn of(program: &Path) -> Self {
        Self { program: Some(program.to_owned()), ..Self::none() }
    }

    /// No children: files are read in this process, which a hostile one may end.
    #[must_use]
    pub fn none() -> Self {
        Self { program: None, idle: Mutex::default(), living: Arc::default() }
    }

    /// Kills the children, whatever they do, and starts no more: the run is to stop.
    pub fn stop(&self) {
        let mut living = self.living.0.lock().unwrap_or_else(PoisonError::into_inner);
        living.1 = true;
        for child in &living.0 {
            // One that has ended by itself needs no more.
            let _ = kill_process(*child, Signal::KILL);
        }
    }

    /// Ends the children that have nothing to do; more are started when needed.
    pub fn rest(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether there are children.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.program.is_some()
    }

    /// Reads a binary file, or a page that takes long.
    ///
    /// # Errors
    /// When a child cannot be started.
    pub fn decode(&self, bytes: &[u8], limits: &Limits) -> Result<Decoded, WorkerError> {
        let Some(program) = &self.program else { return Ok(decode_apart(bytes, limits)) };
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let is_fresh = known.is_none();
        let start = || {
            Worker::start(program, limits, &self.living)
                .map_err(|source| WorkerError { program: program.clone(), source })
        };
        let mut worker = known.map_or_else(start, Ok)?;
        let mut reply = worker.ask(bytes);
        if reply.is_err() && !is_fresh {
            // Its end may be due to what it had read before.
            worker = start()?;
            reply = worker.ask(bytes);
        }
        let document = match reply {
            Ok(reply) => {
                if worker.n_files < limits.worker_files {
                    idle().push(worker);
                }
                let encoding = reply.encoding.and_then(|name| Encoding::for_label(name.as_bytes())).map(Encoding::name);
                return Ok(Decoded { format: reply.format, encoding, document: reply.document, needs_child: false });
            }
            Err(_) => Err(worker.obituary(limits)),
        };
        Ok(Decoded { format: format_of(bytes), encoding: None, document, needs_child: false })
    }
}

/// What a child says of a file.
#[derive(Serialize, Deserialize)]
struct Reply {
    format: Format,
    encoding: Option<String>,
    document: Result<Document, Problem>,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    to: Option<ChildStdin>,
    from: ChildStdout,
    n_files: usize,
    living: Arc<Living>,
}

impl Worker {
    fn start(program: &Path, limits: &Limits, living: &Arc<Living>) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let to = child.stdin.take().ok_or_else(missing)?;
        let from = child.stdout.take().ok_or_else(missing)?;
        let is_wanted = living.begin(&child);
        let mut worker = Self { child, to: Some(to), from, n_files: 0, living: Arc::clone(living) };
        if !is_wanted {
            worker.child.kill()?;
            return Err(io::ErrorKind::Interrupted.into());
        }
        let to = worker.to.as_mut().ok_or_else(missing)?;
        send(to, &postcard::to_stdvec(limits).map_err(io::Error::other)?)?;
        Ok(worker)
    }

    fn ask(&mut self, bytes: &[u8]) -> io::Result<Reply> {
        self.n_files += 1;
        let to = self.to.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        send(to, bytes)?;
        let reply = receive(&mut self.from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        postcard::from_bytes(&reply).map_err(io::Error::other)
    }

    /// Why it died.
    fn obituary(&mut self, limits: &Limits) -> Problem {
        self.to = None;
        // It is dead or damaged: what it still does counts no more.
        let _ = self.child.kill();
        let mut last_words = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            // Words that are no UTF-8 or cannot be read say nothing.
            let _ = stderr.take(4_096).read_to_string(&mut last_words);
        }
        self.living.end(&self.child);
        let signal = self.child.wait().ok().and_then(|status| status.signal());
        let limit = |what: String| {
            let message = format!("reading the file needs more than {what}: check whether it is a real file");
            Problem::new(Cause::Limit, Blame::Source, message)
        };
        if signal == Some(SIGXCPU) {
            return limit(format!("{} seconds of the processor (limits.worker_seconds)", limits.worker_seconds));
        }
        if last_words.contains("memory allocation") {
            return limit(format!("{} bytes of memory (limits.worker_bytes)", limits.worker_bytes));
        }
        let how = if last_words.contains("overflowed its stack") { "its stack overflowed" } else { "it was ended" };
        let message = format!("the process that read the file died ({how}): convert the file to HTML or text");
        Problem::new(Cause::WorkerDied, Blame::Reading, message)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It ends when nothing more comes.
        self.to = None;
        self.living.end(&self.child);
        let _ = self.child.wait();
    }
}

/// The work of a child: reads files from `from` until there are no more, and says on `to` what they hold.
///
/// # Errors
/// When the other end is gone.
pub fn serve(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let Some(limits) = receive(&mut from)? else { return Ok(()) };
    let limits: Limits = postcard::from_bytes(&limits).map_err(io::Error::other)?;
    confine(Resource::As, limits.worker_bytes)?;
    confine(Resource::Core, 0)?;
    // A panic is told in the reply; its own words would only fill the pipe.
    std::panic::set_hook(Box::new(|_| {}));
    while let Some(bytes) = receive(&mut from)? {
        let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
        confine(Resource::Cpu, used.saturating_add(limits.worker_seconds).saturating_add(1))?;
        let decoded = catch_unwind(AssertUnwindSafe(|| decode_apart(&bytes, &limits)));
        let reply = decoded.map_or_else(
            |panic| Reply { format: format_of(&bytes), encoding: None, document: Err(internal(panic.as_ref())) },
            |decoded| {
                let encoding = decoded.encoding.map(str::to_owned);
                Reply { format: decoded.format, encoding, document: decoded.document }
            },
        );
        send(&mut to, &postcard::to_stdvec(&reply).map_err(io::Error::other)?)?;
    }
    Ok(())
}

/// A fault of this program that stopped the reading of a file.
pub(crate) fn internal(panic: &(dyn std::any::Any + Send)) -> Problem {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let message = format!("a fault of this program stopped the reading of the file ({what}): report it with the file");
    Problem::new(Cause::Internal, Blame::Reading, message)
}

/// Lowers what this process may use of a resource.
fn confine(resource: Resource, most: u64) -> io::Result<()> {
    let known = getrlimit(resource);
    let most = known.maximum.map_or(most, |maximum| most.min(maximum));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: known.maximum })?)
}

fn send(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// A message; `None` where there are no more.
fn receive(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    let mut read = 0;
    while read < length.len() {
        match from.read(&mut length[read..])? {
            0 if read == 0 => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            more => read += more,
        }
    }
    let length = u64::from_le_bytes(length);
    if length > MAX_REPLY_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_child_answers_file_by_file_and_ends_with_its_input() {
        let limits = Config::embedded().expect("settings").limits;
        // The limits of this process are not lowered: half of no limit is tested by whole runs.
        let limits = Limits { worker_bytes: u64::MAX, worker_seconds: 1 << 30, ..limits };
        let mut input = Vec::new();
        send(&mut input, &postcard::to_stdvec(&limits).expect("limits")).expect("sends");
        send(&mut input, b"PK\x03\x04").expect("sends");
        let mut output = Vec::new();
        serve(&input[..], &mut output).expect("serves");
        let reply = receive(&mut &output[..]).expect("reads").expect("a reply");
        let reply: Reply = postcard::from_bytes(&reply).expect("a reply");
        assert_eq!((reply.format, reply.document.map_err(|problem| problem.cause)), (Format::Zip, Err(Cause::Corrupt)));
        assert!(receive(&mut &output[..output.len() - 1]).is_err());
    }
}
