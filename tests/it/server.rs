//! A server in another process: what it gives is what a trace gives here, and it loses nothing.

use crate::command::{EIFFEL, FACTS};
use crate::language_model::facts::{Batch, Gpt2, Seq, Vocab};
use crate::support::{Tolerance, near};
use nnsight::models::{LanguageModel, TokenIds};
use nnsight::prelude::*;
use nnsight::remote::protocol::{Code, JobState, Status};
use nnsight::remote::{self, Show};
use nnsight::{Error, Job, Remote, Server};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server in a process of its own, on a port that the system gives.
struct Served {
    process: Child,
    url: String,
    data: PathBuf,
    arguments: Vec<String>,
}

impl Served {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("server").join(name);
        // What an earlier run has left.
        let _ = std::fs::remove_dir_all(&data);
        std::fs::create_dir_all(&data).expect("the target folder can be written");
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let (process, url) = Served::spawn(&data, &arguments);
        Served {
            process,
            url,
            data,
            arguments,
        }
    }

    fn spawn(data: &Path, arguments: &Vec<String>) -> (Child, String) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_nnsight"))
            .args(["serve", "--address", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .arg(format!("facts={FACTS}"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command was built");
        let mut url = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output)
            .read_line(&mut url)
            .expect("it prints its address");
        (process, url.trim().to_owned())
    }

    fn server(&self) -> Server {
        let server = Server::connect(&self.url).expect("it listens");
        server.show(Show::Silent)
    }

    /// The shipped model here, and there.
    fn models(&self) -> (LanguageModel<Gpt2>, Remote<LanguageModel<Gpt2>>) {
        let there = shipped()
            .on(&self.server().model("facts"))
            .expect("it has the model");
        (shipped(), there)
    }

    /// The numbers of the worker's process.
    fn workers(&self) -> Vec<u32> {
        let children = format!("/proc/{0}/task/{0}/children", self.process.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        let mut workers: Vec<u32> = children
            .split_whitespace()
            .filter_map(|id| id.parse().ok())
            .collect();
        // Those that other threads of it have started.
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("it runs") {
            let file = thread.expect("a thread").path().join("children");
            let children = std::fs::read_to_string(file).unwrap_or_default();
            workers.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
        workers.sort_unstable();
        workers.dedup();
        workers
    }

    /// Ends it at once, as a power cut would, and starts it anew.
    fn crash(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it has run");
        (self.process, self.url) = Served::spawn(&self.data, &self.arguments);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn shipped() -> LanguageModel<Gpt2> {
    let lm = LanguageModel::<Gpt2>::from_pretrained(FACTS).expect("it ships");
    lm.with_device(Device::flex())
}

/// Waits for something that another process does.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "waited in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Polls a future on this thread until it is done.
fn awaited<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => return done,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

fn equal<const D: usize>(here: Tensor<D>, there: Tensor<D>) {
    assert_eq!(here.into_data(), there.into_data());
}

#[test]
fn traces_there_are_traces_here_to_the_bit() -> nnsight::models::Result<()> {
    let served = Served::start("traces", &["--open"]);
    let (here, there) = served.models();

    let one = |lm: &LanguageModel<Gpt2>| {
        trace!(lm, EIFFEL, |m: Gpt2| {
            let hidden = m.transformer.h[1].output.save();
            m.transformer.h[2].mlp.output[.., -1] *= 0.5;
            (hidden, m.lm_head.output[.., -1].save())
        })
    };
    let ((hidden, logits), (far_hidden, far_logits)) = (one(&here)?, one(&there)?);
    equal(hidden, far_hidden);
    equal(logits, far_logits);

    let steer = Tensor::<1>::ones([128], &Device::flex());
    let invokes = |lm: &LanguageModel<Gpt2>| {
        trace!(lm, |t: Gpt2| {
            let source = t.invoke(EIFFEL);
            let base = t.invoke("The Colosseum is in the city of");
            base.transformer.h[0].output[.., -1] = source.transformer.h[0].output[.., -1];
            base.transformer.h[2].output[.., -1] += &steer;
            (source.lm_head.output[.., -1].save(), base.lm_head.output[.., -1].save())
        })
    };
    let ((source, base), (far_source, far_base)) = (invokes(&here)?, invokes(&there)?);
    equal(source, far_source);
    equal(base, far_base);

    let gradients = |lm: &LanguageModel<Gpt2>| {
        trace!(lm, EIFFEL, |m: Gpt2| {
            let loss = m.lm_head.output[0, -1].sum();
            let of = loss.backward();
            (m.transformer.h[1].output.grad.save(), of.parameter_grads())
        })
    };
    let ((gradient, parameters), (far_gradient, far_parameters)) = (gradients(&here)?, gradients(&there)?);
    equal(gradient, far_gradient);
    assert_eq!(parameters.len(), far_parameters.len());
    for ((name, _, own), (far_name, _, far)) in parameters.iter().zip(far_parameters.iter()) {
        assert_eq!(name, far_name);
        assert_eq!(own.to_data()?, far.to_data()?);
    }

    let generation = |lm: &LanguageModel<Gpt2>| {
        trace!(
            lm.generate(EIFFEL).max_new_tokens(4).temperature(0.7).seed(11),
            |m: Gpt2| {
                m.transformer.h[1].output.every_step() *= 1.01;
                (m.lm_head.call_idx(2).output.save(), m.generator.output.save())
            }
        )
    };
    let ((logits, tokens), (far_logits, far_tokens)) = (generation(&here)?, generation(&there)?);
    equal(logits, far_logits);
    assert_eq!(tokens.token_ids(), far_tokens.token_ids());
    assert_eq!(
        here.generate(EIFFEL).max_new_tokens(3).tokens()?,
        there.generate(EIFFEL).max_new_tokens(3).tokens()?
    );
    assert!(!there.is_dispatched(), "weights were loaded here");
    Ok(())
}

#[test]
fn a_job_is_handed_over_found_again_and_stopped() -> nnsight::models::Result<()> {
    let served = Served::start("jobs", &["--open"]);
    let (here, there) = served.models();
    let job = there.submit(EIFFEL, |m| m.lm_head.output.get().save())?;
    // As another process would find it.
    let found = served.server().job(job.id()).expect("it is there");
    let by_name = found.wait().expect("it is completed");
    let logits = job.wait()?;
    let wanted = here.trace(EIFFEL, |m| m.lm_head.output.get().save())?;
    equal(wanted.clone(), logits);
    assert_eq!(by_name.len(), 1);
    assert_eq!(by_name[0].0, "lm_head.output");
    assert_eq!(by_name[0].1, wanted.to_data());

    let job = there.submit(EIFFEL, |m| m.lm_head.output.get().save())?;
    equal(wanted.clone(), awaited(job.into_future())?);

    let mut job = there.submit(EIFFEL, |m| m.lm_head.output.get().save())?;
    job.cancel()?;
    let (id, server) = (job.id().to_owned(), served.server());
    until("the job has ended", || {
        server
            .job(&id)
            .is_ok_and(|job| job.state().last.status.is_final())
    });
    let status = server.job(&id).expect("it is there").state().last.status;
    assert!(
        matches!(status, Status::Cancelled | Status::Completed),
        "{status}"
    );
    Ok(())
}

#[test]
fn what_cannot_run_there_is_refused_before_it_waits() -> nnsight::models::Result<()> {
    let served = Served::start("refused", &["--open"]);
    let (_, there) = served.models();
    let closure = trace!(there, EIFFEL, |m: Gpt2| m
        .lm_head
        .output
        .map(|logits| logits)
        .save());
    let text = closure.expect_err("closures do not travel").to_string();
    assert!(text.contains("a closure cannot travel"), "{text}");
    let long = "city ".repeat(3000);
    assert!(trace!(there, long, |m: Gpt2| m.lm_head.output.save()).is_err());
    assert_eq!(served.server().jobs().expect("it answers").len(), 0);

    let none = shipped()
        .on(&served.server().model("another"))
        .expect_err("it is not there");
    assert!(
        none.to_string().contains("has no such model; it has `facts`"),
        "{none}"
    );
    let path = shipped().on(&served.server().model("../../../etc/passwd"));
    assert!(path.is_err());
    assert!(Server::connect("http://127.0.0.1:1").is_err());
    Ok(())
}

/// What such a job saves.
type Logits = Vec<Saved<(Batch, Seq, Vocab)>>;

/// Logits of one prompt, or of two that look at each other: jobs of a pass that is shared.
fn asked(lm: &LanguageModel<Gpt2>, number: usize) -> nnsight::models::Result<Job<Logits>> {
    let prompts = [
        EIFFEL,
        "The Colosseum is in the city of",
        "Paris",
        "The Louvre is in",
    ];
    let (one, other) = (prompts[number % 4], prompts[(number + 1) % 4]);
    let scale = if number == 5 { f32::NAN } else { number as f32 };
    if number.is_multiple_of(3) {
        return submit!(lm, |t: Gpt2| {
            let (source, base) = (t.invoke(one), t.invoke(other));
            base.transformer.h[0].output[.., -1] = source.transformer.h[0].output[.., -1] * scale;
            vec![source.lm_head.output.save(), base.lm_head.output.save()]
        });
    }
    submit!(lm, one, |m: Gpt2| {
        m.transformer.h[1].output *= scale;
        vec![m.lm_head.output.save()]
    })
}

#[test]
fn a_job_in_a_shared_pass_gets_what_it_gets_alone() -> nnsight::models::Result<()> {
    let served = Served::start("shared", &["--open"]);
    let (_, there) = served.models();
    let server = served.server();
    // One after the other, and then all at once behind one that takes its time.
    let mut alone = Vec::new();
    for number in 0..12 {
        alone.push(asked(&there, number)?.wait()?);
    }
    assert_eq!(server.status().expect("it answers").shared, 0, "none waited");
    let slow = submit!(there.generate(EIFFEL).max_new_tokens(50), |m: Gpt2| m
        .generator
        .output
        .save())?;
    let mut jobs = Vec::new();
    for number in 0..12 {
        jobs.push(asked(&there, number)?);
    }
    jobs[7].cancel()?;
    for (number, (job, alone)) in jobs.into_iter().zip(alone).enumerate() {
        let shared = match job.wait() {
            Err(_) if number == 7 => continue,
            shared => shared?,
        };
        for (shared, alone) in shared.into_iter().zip(alone) {
            let (shared, alone) = (shared.into_data(), alone.into_data());
            match number {
                // Its own numbers are none, and nobody else's.
                5 => assert!(shared.iter::<f32>().all(f32::is_nan), "{shared}"),
                _ => near(shared, alone, Tolerance::REORDERED).expect("what it is alone"),
            }
        }
    }
    slow.wait()?;
    let shared = server.status().expect("it answers").shared;
    assert!(shared >= 6, "{shared} jobs shared a pass");
    Ok(())
}

#[test]
fn a_key_opens_its_own_jobs_and_no_others() -> nnsight::models::Result<()> {
    let served = Served::start("keys", &[]);
    let key = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nnsight"));
        let output = command
            .arg("keys")
            .args(arguments)
            .arg("--data")
            .arg(&served.data)
            .output();
        String::from_utf8(output.expect("it runs").stdout)
            .expect("text")
            .trim()
            .to_owned()
    };
    let refused = |result: remote::Result<Vec<JobState>>| match result {
        Err(remote::Error::Refused(refusal)) => refusal.code,
        other => panic!("it was not refused: {other:?}"),
    };
    let as_key = |key: &str| {
        Server::connect_with(&served.url, key)
            .expect("it listens")
            .show(Show::Silent)
    };
    let (ada, eve) = (key(&["add", "ada"]), key(&["add", "eve"]));
    assert_eq!(refused(as_key("nns_0").jobs()), Code::Unauthorized);
    let lm = shipped().on(&as_key(&ada).model("facts"))?;
    let job = lm.submit(EIFFEL, |m| m.lm_head.output.get().save())?;
    let id = job.id().to_owned();
    job.wait()?;
    assert_eq!(as_key(&ada).jobs().expect("they are one's own").len(), 1);
    assert_eq!(as_key(&eve).jobs().expect("there are none").len(), 0);
    match as_key(&eve).job(&id) {
        Err(remote::Error::Refused(refusal)) => assert_eq!(refusal.code, Code::NotFound),
        other => panic!("another's job: {other:?}"),
    }
    key(&["revoke", "ada"]);
    assert_eq!(refused(as_key(&ada).jobs()), Code::Unauthorized);
    // No key is in the books, nor in a file of the server.
    for file in ["keys.json", "jobs.redb"] {
        let bytes = std::fs::read(served.data.join(file)).expect("it is there");
        let is_there = bytes.windows(ada.len()).any(|window| window == ada.as_bytes());
        assert!(!is_there, "the key is in {file}");
    }
    Ok(())
}

#[test]
fn a_worker_that_is_killed_loses_no_job() -> nnsight::models::Result<()> {
    let served = Served::start("killed", &["--open"]);
    let (here, there) = served.models();
    let long = |lm: &LanguageModel<Gpt2>| {
        let generation = lm.generate(EIFFEL).max_new_tokens(40);
        generation.submit_body(std::marker::PhantomData, |m| m.generator.output.save())
    };
    let job = long(&there)?;
    let server = served.server();
    until("it runs", || {
        let job = server.job(job.id()).expect("it is there");
        job.state().last.status == Status::Running
    });
    for worker in served.workers() {
        let killed = Command::new("kill").args(["-9", &worker.to_string()]).status();
        assert!(killed.expect("there is such a command").success());
    }
    let tokens = job.wait()?;
    let wanted = here.generate(EIFFEL).max_new_tokens(40).tokens()?;
    assert_eq!(tokens.token_ids(), wanted.concat());
    assert!(server.status().expect("it answers").workers[0].restarts > 0);
    Ok(())
}

#[test]
fn jobs_and_results_survive_a_server_that_is_killed() -> nnsight::models::Result<()> {
    let mut served = Served::start("restarted", &["--open"]);
    let (here, there) = served.models();
    let wanted = here.trace(EIFFEL, |m| m.lm_head.output.get().save())?;
    let done = there.submit(EIFFEL, |m| m.lm_head.output.get().save())?;
    let done_id = done.id().to_owned();
    done.wait()?;
    let waiting: Vec<String> = (0..5)
        .map(|_| {
            Ok(there
                .submit(EIFFEL, |m| m.lm_head.output.get().save())?
                .id()
                .to_owned())
        })
        .collect::<nnsight::models::Result<_>>()?;
    served.crash();
    for id in waiting.iter().chain([&done_id]) {
        let job = served.server().job(id).expect("it is in the books");
        let saved = job.wait().expect("it is completed");
        assert_eq!(saved[0].1, wanted.to_data());
    }
    Ok(())
}

#[test]
fn what_is_not_there_is_said() {
    let error = Error::NoExecutor.to_string();
    assert!(error.contains("`.on(&server)`"), "{error}");
    let job = shipped().submit(EIFFEL, |m| m.lm_head.output.get().save());
    assert_eq!(job.expect_err("it runs here").to_string(), error);
}
