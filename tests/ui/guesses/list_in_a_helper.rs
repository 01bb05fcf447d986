// A list of modules indexed outside of `trace!`.
include!("../model.rs");

fn ablate(m: Sites<TinyNet>) {
    m.blocks[1].resid.output.set(0.0);
}

fn main() {
    let _ = net().trace(input(), |m| {
        ablate(m);
        m.output.get().save()
    });
}
