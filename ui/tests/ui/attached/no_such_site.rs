// A site that the attached module does not have.
include!("../model.rs");

fn main() {
    let mix = LinearConfig::new(10, 10).init(&Device::default());
    let (net, block) = net().attach("block", Block { mix, resid: Probe::new() }).unwrap();
    let _ = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = m.attached(block).call(m.layer1.output);
        m.attached(block).latents.output.save()
    });
}
