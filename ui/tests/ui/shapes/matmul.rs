// A product over axes that are not the same.
include!("../model.rs");

fn main() {
    let _ = trace!(net(), input(), |m: TinyNet| {
        let product = m.layer1.output.matmul(m.layer2.output);
        product.save()
    });
}
