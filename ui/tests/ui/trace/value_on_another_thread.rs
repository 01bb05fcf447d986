// A value belongs to its trace, on its thread.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let h = m.layer1.output;
        std::thread::spawn(move || h.relu()).join().unwrap().save()
    });
}
