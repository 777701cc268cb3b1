//! Every entry is accounted for, whatever the order in which threads come to the door.

use ccxray_otel_loom::ingest::{Door, DropReason, Entry};
use ccxray_otel_loom::payload::Payload;
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
fn work(door: &Door, times: usize) {
    for _ in 0..times {
        if door.take().is_some() {
            door.settle(None);
        }
    }
}

fn drain(door: &Door) {
    while door.take().is_some() {
        door.settle(Some(DropReason::Shutdown));
    }
}

#[test]
fn whoever_looks_sees_every_accepted_entry_once() {
    in_every_order(3, || {
        let door = Arc::new(Door::with_bounds(1, 100));
        let producer = {
            let door = Arc::clone(&door);
            thread::spawn(move || assert!(door.offer(entry()) && door.offer(entry())))
        };
        let worker = {
            let door = Arc::clone(&door);
            thread::spawn(move || work(&door, 2))
        };
        assert!(door.counts().balance(), "{:?}", door.counts());
        producer.join().unwrap();
        worker.join().unwrap();
        work(&door, 2);
        let counts = door.counts();
        assert!(counts.balance(), "{counts:?}");
        assert_eq!((counts.accepted, counts.queued, counts.queued_bytes), (2, 0, 0), "{counts:?}");
    });
}

#[test]
fn two_who_find_it_full_lose_nothing_uncounted() {
    in_every_order(3, || {
        let door = Arc::new(Door::with_bounds(1, 6));
        let producers: Vec<_> = (0..2)
            .map(|_| {
                let door = Arc::clone(&door);
                thread::spawn(move || assert!(door.offer(entry())))
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        drain(&door);
        let counts = door.counts();
        let dropped: u64 = counts.dropped.iter().sum();
        assert_eq!((counts.accepted, dropped), (2, 2), "{counts:?}");
        assert_eq!((counts.queued, counts.queued_bytes), (0, 0), "{counts:?}");
    });
}

#[test]
fn nothing_stays_behind_a_door_that_is_closed() {
    in_every_order(4, || {
        let door = Arc::new(Door::with_bounds(2, 100));
        let producer = {
            let door = Arc::clone(&door);
            thread::spawn(move || door.offer(entry()))
        };
        let closer = {
            let door = Arc::clone(&door);
            thread::spawn(move || {
                door.close();
                drain(&door);
            })
        };
        let taken = producer.join().unwrap();
        closer.join().unwrap();
        let counts = door.counts();
        assert_eq!((counts.accepted, counts.rejected), (u64::from(taken), u64::from(!taken)));
        assert_eq!((counts.queued, counts.queued_bytes, door.len()), (0, 0, 0), "{counts:?}");
    });
}
