//! An end comes once, and everybody who waits for it is told, once.

use ccxray_otel_loom::pipeline::shutdown::Shutdown;
use ccxray_otel_loom::util::reply::Reply;
use loom::model::Builder;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use parking_lot::Mutex;

#[test]
fn everybody_who_asks_is_told_once_and_one_sees_to_the_end() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shutdown = Arc::new(Mutex::<Shutdown>::default());
        let told = Arc::new(AtomicUsize::new(0));
        let ends = Arc::new(AtomicUsize::new(0));
        let ask = |shutdown: &Mutex<Shutdown>, told: Arc<AtomicUsize>, ends: &AtomicUsize| {
            let reply = Reply::new(move |delivered| {
                assert!(delivered);
                told.fetch_add(1, Ordering::SeqCst);
            });
            if Shutdown::join(shutdown, reply) {
                ends.fetch_add(1, Ordering::SeqCst);
                Shutdown::end(shutdown, true);
            }
        };
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (shutdown, told, ends) =
                    (Arc::clone(&shutdown), Arc::clone(&told), Arc::clone(&ends));
                thread::spawn(move || ask(&shutdown, told, &ends))
            })
            .collect();
        ask(&shutdown, Arc::clone(&told), &ends);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(told.load(Ordering::SeqCst), 3);
        assert_eq!(ends.load(Ordering::SeqCst), 1);
        assert_eq!(Shutdown::result(&shutdown), Some(true));
    });
}
