//! What every implementation of the books does: nothing is lost, nothing is run twice, and turns are fair.

use nnsight_remote::protocol::Status;
use nnsight_server::board::{Board, BoardError, Embedded, Outcome, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

type Done = Result<(), BoardError>;

/// A folder of its own, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("board")
        .join(name);
    // What an earlier run has left.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

fn record(number: u64, owner: &str) -> Record {
    Record {
        id: format!("{number:032x}"),
        owner: owner.to_owned(),
        model: String::from("facts"),
        received_at: 1000 + number,
        idempotency: None,
        steps: None,
        shares: None,
        deaths: 0,
        events: Vec::new(),
        result: None,
    }
}

fn submit(board: &dyn Board, number: u64, owner: &str) -> Result<String, BoardError> {
    Ok(board.submit(record(number, owner), b"a request")?.record.id)
}

fn claim(board: &dyn Board) -> Result<Option<Record>, BoardError> {
    board.claim(&BTreeSet::new(), "Worker 0")
}

fn status(board: &dyn Board, id: &str) -> Result<Status, BoardError> {
    Ok(board.get(id)?.expect("it is in the books").status())
}

fn completed(board: &dyn Board, id: &str, took: f64) -> Done {
    std::fs::write(board.result_file(id), b"a result").expect("it can be written");
    let outcome = Outcome::Completed {
        bytes: 8,
        hash: String::from("00"),
    };
    board.finish(id, outcome, Duration::from_secs_f64(took))
}

#[test]
fn a_job_goes_its_way() -> Done {
    let board = Embedded::open(&folder("way"))?;
    let id = submit(&board, 1, "ada")?;
    assert_eq!(board.place(&id), Some(1));
    assert_eq!(board.unfinished("ada"), 1);
    let claimed = claim(&board)?.expect("it waits");
    assert_eq!(claimed.id, id);
    assert!(claim(&board)?.is_none(), "it runs twice");
    completed(&board, &id, 0.1)?;
    let record = board.get(&id)?.expect("it is in the books");
    let statuses: Vec<Status> = record.events.iter().map(|event| event.status).collect();
    assert_eq!(
        statuses,
        [
            Status::Received,
            Status::Approved,
            Status::Queued,
            Status::Running,
            Status::Completed
        ]
    );
    assert!(record.events.windows(2).all(|two| two[0].at <= two[1].at));
    assert!(!board.request_file(&id).exists(), "the request is still there");
    assert_eq!(board.unfinished("ada"), 0);
    Ok(())
}

#[test]
fn a_request_that_is_sent_again_is_the_same_job() -> Done {
    let board = Embedded::open(&folder("again"))?;
    let keyed = |number, owner: &str| Record {
        idempotency: Some(String::from("once")),
        ..record(number, owner)
    };
    let first = board.submit(keyed(1, "ada"), b"a request")?;
    let again = board.submit(keyed(2, "ada"), b"a request")?;
    assert_eq!((first.is_new, again.is_new), (true, false));
    assert_eq!(first.record.id, again.record.id);
    // Another owner's is another job.
    assert!(board.submit(keyed(3, "eve"), b"a request")?.is_new);
    assert!(claim(&board)?.is_some() && claim(&board)?.is_some() && claim(&board)?.is_none());
    Ok(())
}

#[test]
fn what_was_not_finished_is_queued_when_the_books_are_opened_again() -> Done {
    let folder = folder("opened");
    let (running, waiting, done) = {
        let board = Embedded::open(&folder)?;
        for number in 1..=3 {
            submit(&board, number, "ada")?;
        }
        let first = claim(&board)?.expect("one waits").id;
        let other = claim(&board)?.expect("another waits").id;
        completed(&board, &other, 0.1)?;
        (first, record(3, "ada").id, other)
    };
    let board = Embedded::open(&folder)?;
    assert_eq!(status(&board, &running)?, Status::Queued);
    assert_eq!(status(&board, &waiting)?, Status::Queued);
    assert_eq!(status(&board, &done)?, Status::Completed);
    // In the order in which they came.
    assert_eq!(claim(&board)?.expect("it waits").id, running);
    assert_eq!(claim(&board)?.expect("it waits").id, waiting);
    Ok(())
}

#[test]
fn a_job_that_has_killed_two_workers_has_failed() -> Done {
    let board = Embedded::open(&folder("deaths"))?;
    let id = submit(&board, 1, "ada")?;
    // A worker that is stopped has not died of it.
    claim(&board)?;
    board.give_back(&id, None, false)?;
    for status_then in [Status::Queued, Status::Failed] {
        assert!(claim(&board)?.is_some());
        board.give_back(&id, Some("signal 9"), false)?;
        assert_eq!(status(&board, &id)?, status_then);
    }
    assert!(claim(&board)?.is_none());
    let record = board.get(&id)?.expect("it is in the books");
    let last = record.events.last().expect("it has failed");
    assert!(
        last.sentence.contains("Two workers have died"),
        "{}",
        last.sentence
    );
    Ok(())
}

#[test]
fn a_job_is_cancelled_while_it_waits_and_while_it_runs() -> Done {
    let board = Embedded::open(&folder("cancelled"))?;
    let (waits, runs) = (submit(&board, 2, "ada")?, submit(&board, 1, "ada")?);
    assert_eq!(claim(&board)?.expect("the older one").id, runs);
    assert!(board.cancel(&waits)? && board.cancel(&runs)?);
    assert_eq!(status(&board, &waits)?, Status::Cancelled);
    assert!(board.is_cancelled(&runs));
    completed(&board, &runs, 0.1)?;
    assert_eq!(status(&board, &runs)?, Status::Cancelled);
    assert!(!board.result_file(&runs).exists(), "the result is still there");
    assert!(!board.cancel(&runs)?, "it has ended");
    assert!(claim(&board)?.is_none());
    Ok(())
}

#[test]
fn a_heavy_user_delays_only_itself() -> Done {
    let board = Embedded::open(&folder("fair"))?;
    for number in 0..40 {
        submit(&board, number, "heavy")?;
    }
    for number in 40..44 {
        submit(&board, number, "light")?;
    }
    let mut order = Vec::new();
    while let Some(job) = claim(&board)? {
        completed(&board, &job.id, 1.0)?;
        order.push(job.owner);
    }
    assert_eq!(order.len(), 44);
    // The four of the light one are among the first nine, though forty came before them.
    let light = order.iter().take(9).filter(|owner| *owner == "light").count();
    assert_eq!(light, 4, "{:?}", &order[..12]);
    Ok(())
}

#[test]
fn time_counts_not_jobs() -> Done {
    let board = Embedded::open(&folder("seconds"))?;
    for number in 0..30 {
        submit(&board, number, ["long", "short"][number as usize % 2])?;
    }
    let mut spent: BTreeMap<String, f64> = BTreeMap::new();
    for _ in 0..12 {
        let job = claim(&board)?.expect("they wait");
        let took = if job.owner == "long" { 5.0 } else { 1.0 };
        completed(&board, &job.id, took)?;
        *spent.entry(job.owner).or_default() += took;
    }
    let (long, short) = (spent["long"], spent["short"]);
    assert!(
        short >= 0.5 * long && long >= 0.5 * short,
        "long {long}, short {short}"
    );
    Ok(())
}

#[test]
fn results_expire_and_make_room() -> Done {
    let board = Embedded::open(&folder("expired"))?;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(submit(&board, number, "ada")?);
        let job = claim(&board)?.expect("it waits");
        completed(&board, &job.id, 0.1)?;
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(board.sweep(Duration::from_secs(60), 16)?, 1);
    assert_eq!(status(&board, &ids[0])?, Status::Expired);
    assert!(!board.result_file(&ids[0]).exists() && board.result_file(&ids[1]).exists());
    assert_eq!(board.sweep(Duration::ZERO, u64::MAX)?, 2);
    assert_eq!(status(&board, &ids[2])?, Status::Expired);
    Ok(())
}

#[test]
fn a_disk_that_takes_nothing_leaves_no_half_job() {
    let folder = folder("full");
    let board = Embedded::open(&folder).expect("it is opened");
    // A folder where the file is to be stands for a disk that says no.
    let blocked = record(1, "ada");
    std::fs::create_dir_all(board.request_file(&blocked.id).join("in the way")).expect("a folder");
    let refused = board
        .submit(blocked.clone(), b"a request")
        .expect_err("it cannot be kept");
    assert!(
        refused.to_string().contains("cannot be read or written"),
        "{refused}"
    );
    assert!(board.get(&blocked.id).expect("the books can be read").is_none());
    assert!(claim(&board).expect("the books can be read").is_none());
}

#[test]
fn jobs_share_a_pass_if_they_fit_together_and_none_is_blamed_for_another() -> Done {
    let board = Embedded::open(&folder("shared"))?;
    let sharing = |number: u64, owner: &str, shares: Option<&str>| Record {
        shares: shares.map(str::to_owned),
        ..record(number, owner)
    };
    let jobs = [
        sharing(1, "ada", Some("one pass")),
        sharing(2, "ada", None),
        sharing(3, "eve", Some("one pass")),
        sharing(4, "eve", Some("ten steps")),
        sharing(5, "ada", Some("one pass")),
    ];
    for job in jobs {
        board.submit(job, b"a request")?;
    }
    let first = claim(&board)?.expect("it waits");
    let beside = board.claim_beside(&first, 8, "Worker 0")?;
    let number = |job: &Record| u64::from_str_radix(&job.id, 16).expect("a number");
    let mut together: Vec<u64> = beside.iter().map(number).collect();
    together.sort_unstable();
    assert_eq!((number(&first), together), (1, vec![3, 5]));
    // The worker dies: whose fault it was is not known, so nobody's, and each runs alone from then on.
    for job in beside.iter().chain([&first]) {
        board.give_back(&job.id, Some("signal 9"), true)?;
        let record = board.get(&job.id)?.expect("it is in the books");
        assert_eq!((record.deaths, record.shares), (0, None));
    }
    let again = claim(&board)?.expect("it waits");
    assert!(board.claim_beside(&again, 8, "Worker 0")?.is_empty());
    Ok(())
}
