//! Every accepted entry is accounted for in every interleaving of the threads that use the queue.

use ccxray_otel_loom::entry::payload::Payload;
use ccxray_otel_loom::record::entry::Entry;
use ccxray_otel_loom::record::entry_counts::DropReason;
use ccxray_otel_loom::record::queue::EntryQueue;
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread;

/// Runs `model` in every interleaving with at most so many preemptions.
fn in_every_interleaving(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn entry() -> Entry {
    Entry { entry: Payload::Utf8(vec![b'x'; 4]), parts: None }
}

/// What the worker thread does: processes at most `max` entries.
fn process(queue: &EntryQueue, max: usize) {
    for _ in 0..max {
        if queue.dequeue().is_some() {
            queue.count_processed();
        }
    }
}

/// What a shutdown does: drops the entries that wait.
fn drain(queue: &EntryQueue) {
    while queue.dequeue().is_some() {
        queue.count_dropped(DropReason::Shutdown);
    }
}

#[test]
fn counts_are_balanced_while_entries_come_and_go() {
    in_every_interleaving(3, || {
        let queue = Arc::new(EntryQueue::with_bounds(1, 100));
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || assert!(queue.enqueue(entry()) && queue.enqueue(entry())))
        };
        let worker = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || process(&queue, 2))
        };
        assert!(queue.counts().is_balanced(), "{:?}", queue.counts());
        producer.join().unwrap();
        worker.join().unwrap();
        process(&queue, 2);
        let counts = queue.counts();
        assert!(counts.is_balanced(), "{counts:?}");
        assert_eq!((counts.accepted, counts.queued, counts.queued_bytes), (2, 0, 0), "{counts:?}");
    });
}

#[test]
fn two_producers_at_a_full_queue_lose_no_entry_uncounted() {
    in_every_interleaving(3, || {
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
fn no_entry_remains_in_a_closed_queue() {
    in_every_interleaving(4, || {
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
        let accepted = producer.join().unwrap();
        closer.join().unwrap();
        let counts = queue.counts();
        assert_eq!((counts.accepted, counts.rejected), (u64::from(accepted), u64::from(!accepted)));
        assert_eq!((counts.queued, counts.queued_bytes, queue.len()), (0, 0, 0), "{counts:?}");
    });
}
