//! The models of the tests. With `NNSIGHT_TEST_SERVER=1` their traces run on a server in another process, so that the
//! same tests say whether it gives what is computed here.

use crate::support::device;
use nnsight::models::{CausalLm, LanguageModel};

/// The model of a folder, on the device of the tests, or on a server.
pub fn opened<M: CausalLm>(directory: &str) -> LanguageModel<M> {
    let lm = LanguageModel::from_pretrained(directory).expect("the fixture is there");
    let lm = lm.with_device(device());
    #[cfg(feature = "server")]
    if std::env::var_os("NNSIGHT_TEST_SERVER").is_some() {
        return elsewhere::on_a_server(&lm);
    }
    lm
}

#[cfg(feature = "server")]
mod elsewhere {
    use crate::goldens::Goldens;
    use crate::{experiments, gpt2, language_model};
    use nnsight::Server;
    use nnsight::command::hosted;
    use nnsight::models::{CausalLm, LanguageModel};
    use nnsight::prelude::*;
    use nnsight::remote::Show;
    use nnsight::server::{Catalog, Limits, Open, Settings, serve, work};
    use std::io::{BufRead, BufReader, Read};
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::{Arc, OnceLock};

    const ROLE: &str = "NNSIGHT_TEST_ROLE";

    fn catalog() -> Catalog {
        let open: Open = Arc::new(|name| {
            let devices = [Device::flex()];
            let opened = match name {
                Goldens::DIRECTORY => hosted::<gpt2::tiny::Gpt2>(name, &devices),
                _ => hosted::<language_model::facts::Gpt2>(name, &devices),
            };
            opened.map_err(|error| error.to_string())
        });
        let names = [Goldens::DIRECTORY, experiments::DIRECTORY];
        Catalog::new(names.map(str::to_owned).to_vec(), open)
    }

    /// What a process of these tests is that another one has started: the server, or its worker. In the tests
    /// themselves it is nothing.
    #[test]
    fn role() {
        match std::env::var(ROLE).as_deref() {
            Ok("server") => {
                let exe = std::env::current_exe()
                    .expect("it is known")
                    .display()
                    .to_string();
                let worker = [
                    "/usr/bin/env",
                    "NNSIGHT_TEST_ROLE=worker",
                    &exe,
                    NAME,
                    "--exact",
                    "--nocapture",
                ];
                let folder = format!("served-{}", std::process::id());
                let settings = Settings {
                    address: "127.0.0.1:0".parse().expect("an address"),
                    data: Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder),
                    models: catalog().names().to_vec(),
                    worker: worker.map(str::to_owned).to_vec(),
                    workers: 1,
                    open: true,
                    limits: Limits {
                        // To the bit: what shares a pass is the same to rounding only.
                        together: 1,
                        unfinished: 10_000,
                        ..Limits::default()
                    },
                };
                let data = settings.data.clone();
                let running = serve(settings, catalog()).expect("it starts");
                println!("\nlistens at {}", running.url());
                // Until the tests are over.
                let mut rest = Vec::new();
                std::io::stdin().read_to_end(&mut rest).expect("an input");
                drop(running);
                std::fs::remove_dir_all(data).expect("it is its own");
                // Nobody reads what the test's frame would say.
                std::process::exit(0);
            }
            Ok("worker") => {
                // What the test's frame has begun to write is a line of its own.
                println!();
                let (orders, reports) = (std::io::stdin().lock(), std::io::stdout().lock());
                work(&catalog(), "cpu", &Limits::default(), orders, reports).expect("the server is there");
            }
            _ => {}
        }
    }

    const NAME: &str = "served::elsewhere::role";

    /// The server of this run, started when it is first asked for.
    fn url() -> &'static str {
        static SERVER: OnceLock<(Child, String)> = OnceLock::new();
        let (_, url) = SERVER.get_or_init(|| {
            let process = Command::new(std::env::current_exe().expect("it is known"))
                .args([NAME, "--exact", "--nocapture"])
                .env(ROLE, "server")
                .env_remove("NNSIGHT_TEST_SERVER")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let mut process = process.expect("it starts");
            let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
            let mut lines = lines.map(|line| line.expect("a line"));
            let url = lines.find_map(|line| line.strip_prefix("listens at ").map(str::to_owned));
            std::thread::spawn(move || lines.for_each(drop));
            // It ends when this process does, and its input with it.
            (process, url.expect("it listens"))
        });
        url
    }

    pub fn on_a_server<M: CausalLm>(lm: &LanguageModel<M>) -> LanguageModel<M> {
        let server = Server::connect(url()).expect("it listens").show(Show::Silent);
        lm.on(&server).expect("it has the model").into_inner()
    }
}
