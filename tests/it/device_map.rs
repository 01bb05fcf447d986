//! A model on several devices gives what it gives on one.
//!
//! The CPU is one device, so most of this runs where `NNSIGHT_DEVICE` names another one, which then shares the model
//! with the CPU.

use crate::attached::{Sae, sae};
use crate::goldens::Goldens;
use crate::gpt2::tiny::{Gpt2, Hidden, Vocab};
use crate::support::{self, TinyNet, Tolerance, device, input, ints, rows, tiny_net};
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use nnsight::{DeviceMap, Error};
use std::io::Write as _;

type Lm = LanguageModel<Gpt2>;

fn lm() -> Lm {
    LanguageModel::from_pretrained(Goldens::DIRECTORY).expect("the fixture is there")
}

/// Two devices, if the tests have two.
fn two(test: &str) -> Option<[Device; 2]> {
    let devices = [Device::flex(), device()];
    if devices[0] == devices[1] {
        // Past the test harness, which keeps what passing tests print to itself.
        let line = format!(
            "SKIPPED device_map::{test}: it wants NNSIGHT_DEVICE to name another device than the CPU\n"
        );
        std::io::stderr()
            .write_all(line.as_bytes())
            .expect("stderr is open");
        return None;
    }
    Some(devices)
}

/// The first two blocks on one device, the rest on the other.
pub fn halves([first, second]: &[Device; 2]) -> DeviceMap {
    DeviceMap::by_path([
        ("", first.clone()),
        ("transformer.h.2", second.clone()),
        ("transformer.ln_f", second.clone()),
        ("lm_head", second.clone()),
    ])
}

/// Holds a model on two devices against PyTorch's numbers, whatever the devices are.
pub fn check_against_pytorch(devices: &[Device; 2]) -> nnsight::models::Result<()> {
    let goldens = Goldens::read();
    let lm = lm().with_device_map(halves(devices))?;
    sites_are_pytorchs_where_their_modules_are(&lm, &goldens, devices);
    values_cross_the_border(&lm, &goldens);
    gradients_cross_the_border(&lm, &goldens);
    generation_crosses_the_border(&lm, &goldens)
}

fn sites_are_pytorchs_where_their_modules_are(lm: &Lm, goldens: &Goldens, devices: &[Device; 2]) {
    let (blocks, logits) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        let blocks = m
            .transformer
            .h
            .iter()
            .map(|b| (b.input.save(), b.attn.output.save(), b.output.save()));
        (blocks.collect::<Vec<_>>(), m.lm_head.output.save())
    })
    .expect("runs");
    for (i, (entering, attended, leaving)) in blocks.into_iter().enumerate() {
        let wanted = &devices[usize::from(i == 2)];
        for site in [&entering, &attended, &leaving] {
            assert_eq!(site.device(), *wanted, "block {i}");
        }
        goldens.check(&format!("transformer.h.{i}.output"), leaving);
    }
    assert_eq!(logits.device(), devices[1]);
    goldens.check("lm_head.output", logits);
}

/// What block 0 gives is written where block 2, on the other device, gives its own, in part and whole.
fn values_cross_the_border(lm: &Lm, goldens: &Goldens) {
    let ids = || goldens.ids("ids_a");
    let one = self::lm().with_device(device());
    let body = |m: Sites<Gpt2>| {
        let first = m.transformer.h.at(0).output.get();
        let last = m.transformer.h.at(2).output;
        last.set_at((.., 3), first.at((.., 3)) * 2.0);
        last.update(|h| h + first);
        let lens = m.lm_head.call(m.transformer.ln_f.call(first));
        (
            m.lm_head.output.get().save(),
            lens.save(),
            (first - last.get()).mean_over(Hidden).save(),
        )
    };
    let (logits, lens, distance) = lm.trace(ids(), body).expect("runs");
    let (wanted_logits, wanted_lens, wanted_distance) = one.trace(ids(), body).expect("runs");
    near(logits, wanted_logits);
    near(lens.clone(), wanted_lens);
    near(distance, wanted_distance);
    goldens.check("lens.0", lens);
}

