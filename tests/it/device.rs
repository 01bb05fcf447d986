//! Devices by name, and what lives where.

use crate::support::{Batch, Hidden, TinyNet, device, input, rows, tiny_net};
use nnsight::prelude::*;
use nnsight::{DeviceName, Error, devices};

#[test]
fn names_are_read_as_they_are_written() -> nnsight::Result<()> {
    for name in ["cpu", "wgpu", "wgpu:0", "wgpu:12", "cuda", "cuda:3"] {
        assert_eq!(name.parse::<DeviceName>()?.to_string(), name);
    }
    assert_eq!("flex".parse::<DeviceName>()?, DeviceName::Cpu);
    assert_eq!(DeviceName::default(), DeviceName::Cpu);
    Ok(())
}

#[test]
fn a_name_of_no_device_says_which_there_are() {
    for name in ["", "gpu", "cpu:0", "wgpu:", "wgpu:one", "cuda:-1", "CUDA"] {
        let error = nnsight::device(name).expect_err("no device has that name");
        assert!(
            matches!(&error, Error::DeviceName { found } if found == name),
            "{error}"
        );
        assert!(
            error.to_string().contains("wanted `cpu`, `wgpu` or `cuda`"),
            "{error}"
        );
    }
}

#[test]
fn the_cpu_is_always_there() -> nnsight::Result<()> {
    assert_eq!(nnsight::device("cpu")?, Device::flex());
    assert_eq!(devices()[0].name, DeviceName::Cpu);
    Ok(())
}

#[cfg(not(feature = "wgpu"))]
#[test]
fn a_device_that_was_not_built_names_the_feature() {
    let error = nnsight::device("wgpu:1").expect_err("not built");
    assert_eq!(error.to_string().lines().count(), 1);
    assert_eq!(
        error.to_string(),
        "this program was built without the feature `wgpu`, so it cannot run on `wgpu:1`: build it with \
         `--features wgpu`, or in Cargo.toml `nnsight = { features = [\"wgpu\"] }`"
    );
}

#[cfg(feature = "wgpu")]
#[test]
fn a_gpu_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let error = nnsight::device("wgpu:999").expect_err("nobody has a thousand");
    assert!(
        matches!(&error, Error::NoDevice { found, .. } if *found == devices()),
        "{error}"
    );
    let message = error.to_string();
    let start = "there is no `wgpu:999` on this machine, found cpu (the CPU, through flex)";
    assert!(message.starts_with(start), "{message}");
    assert!(message.contains("mesa-vulkan-drivers"), "{message}");
}

#[test]
fn what_is_saved_is_on_the_models_device() -> nnsight::Result<()> {
    let hidden = trace!(tiny_net(), input(), |m: TinyNet| m.layer1.output.save())?;
    assert_eq!(hidden.device(), device());
    Ok(())
}

/// A result on the CPU would have to be waited for, and would then be sent back.
#[test]
fn tensors_that_a_trace_is_given_follow_the_model() -> nnsight::Result<()> {
    let ones = Tensor::<2>::ones([2, 3], &Device::flex());
    let (left, called, edited) = trace!(tiny_net(), input(), |m: TinyNet| {
        let given = Value::<(Batch, Hidden)>::constant(&ones);
        let left = ones.clone() - m.layer1.output;
        let called = m.layer2.call(given * 2.0);
        m.layer1.output += &ones;
        (left.save(), called.save(), m.layer1.output.save())
    })?;
    for tensor in [&left, &called, &edited] {
        assert_eq!(tensor.device(), device());
    }
    assert_eq!(rows(left), [0.0, -1.0, -2.0, -2.0, -3.0, -6.0]);
    assert_eq!(rows(called), [4.0, 0.0, 4.0, 0.0]);
    assert_eq!(rows(edited), [2.0, 3.0, 4.0, 4.0, 5.0, 8.0]);
    Ok(())
}
