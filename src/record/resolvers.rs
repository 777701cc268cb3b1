//! Reads the configs of projects, each on a thread of its own.
//!
//! A config can be on a file system that hangs. Neither a turn of another project nor a caller of
//! `status` may wait for it.

use crate::config::{self, Environment, Resolution};
use crate::util::thread;
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the config of a project may take to be read.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Configs that are read at the same time.
const MAX_IN_TIME: usize = 4;
/// All threads that read a config. A thread that hangs in the system cannot be ended. It no longer
/// keeps others from starting once its time is over, up to this number.
const MAX_THREADS: usize = 32;

/// Starts the threads, and counts them.
#[derive(Debug)]
pub struct Resolvers {
    environment: Environment,
    running: Mutex<Vec<RunningResolver>>,
}

#[derive(Debug)]
struct RunningResolver {
    directory: String,
    started: Instant,
}

/// Whether a thread was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It reads the config now.
    Started,
    /// Too many threads read configs, or the system refuses to start one. Try again later.
    Busy,
    /// A thread has been reading the config of this directory for too long.
    Hangs,
}

impl Resolvers {
    /// For an environment that is the same for all projects of the process.
    pub fn new(environment: Environment) -> Self {
        Self { environment, running: Mutex::default() }
    }

    /// The resolution of the project in `directory`, on this thread. No caller can receive an error
    /// here, so an error becomes the reason not to export.
    pub fn resolve(&self, directory: &str) -> Resolution {
        let resolution = config::resolve(Path::new(directory), &self.environment);
        resolution.unwrap_or_else(|error| Resolution::broken(&error))
    }

    /// Starts a thread that passes the resolution to `answer`. If the resolution panics, `answer` is
    /// dropped.
    pub fn start(
        self: &Arc<Self>,
        directory: &str,
        now: Instant,
        answer: impl FnOnce(Resolution) + Send + 'static,
    ) -> Start {
        {
            let mut running = self.running.lock();
            let is_in_time = |it: &&RunningResolver| now < it.started + TIME_LIMIT;
            let hangs = |it: &RunningResolver| it.directory == directory && !is_in_time(&it);
            if running.iter().any(hangs) {
                return Start::Hangs;
            }
            let in_time = running.iter().filter(is_in_time).count();
            if in_time >= MAX_IN_TIME || running.len() >= MAX_THREADS {
                return Start::Busy;
            }
            running.push(RunningResolver { directory: directory.to_owned(), started: now });
        }
        let place = ResolverPlace { resolvers: Arc::clone(self), directory: directory.to_owned() };
        // Without a thread the closure is dropped, and the place with it.
        let started = thread::start("ccxray-config", move || {
            let resolution = place.resolvers.resolve(&place.directory);
            drop(place);
            answer(resolution);
        });
        if started.is_ok() { Start::Started } else { Start::Busy }
    }
}

/// A place among the running threads. It becomes free when this is dropped, also by a panic.
struct ResolverPlace {
    resolvers: Arc<Resolvers>,
    directory: String,
}

impl Drop for ResolverPlace {
    fn drop(&mut self) {
        let mut running = self.resolvers.running.lock();
        let own = running.iter().position(|it| it.directory == self.directory);
        if let Some(own) = own {
            running.swap_remove(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::clock::Timestamp;
    use crossbeam_channel::{Receiver, bounded};

    /// Resolvers whose answers hang until the test ends.
    fn hanging() -> (Arc<Resolvers>, impl Fn(&str, Instant) -> Start) {
        let resolvers = Arc::new(Resolvers::new(Environment::default()));
        let of_answers = Arc::clone(&resolvers);
        let start = move |directory: &str, now| {
            let place = RunningResolver { directory: directory.to_owned(), started: now };
            let started = of_answers.start(directory, now, drop);
            if started == Start::Started {
                // A thread that hangs keeps its place.
                of_answers.running.lock().push(place);
            }
            started
        };
        (resolvers, start)
    }

    /// Waits until only the places of threads that hang are left.
    fn settle(resolvers: &Resolvers, hanging: usize) {
        while resolvers.running.lock().len() > hanging {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_file_system_that_hangs_keeps_no_other_project_waiting_for_long() {
        let (resolvers, start) = hanging();
        let now = Timestamp::now().instant;
        for number in 0..MAX_IN_TIME {
            assert_eq!(start(&format!("/hangs{number}"), now), Start::Started);
            settle(&resolvers, number + 1);
        }
        assert_eq!(start("/fine", now), Start::Busy);
        let later = now + TIME_LIMIT;
        assert_eq!(start("/hangs0", later), Start::Hangs, "a second thread would hang as well");
        assert_eq!(start("/fine", later), Start::Started);
    }

    #[test]
    fn the_threads_that_hang_are_bounded() {
        let (resolvers, start) = hanging();
        let mut now = Timestamp::now().instant;
        for number in 0..MAX_THREADS {
            assert_eq!(start(&format!("/hangs{number}"), now), Start::Started);
            settle(&resolvers, number + 1);
            now += TIME_LIMIT;
        }
        assert_eq!(start("/fine", now), Start::Busy);
    }

    #[test]
    fn an_answer_comes_from_another_thread() {
        let resolvers = Arc::new(Resolvers::new(Environment::default()));
        let (sender, answers): (_, Receiver<Resolution>) = bounded(1);
        let answer = move |resolution| drop(sender.send(resolution));
        let started = resolvers.start("relative", Timestamp::now().instant, answer);
        assert_eq!(started, Start::Started);
        assert_eq!(answers.recv().unwrap(), resolvers.resolve("relative"));
        settle(&resolvers, 0);
    }
}
