//! The launches of the clients that this process serves. A client of a hub has its own home directory
//! and variables; those of the launch that started the hub do not count for it.

use crate::config::Environment;
use crate::record::launch_id::LaunchId;
use lru::LruCache;
use parking_lot::Mutex;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Launches that are remembered. One that was not used for long is forgotten first.
const MAX_LAUNCHES: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// No number is used again, so that a launch of a process that was shut down names no other one.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The environment of this process, and those of its clients.
#[derive(Debug)]
pub(super) struct Launches {
    own: Launch,
    others: Mutex<LruCache<LaunchId, Launch>>,
}

#[derive(Clone, Debug)]
struct Launch {
    environment: Arc<Environment>,
    /// Its variables turn telemetry off. Each entry asks for this.
    is_switched_off: bool,
}

impl Launch {
    fn new(environment: Environment) -> Self {
        let is_switched_off = environment.is_switched_off();
        Self { environment: Arc::new(environment), is_switched_off }
    }
}

impl Launches {
    pub(super) fn new(own: Environment) -> Self {
        Self { own: Launch::new(own), others: Mutex::new(LruCache::new(MAX_LAUNCHES)) }
    }

    /// Remembers the environment of a client. What describes the host is the same for all clients.
    pub(super) fn add(&self, environment: Environment) -> LaunchId {
        let host_version = self.own.environment.host_version.clone();
        let environment = Environment { host_version, ..environment };
        let mut others = self.others.lock();
        let is_same = |known: &Launch| *known.environment == environment;
        let known = others.iter().find(|(_, known)| is_same(known)).map(|(id, _)| *id);
        if let Some(id) = known {
            others.promote(&id);
            return id;
        }
        let id = LaunchId(NEXT.fetch_add(1, Ordering::Relaxed));
        others.put(id, Launch::new(environment));
        id
    }

    /// The environment of a launch; without one, that of this process. `None` if it is not remembered.
    pub(super) fn environment(&self, launch: Option<LaunchId>) -> Option<Arc<Environment>> {
        match launch {
            None => Some(Arc::clone(&self.own.environment)),
            Some(id) => self.others.lock().get(&id).map(|it| Arc::clone(&it.environment)),
        }
    }

    /// Whether the variables of a launch turn telemetry off. Those of a launch that is not remembered
    /// are unknown, so nothing of it is counted.
    pub(super) fn is_switched_off(&self, launch: Option<LaunchId>) -> bool {
        match launch {
            None => self.own.is_switched_off,
            Some(id) => self.others.lock().get(&id).is_none_or(|it| it.is_switched_off),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str, value: &str) -> Environment {
        let variables = [(name.to_owned(), value.to_owned())].into_iter().collect();
        Environment { variables, ..Environment::default() }
    }

    #[test]
    fn equal_environments_are_one_launch() {
        let own = Environment { host_version: Some("1".to_owned()), ..Environment::default() };
        let launches = Launches::new(own);
        let on = launches.add(environment("CCXRAY_OTEL_TIER", "1"));
        let off = launches.add(environment("CCXRAY_OTEL_TIER", "0"));
        assert_ne!(on, off);
        assert_eq!(launches.add(environment("CCXRAY_OTEL_TIER", "1")), on);
        let found = launches.environment(Some(off)).unwrap();
        assert_eq!(found.variables.get("CCXRAY_OTEL_TIER"), Some("0"));
        assert_eq!(found.host_version.as_deref(), Some("1"));
        assert_eq!(
            (launches.is_switched_off(Some(on)), launches.is_switched_off(Some(off))),
            (false, true)
        );
        assert!(launches.environment(None).unwrap().variables.get("CCXRAY_OTEL_TIER").is_none());
    }

    #[test]
    fn a_launch_that_is_used_is_not_forgotten() {
        let launches = Launches::new(Environment::default());
        let used = launches.add(environment("A", "used"));
        let unused = launches.add(environment("A", "unused"));
        for i in 0..MAX_LAUNCHES.get() - 1 {
            launches.add(environment("A", &i.to_string()));
            assert!(launches.environment(Some(used)).is_some());
        }
        assert!(launches.environment(Some(unused)).is_none());
        assert!(launches.is_switched_off(Some(unused)), "nobody knows what it allows");
    }
}
