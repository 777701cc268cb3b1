//! Every entry is accounted for, whatever the order in which threads come to the queue.

use ccxray_otel_loom::record::queue::{EntryQueue, DropReason, Entry};
use ccxray_otel_loom::entry::payload::Payload;
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread;

/// Tries every order with at most so many changes of thread that nobody asked for.
fn in_every_order(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn entry() -> Entry {
    Entry { entry: Payload::Utf8(vec![b'x'; 4]), parts: None }
}

/// What the worker does until there is nothing left, as often as `times`.
fn work(queue: &EntryQueue, times: usize) {
    for _ in 0..times {
        if queue.dequeue().is_some() {
            queue.complete(None);
        }
    }
}

fn drain(queue: &EntryQueue) {
    while queue.dequeue().is_some() {
        queue.complete(Some(DropReason::Shutdown));
    }
}

#[test]
fn whoever_looks_sees_every_accepted_entry_once() {
    in_every_order(3, || {
        let queue = Arc::new(EntryQueue::with_bounds(1, 100));
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || assert!(queue.enqueue(entry()) && queue.enqueue(entry())))
        };
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || work(&queue, 2))
        };
        assert!(queue.counts().is_balanced(), "{:?}", queue.counts());
        producer.join().unwrap();
        worker.join().unwrap();
        work(&queue, 2);
        let counts = queue.counts();
        assert!(counts.is_balanced(), "{counts:?}");
        assert_eq!((counts.accepted, counts.queued, counts.queued_bytes), (2, 0, 0), "{counts:?}");
    });
}

#[test]
fn two_who_find_it_full_lose_nothing_uncounted() {
    in_every_order(3, || {
        let queue = Arc::new(EntryQueue::with_bounds(1, 6));
        let producers: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || assert!(queue.enqueue(entry())))
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        drain(&queue);
        let counts = queue.counts();
        let dropped: u64 = counts.dropped.iter().sum();
        assert_eq!((counts.accepted, dropped), (2, 2), "{counts:?}");
        assert_eq!((counts.queued, counts.queued_bytes), (0, 0), "{counts:?}");
    });
}

#[test]
fn nothing_stays_behind_a_door_that_is_closed() {
    in_every_order(4, || {
        let queue = Arc::new(EntryQueue::with_bounds(2, 100));
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.enqueue(entry()))
        };
        let closer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                queue.close();
                drain(&queue);
            })
        };
        let taken = producer.join().unwrap();
        closer.join().unwrap();
        let counts = queue.counts();
        assert_eq!((counts.accepted, counts.rejected), (u64::from(taken), u64::from(!taken)));
        assert_eq!((counts.queued, counts.queued_bytes, queue.len()), (0, 0, 0), "{counts:?}");
    });
}
