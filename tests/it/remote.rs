//! Devices of other processes: two of them hold a model together, and one that dies is an error.

use crate::command::{EIFFEL, FACTS};
use crate::device_map::{check_against_pytorch, halves};
use crate::goldens::Goldens;
use crate::gpt2::tiny::{Gpt2, Vocab};
use crate::support::{input, rows, tiny_net};
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use nnsight::{DeviceName, Error};
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that serves the CPU.
struct Host {
    process: Child,
    name: DeviceName,
}

impl Host {
    fn start() -> Self {
        Host::start_with(|command| command.arg("--without-token"))
    }

    fn start_with(set_up: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        // Taken for a moment, so that it is free.
        let socket = UdpSocket::bind("127.0.0.1:0").expect("there is a free port");
        let port = socket.local_addr().expect("it is bound").port();
        drop(socket);
        let mut command = Command::new(env!("CARGO_BIN_EXE_nnsight"));
        let mut process = set_up(command.args(["host", "--port", &port.to_string()]))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command was built");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("it prints its name");
        let name = line.trim().parse().expect("the name of a device");
        Host { process, name }
    }

    /// Its device, once it listens.
    fn device(&self) -> Device {
        let start = Instant::now();
        loop {
            match self.name.open() {
                Ok(device) => return device,
                Err(error) if start.elapsed() > Duration::from_secs(60) => panic!("{error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it has run");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn lm() -> LanguageModel<Gpt2> {
    LanguageModel::from_pretrained(Goldens::DIRECTORY).expect("the fixture is there")
}

#[test]
fn two_processes_hold_a_model_together() -> nnsight::models::Result<()> {
    let hosts = [Host::start(), Host::start()];
    check_against_pytorch(&hosts.each_ref().map(Host::device))
}

#[test]
fn a_device_that_dies_is_an_error_that_names_it_and_the_client_goes_on() -> nnsight::models::Result<()> {
    let (stays, mut dies) = (Host::start(), Host::start());
    let devices = [stays.device(), dies.device()];
    let lm = lm().with_device_map(halves(&devices))?;
    let ids = || Goldens::read().ids("ids_a");
    let next = |lm: &LanguageModel<Gpt2>| trace!(lm, ids(), |m: Gpt2| m.lm_head.output.argmax(Vocab).save());
    next(&lm)?;
    dies.kill();
    let lost = |error: Error| match error {
        Error::DeviceLost { device, .. } => device,
        other => panic!("{other}"),
    };
    let expected = format!("`{}`", dies.name);
    for _ in 0..2 {
        match next(&lm).map(drop).expect_err("half of the model is gone") {
            nnsight::models::Error::Trace(error) => assert_eq!(lost(error), expected),
            other => panic!("{other}"),
        }
    }
    let generated = lm.generate(ids()).max_new_tokens(2).tokens();
    match generated.expect_err("half of the model is gone") {
        nnsight::models::Error::Trace(error) => assert_eq!(lost(error), expected),
        other => panic!("{other}"),
    }
    // The other device works on, and so does this process.
    let lm = self::lm().with_device(devices[0].clone());
    next(&lm)?;
    Ok(())
}

#[test]
fn a_model_of_ones_own_runs_on_the_device_of_another_process() -> nnsight::Result<()> {
    let host = Host::start();
    let device = host.device();
    let net = NnSight::new(tiny_net().into_model().to_device(&device));
    let output = trace!(net, input(), |m: crate::support::TinyNet| {
        m.layer1.output[.., 0] = 0.0;
        m.output.save()
    });
    assert_eq!(rows(output?), [3.0, -1.0, 7.0, -3.0]);
    Ok(())
}

#[test]
fn a_host_with_a_token_serves_those_who_have_it() {
    let host = Host::start_with(|command| command.env("NNSIGHT_TOKEN", "a secret"));
    let ask = |token: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nnsight"));
        command.args(["generate", FACTS, EIFFEL, "--max-new-tokens", "1"]);
        command.args(["--device", &host.name.to_string()]);
        match token {
            Some(token) => command.env("NNSIGHT_TOKEN", token),
            None => command.env_remove("NNSIGHT_TOKEN"),
        };
        command.output().expect("the command was built")
    };
    let answer = ask(Some("a secret"));
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout),
        format!("{EIFFEL} Paris\n")
    );
    for wrong in [None, Some("another")] {
        let answer = ask(wrong);
        let message = String::from_utf8_lossy(&answer.stderr);
        assert!(!answer.status.success(), "{wrong:?}");
        assert!(
            message.contains(&format!("`{}` cannot be reached", host.name)),
            "{message}"
        );
        assert!(message.contains("NNSIGHT_TOKEN"), "{message}");
    }
}

#[test]
fn a_device_that_is_not_there_cannot_be_reached() {
    let mut host = Host::start();
    host.kill();
    let error = host.name.open().map(drop).expect_err("its process is gone");
    assert!(
        matches!(error, Error::Unreachable { wanted, .. } if wanted == host.name),
        "{error}"
    );
    assert!(error.to_string().contains("`nnsight host`"), "{error}");
}

#[test]
fn the_name_of_a_remote_device_is_read_as_it_is_written() -> nnsight::Result<()> {
    let name = format!("remote:{}@127.0.0.1:4433/1", "0f".repeat(32));
    assert_eq!(name.parse::<DeviceName>()?.to_string(), name);
    for wrong in [
        "remote:",
        "remote:0f@127.0.0.1:4433",
        "remote:@",
        &format!("remote:{}", "0f".repeat(32)),
    ] {
        assert!(
            matches!(wrong.parse::<DeviceName>(), Err(Error::DeviceName { .. })),
            "{wrong}"
        );
    }
    Ok(())
}
