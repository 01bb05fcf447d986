//! Nothing that is asked for is lost in silence.

use crate::support::*;
use nnsight::LostWhat;
use std::sync::{Mutex, OnceLock};

/// The program's log: what was said, and how loudly.
struct Log(Mutex<Vec<(log::Level, String)>>);

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        let line = (record.level(), record.args().to_string());
        self.0.lock().expect("no test panics here").push(line);
    }
    fn flush(&self) {}
}

/// The lines of the log that speak of this file's line `line`.
fn logged_at(line: u32) -> Vec<(log::Level, String)> {
    let place = format!("silence.rs:{line}:");
    let all = log().0.lock().expect("no test panics here");
    all.iter()
        .filter(|(_, text)| text.contains(&place))
        .cloned()
        .collect()
}

fn log() -> &'static Log {
    static LOG: OnceLock<&'static Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log: &'static Log = Box::leak(Box::new(Log(Mutex::default())));
        log::set_logger(log).expect("no other logger");
        log::set_max_level(log::LevelFilter::Warn);
        log
    })
}

fn lost(error: Error) -> (LostWhat, String) {
    match error {
        Error::Lost { what, name, .. } => (what, name),
        other => panic!("not what was lost: {other}"),
    }
}

#[test]
fn an_edit_after_the_saved_value_is_logged_once_for_its_place() {
    log();
    let mut line = 0;
    for _ in 0..3 {
        let (_, report) = tiny_net()
            .trace_with_report(input(), |m| {
                let kept = m.layer1.output.get().save();
                line = line!() + 1;
                m.layer1.output.set(0.0);
                kept
            })
            .expect("it runs");
        assert_eq!(report.unused_edits.len(), 1);
        assert!(
            report.unused_edits[0].starts_with("layer1.output (written at"),
            "{report}"
        );
    }
    let said = logged_at(line);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, log::Level::Warn);
    assert!(
        said[0]
            .1
            .starts_with("the edit of layer1.output reaches nothing that is saved"),
        "{said:?}"
    );
}

/// Whatever is edited: everything that lies at or after the saved value is seen by nothing.
#[test]
fn a_strict_model_refuses_what_nothing_can_see() {
    let strict = tiny_net().strict();
    let late = trace!(strict, input(), |m: TinyNet| {
        let kept = m.layer1.output.save();
        m.layer2.output = 0.0;
        kept
    });
    let late = late.expect_err("layer2 comes after what is saved");
    assert!(late.to_string().contains("silence.rs"), "it says where: {late}");
    assert_eq!(lost(late), (LostWhat::Edit, "layer2.output".to_owned()));

    let undone = trace!(strict, input(), |m: TinyNet| {
        m.layer1.output[.., 0] = 1.0;
        m.layer1.output = 2.0;
        m.output.save()
    });
    let undone = lost(undone.expect_err("the second line replaces what the first did"));
    assert_eq!(undone, (LostWhat::Overwritten, "layer1.output".to_owned()));

    let closure = trace!(strict, input(), |m: TinyNet| {
        let _ = m.layer1.output.map(|h| h);
        m.output.save()
    });
    let closure = lost(closure.expect_err("nothing needs what it gives"));
    assert_eq!(closure, (LostWhat::Closure, "layer1.output".to_owned()));
}

#[test]
fn a_strict_model_runs_what_is_seen() {
    let strict = tiny_net().strict();
    let run = trace!(strict, input(), |m: TinyNet| {
        m.layer1.output = 2.0;
        m.layer1.output[.., 0] += 1.0;
        let read = m.layer1.output.save();
        m.layer1.output = 0.0;
        (read, m.output.map(|out| out + 1.0).save())
    });
    let (read, out) = run.expect("all of it is seen");
    assert_eq!(rows(read), [3.0, 2.0, 2.0, 3.0, 2.0, 2.0]);
    assert_eq!(rows(out), [1.0; 4]);
}

