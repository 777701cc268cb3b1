//! Reads the configs of projects, each on a thread of its own.
//!
//! A config can be on a file system that hangs. Neither a turn of another project nor a caller of
//! `status` may wait for it.

use crate::config::{self, Resolution};
use crate::record::launches::Launches;
use crate::record::project_key::ProjectKey;
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
    launches: Arc<Launches>,
    running: Mutex<Vec<RunningResolver>>,
}

#[derive(Debug)]
struct RunningResolver {
    project: ProjectKey,
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
    /// For the projects of these launches.
    pub(super) fn new(launches: Arc<Launches>) -> Self {
        Self { launches, running: Mutex::default() }
    }

    /// The resolution of a project, on this thread. No caller can receive an error
    /// here, so an error becomes the reason not to export.
    pub fn resolve(&self, project: &ProjectKey) -> Resolution {
        let Some(environment) = self.launches.environment(project.launch) else {
            let reason = "Telemetry is off: this process serves too many clients.";
            return Resolution::off("default", reason.to_owned());
        };
        let resolution = config::resolve(Path::new(&project.directory), &environment);
        resolution.unwrap_or_else(|error| Resolution::broken(&error))
    }

    /// Starts a thread that passes the resolution to `answer`. If the resolution panics, `answer` is
    /// dropped.
    pub fn start(
        self: &Arc<Self>,
        project: &ProjectKey,
        now: Instant,
        answer: impl FnOnce(Resolution) + Send + 'static,
    ) -> Start {
        {
            let mut running = self.running.lock();
            let is_in_time = |it: &&RunningResolver| now < it.started + TIME_LIMIT;
            // Every launch would hang in the same directory.
            let is_same = |it: &RunningResolver| it.project.directory == project.directory;
            let hangs = |it: &RunningResolver| is_same(it) && !is_in_time(&it);
            if running.iter().any(hangs) {
                return Start::Hangs;
            }
            let in_time = running.iter().filter(is_in_time).count();
            if in_time >= MAX_IN_TIME || running.len() >= MAX_THREADS {
                return Start::Busy;
            }
            running.push(RunningResolver { project: project.clone(), started: now });
        }
        let place = ResolverPlace { resolvers: Arc::clone(self), project: project.clone() };
        // Without a thread the closure is dropped, and the place with it.
        let started = thread::start("ccxray-config", move || {
            let resolution = place.resolvers.resolve(&place.project);
            drop(place);
            answer(resolution);
        });
        if started.is_ok() { Start::Started } else { Start::Busy }
    }
}

/// A place among the running threads. It becomes free when this is dropped, also by a panic.
struct ResolverPlace {
    resolvers: Arc<Resolvers>,
    project: ProjectKey,
}

impl Drop for ResolverPlace {
    fn drop(&mut self) {
        let mut running = self.resolvers.running.lock();
        let own = running.iter().position(|it| it.project == self.project);
        if let Some(own) = own {
            running.swap_remove(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use crate::util::clock::Timestamp;
    use crossbeam_channel::{Receiver, bounded};

    /// Resolvers whose answers hang until the test ends.
    fn hanging() -> (Arc<Resolvers>, impl Fn(&str, Instant) -> Start) {
        let resolvers = Arc::new(Resolvers::new(Arc::new(Launches::new(Environment::default()))));
        let of_answers = Arc::clone(&resolvers);
        let start = move |directory: &str, now| {
            let place = RunningResolver { project: directory.into(), started: now };
            let started = of_answers.start(&directory.into(), now, drop);
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
        let resolvers = Arc::new(Resolvers::new(Arc::new(Launches::new(Environment::default()))));
        let (sender, answers): (_, Receiver<Resolution>) = bounded(1);
        let answer = move |resolution| drop(sender.send(resolution));
        let started = resolvers.start(&"relative".into(), Timestamp::now().instant, answer);
        assert_eq!(started, Start::Started);
        assert_eq!(answers.recv().unwrap(), resolvers.resolve(&"relative".into()));
        settle(&resolvers, 0);
    }
}
