//! One caller starts the shutdown, and each caller gets one reply, in every interleaving of the callers.

use ccxray_otel_loom::pipeline::shutdown::Shutdown;
use ccxray_otel_loom::util::reply::Reply;
use loom::model::Builder;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

#[test]
fn every_caller_gets_one_reply_from_one_shutdown() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shutdown = Arc::new(Shutdown::default());
        let replies = Arc::new(AtomicUsize::new(0));
        let starts = Arc::new(AtomicUsize::new(0));
        let call = |shutdown: &Shutdown, replies: Arc<AtomicUsize>, starts: &AtomicUsize| {
            let reply = Reply::new(move |delivered: bool| {
                assert!(delivered);
                replies.fetch_add(1, Ordering::SeqCst);
            });
            if shutdown.join(reply) {
                starts.fetch_add(1, Ordering::SeqCst);
                shutdown.complete(true);
            }
        };
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (shutdown, replies, starts) =
                    (Arc::clone(&shutdown), Arc::clone(&replies), Arc::clone(&starts));
                thread::spawn(move || call(&shutdown, replies, &starts))
            })
            .collect();
        call(&shutdown, Arc::clone(&replies), &starts);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(replies.load(Ordering::SeqCst), 3);
        assert_eq!(starts.load(Ordering::SeqCst), 1);
        assert_eq!(shutdown.result(), Some(true));
    });
}