/// A trace need not look at all that a lasting edit changes.
#[test]
fn what_lasts_is_not_lost() {
    let strict = edit!(tiny_net().strict(), |m: TinyNet| m.layer2.output *= 2.0);
    let hidden = trace!(strict, input(), |m: TinyNet| m.layer1.output.save()).expect("it runs");
    assert_eq!(rows(hidden), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    let out = trace!(strict, input(), |m: TinyNet| m.output.save()).expect("it runs");
    assert_eq!(rows(out), [8.0, -2.0, 20.0, -6.0]);
}

#[test]
fn a_cache_can_be_returned_twice() {
    let (first, second) = trace!(tiny_net(), input(), |m: TinyNet| {
        let cache = m.cache();
        (cache.clone(), cache)
    })
    .expect("it runs");
    // Input and output of the model and of its two layers.
    assert_eq!((first.len(), second.len()), (6, 6));
    for cache in [first, second] {
        let hidden = cache.get(|m| m.layer1.output).expect("it is there");
        assert_eq!(rows(hidden), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    }
}

#[test]
fn a_value_that_outlives_its_trace_is_an_error_where_it_is_used() {
    log();
    let mut outlives = None;
    let done = tiny_net().trace(input(), |m| {
        let value = m.layer1.output.get();
        outlives = Some((value, m.layer1.output));
        value.save()
    });
    assert_eq!(rows(done.expect("it runs")), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    let (value, site) = outlives.expect("the body has run");

    let line = line!() + 1;
    let sum = value.sum();
    let said = logged_at(line);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, log::Level::Error);
    assert!(said[0].1.contains("where no trace is being written"), "{said:?}");
    assert_eq!(value.shape(), Vec::<usize>::new());
    assert_eq!(format!("{sum:?}"), "Value(of a trace that is not being written)");

    let line = line!() + 1;
    site.set(0.0);
    assert_eq!(logged_at(line).len(), 1, "an edit outside of a trace");

    for used in [value.sum(), sum] {
        let other = tiny_net().trace(input(), |_| used.save());
        let error = other.expect_err("it is of another trace");
        assert!(
            error
                .to_string()
                .starts_with("a value belongs to the trace that made it"),
            "{error}"
        );
        assert!(error.to_string().contains("silence.rs"), "{error}");
    }
}

#[test]
fn a_value_says_what_it_is() {
    let plan = tiny_net().plan(input(), |m| {
        let sum = m.layer1.output + 1.0;
        assert_eq!(
            format!("{:?}", m.layer1.output.get()),
            "Value(layer1.output: [2, 3])"
        );
        assert_eq!(format!("{:?}", m.layer1.output), "Site(layer1.output: [2, 3])");
        assert_eq!(format!("{sum:?}"), "Value(+: [2, 3])");
        assert_eq!(format!("{:?}", sum.argmax(Hidden)), "Value(argmax: [2], Int)");
        sum.save()
    });
    plan.expect("it can run");
}

#[test]
fn a_panic_of_a_closure_keeps_its_message_and_says_what_it_ran_on() {
    log();
    let line = line!() + 3;
    let run = || {
        let _ = trace!(tiny_net(), input(), |m: TinyNet| {
            m.layer1.output.map(|_| panic!("no such luck")).save()
        });
    };
    let payload = std::panic::catch_unwind(run).expect_err("it panics");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"no such luck"));
    let said = logged_at(line);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0]
            .1
            .starts_with("that panic is of the closure over layer1.output"),
        "{said:?}"
    );
}

/// Nothing that is saved needs it, and it runs.
#[test]
fn a_value_is_looked_at_during_the_run() {
    let (send, seen) = std::sync::mpsc::channel();
    let hidden = trace!(tiny_net().strict(), input(), |m: TinyNet| {
        let _ = m
            .output
            .inspect(move |out| send.send(rows(out.clone())).expect("someone listens"));
        m.layer1.output.save()
    });
    assert_eq!(rows(hidden.expect("it runs")), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(seen.recv().expect("it has run"), [4.0, -1.0, 10.0, -3.0]);
}