#[track_caller]
fn near<const D: usize>(found: Tensor<D>, wanted: Tensor<D>) {
    let (found, wanted) = (found.into_data(), wanted.into_data());
    support::near(found, wanted, Tolerance::REORDERED).unwrap_or_else(|differ| panic!("{differ:.300}"));
}

/// The loss is on one device, and what it depends on also on the other.
fn gradients_cross_the_border(lm: &Lm, goldens: &Goldens) {
    let (blocks, weight) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        m.lm_head.output.sum().backward();
        let blocks = m.transformer.h.iter().map(|b| b.output.grad.save());
        (
            blocks.collect::<Vec<_>>(),
            m.transformer.h[0].mlp.c_fc.weight.grad.save(),
        )
    })
    .expect("runs");
    for (i, grad) in blocks.into_iter().enumerate() {
        goldens.check_relative(&format!("grad_sum.transformer.h.{i}.output"), grad);
    }
    goldens.check_relative("grad_sum.param.transformer.h.0.mlp.c_fc.weight", weight);
}

fn generation_crosses_the_border(lm: &Lm, goldens: &Goldens) -> nnsight::models::Result<()> {
    let wanted = goldens.ints("greedy.ids");
    let prompt = || goldens.ids("ids_a");
    let new = wanted.len() - 10;
    assert_eq!(
        lm.generate(prompt()).max_new_tokens(new).tokens()?.concat(),
        wanted
    );
    let generation = lm.generate(prompt()).max_new_tokens(new);
    let (tokens, means) = trace!(generation, |m: Gpt2| {
        let steps = m.transformer.h[2].output.every_step();
        let means: Vec<_> = steps
            .map(|site| site.get().at((.., -1)).mean_over(Hidden).save())
            .collect();
        (m.generator.output.save(), means)
    })?;
    assert_eq!(ints(tokens), wanted);
    assert_eq!(means.len(), new);
    Ok(())
}

#[test]
fn an_input_on_another_device_than_the_model_goes_there() -> nnsight::Result<()> {
    let Some([here, there]) = two("an_input_on_another_device_than_the_model_goes_there") else {
        return Ok(());
    };
    let net = NnSight::new(tiny_net().into_model().to_device(&there));
    let input = input().to_device(&here);
    let output = trace!(net, &input, |m: TinyNet| m.output.save())?;
    assert_eq!(output.device(), there);
    assert_eq!(rows(output), [4.0, -1.0, 10.0, -3.0]);
    let output = trace!(net, |t: TinyNet| {
        let (a, b) = (t.invoke(&input), t.invoke(&input));
        (a.output.save(), b.layer1.output.save())
    })?;
    assert_eq!(rows(output.0), [4.0, -1.0, 10.0, -3.0]);
    assert_eq!(rows(output.1), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    Ok(())
}

#[test]
fn on_two_devices_a_model_computes_what_pytorch_does() -> nnsight::models::Result<()> {
    match two("on_two_devices_a_model_computes_what_pytorch_does") {
        Some(devices) => check_against_pytorch(&devices),
        None => Ok(()),
    }
}

#[test]
fn a_map_of_one_device_changes_no_bit() -> nnsight::models::Result<()> {
    let goldens = Goldens::read();
    let plain = lm().with_device(device());
    let mapped = lm().with_device_map(DeviceMap::auto(&[device()]))?;
    let graph = plain
        .plan(goldens.ids("ids_a"), |m| {
            m.transformer.h.at(1).mlp.output.update(|mlp| mlp * 0.5);
            let loss = m.lm_head.output.get().sum();
            loss.backward();
            (
                m.lm_head.output.get().save(),
                m.transformer.h.at(0).output.grad().save(),
            )
        })?
        .graph();
    let run = |lm: &Lm| lm.trace(goldens.ids("ids_a"), |_| graph.replay());
    let (wanted, found) = (run(&plain)?, run(&mapped)?);
    let data = |tensors: &nnsight::NamedTensors| -> nnsight::Result<Vec<_>> {
        let tensors = tensors.iter();
        tensors
            .map(|(name, tensor)| Ok((name.to_owned(), tensor.to_data()?)))
            .collect()
    };
    assert!(data(&wanted)? == data(&found)?, "other bits");
    Ok(())
}

#[test]
fn blocks_are_spread_by_their_size_and_the_ends_go_with_them() -> nnsight::models::Result<()> {
    let Some([first, second]) = two("blocks_are_spread_by_their_size_and_the_ends_go_with_them") else {
        return Ok(());
    };
    let lm = lm().with_device_map(DeviceMap::auto(&[first.clone(), second.clone()]))?;
    assert!(!lm.is_dispatched());
    let model = lm.pinned()?;
    let at = |path: &str| model.device_of(path).expect("it is there").clone();
    for path in [
        "",
        "transformer",
        "transformer.wte",
        "transformer.wpe",
        "transformer.h.0",
        "transformer.h.0.mlp",
    ] {
        assert_eq!(at(path), first, "{path}");
    }
    for path in [
        "transformer.h.2",
        "transformer.h.2.attn.c_attn",
        "transformer.ln_f",
        "lm_head",
    ] {
        assert_eq!(at(path), second, "{path}");
    }
    // The parameters are where their modules are.
    let weight = |linear: &nnsight::models::Linear| linear.weight.val().device();
    assert_eq!(weight(&model.model().transformer.h[0].mlp.c_fc), first);
    assert_eq!(weight(&model.model().transformer.h[2].mlp.c_fc), second);
    assert_eq!(*lm.device(), first);
    Ok(())
}

/// An mlp's output joins the stream of its block, so it goes back there.
#[test]
fn a_part_of_a_block_may_be_elsewhere() -> nnsight::models::Result<()> {
    let Some([first, second]) = two("a_part_of_a_block_may_be_elsewhere") else {
        return Ok(());
    };
    let goldens = Goldens::read();
    let map = DeviceMap::by_path([("", first.clone()), ("transformer.h.1.mlp", second.clone())]);
    let lm = lm().dispatch()?.with_device_map(map)?;
    let (mlp, logits) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        (m.transformer.h[1].mlp.output.save(), m.lm_head.output.save())
    })?;
    assert_eq!((mlp.device(), logits.device()), (second, first));
    goldens.check("transformer.h.1.mlp.output", mlp);
    goldens.check("lm_head.output", logits);
    Ok(())
}

#[test]
fn an_attached_module_runs_where_it_was_made() -> nnsight::models::Result<()> {
    let Some([first, second]) = two("an_attached_module_runs_where_it_was_made") else {
        return Ok(());
    };
    let goldens = Goldens::read();
    let attach = |lm: Lm, device: &Device| lm.attach("sae", sae().to_device(device));
    let body = |m: Sites<Gpt2>, sae: nnsight::Attached<Sae>| {
        let stream = m.transformer.h.at(0).output;
        stream.set(m.attached(sae).call(stream.get()));
        (
            m.attached(sae).latents.output.get().save(),
            m.lm_head.output.get().save(),
        )
    };
    let (one, sae) = attach(lm().with_device(device()), &device())?;
    let (_, wanted) = one.trace(goldens.ids("ids_a"), |m| body(m, sae))?;
    let (lm, sae) = attach(lm().with_device_map(halves(&[first, second.clone()]))?, &second)?;
    let (latents, logits) = lm.trace(goldens.ids("ids_a"), |m| body(m, sae))?;
    assert_eq!(latents.device(), second);
    near(logits, wanted);
    Ok(())
}

#[test]
fn a_map_that_does_not_fit_says_what_is_wrong() {
    let refused = |map: DeviceMap| {
        let error = lm().with_device_map(map).expect_err("it does not fit");
        error.to_string()
    };
    let wrong = refused(DeviceMap::by_path([
        ("", device()),
        ("transformer.h.3", device()),
    ]));
    assert!(
        wrong.contains("no module `transformer.h.3`; its own are transformer, lm_head"),
        "{wrong}"
    );
    let wrong = refused(DeviceMap::by_path([("transformer", device())]));
    assert!(wrong.contains("add an entry with the path \"\""), "{wrong}");
    let wrong = refused(DeviceMap::auto(&[]));
    assert!(wrong.contains("names no device"), "{wrong}");
}

/// Where a forward puts together what is on two devices, Burn panics.
#[test]
fn embeddings_on_two_devices_are_an_error_of_the_trace() -> nnsight::models::Result<()> {
    let Some([first, second]) = two("embeddings_on_two_devices_are_an_error_of_the_trace") else {
        return Ok(());
    };
    let map = [
        ("", &first),
        ("transformer.wpe", &second),
        ("transformer.h.2", &second),
    ];
    let map = DeviceMap::by_path(map.map(|(path, device)| (path, device.clone())));
    let lm = lm().with_device_map(map)?;
    let ids = || Goldens::read().ids("ids_a");
    let error = trace!(lm, ids(), |m: Gpt2| m.lm_head.output.argmax(Vocab).save()).expect_err("two devices");
    assert!(error.to_string().contains("place those together"), "{error}");
    let map = DeviceMap::auto(&[first, second]);
    let lm = lm.with_device_map(map)?;
    trace!(lm, ids(), |m: Gpt2| m.lm_head.output.argmax(Vocab).save())?;
    Ok(())
}

#[test]
fn a_module_on_several_devices_cannot_be_called_by_itself() -> nnsight::models::Result<()> {
    let Some(devices) = two("a_module_on_several_devices_cannot_be_called_by_itself") else {
        return Ok(());
    };
    let lm = lm().with_device_map(halves(&devices))?;
    let ids = Goldens::read().ids("ids_a");
    let called = lm.trace(ids, |m| m.transformer.call(m.input.get()).save());
    let error = called.map(drop).expect_err("it is on two devices");
    assert!(
        error
            .to_string()
            .contains("calls `transformer`, which is on several devices"),
        "{error}"
    );
    Ok(())
}

/// A list is what is spread; a model without one stays together, unless its modules are named.
#[test]
fn a_model_of_ones_own_can_be_placed() -> nnsight::Result<()> {
    let net = tiny_net();
    let wanted = rows(trace!(net, input(), |m: TinyNet| m.output.save())?);
    let devices = [device(), Device::flex()];
    let together = tiny_net().with_device_map(&DeviceMap::auto(&devices))?;
    assert_eq!(together.device_of("layer2"), Some(&devices[0]));
    let [first, second] = devices;
    let apart = DeviceMap::by_path([("", first.clone()), ("layer2", second.clone())]);
    let apart = tiny_net().with_device_map(&apart)?;
    assert_eq!(apart.device_of("layer2"), Some(&second));
    for net in [together, apart] {
        let (hidden, output) = trace!(net, input(), |m: TinyNet| (
            m.layer2.input.save(),
            m.output.save()
        ))?;
        assert_eq!(hidden.device(), *net.device_of("layer2").expect("it is there"));
        assert_eq!(rows(output), wanted);
        let plain = net.forward_passes(|forward| forward(input()))?;
        assert_eq!(plain.device(), first);
        assert_eq!(rows(plain), wanted);
    }
    assert!(matches!(
        tiny_net().with_device_map(&DeviceMap::by_path([("layer3", first)])),
        Err(Error::DeviceMap { .. })
    ));
    Ok(())
}
