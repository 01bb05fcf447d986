//! Which operations are registered and in which blocks they run, by fusion's own observer.

use crate::alone;
use crate::nets::{Net, net, plain};
use crate::support::device;
use burn::backend::fusion::observer::{BlockOperations, FusionObservation, FusionObserver};
use burn::backend::ir::{OperationIr, TensorId};
use nnsight::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What the fusion server did: the operations, with their tensors numbered as they appear.
#[derive(Clone, Debug, Default, PartialEq)]
struct Work {
    registered: Vec<String>,
    blocks: Vec<Vec<String>>,
    numbers: HashMap<TensorId, usize>,
}

impl Work {
    /// The operation by its name, sizes and tensors. Burn numbers tensors through, so that no two runs agree.
    fn describe(&mut self, operation: &OperationIr) -> String {
        let mut text = format!("{operation:?}");
        for node in operation.nodes() {
            let next = self.numbers.len();
            let number = *self.numbers.entry(node.id).or_insert(next);
            text = text.replace(&format!("{:?}", node.id), &format!("#{number}"));
        }
        text
    }

    /// How many operations each block runs, where there is more than one: a fused kernel. A block also frees
    /// tensors, which computes nothing.
    fn fused(&self) -> Vec<usize> {
        let computes = |block: &Vec<String>| block.iter().filter(|text| !text.starts_with("Drop")).count();
        let sizes = self.blocks.iter().map(computes);
        sizes.filter(|&size| size > 1).collect()
    }
}

#[derive(Default)]
struct Watching(Mutex<Work>);

impl FusionObserver for Watching {
    fn registered(&self, operation: &OperationIr) {
        if let Ok(mut work) = self.0.lock() {
            let operation = work.describe(operation);
            work.registered.push(operation);
        }
    }

    fn block_starts(&self, block: BlockOperations<'_>) {
        if let Ok(mut work) = self.0.lock() {
            let block = block.iter().map(|operation| work.describe(operation)).collect();
            work.blocks.push(block);
        }
    }

    fn block_ran(&self) {}
}

/// What the device is asked to do by `run`, which is run twice before: fusion remembers the blocks that it has found.
fn work_of<R>(mut run: impl FnMut() -> R) -> Work {
    let device = device();
    let wait = || device.sync().expect("the device is there");
    for _ in 0..2 {
        drop(run());
        wait();
    }
    let watching = Arc::new(Watching::default());
    let observation = FusionObservation::new(Arc::clone(&watching) as Arc<dyn FusionObserver>);
    let result = run();
    wait();
    drop(observation);
    drop(result);
    let work = watching.0.lock().expect("nobody panicked").clone();
    assert!(!work.registered.is_empty(), "fusion is on");
    work
}

#[test]
fn hooks_without_a_trace_register_and_run_what_plain_burn_does() {
    let Some(_alone) = alone("stalls::fusion::hooks_without_a_trace_register_and_run_what_plain_burn_does")
    else {
        return;
    };
    let (net, x) = net(&device());
    let by_hand = work_of(|| plain(net.model(), x.clone(), |_, _| {}));
    let hooked = work_of(|| net.model().forward(x.clone()));
    assert_eq!(hooked.registered, by_hand.registered);
    assert_eq!(hooked.blocks, by_hand.blocks);
    assert!(
        by_hand.fused().len() > 3,
        "there is something to fuse: {:?}",
        by_hand.fused()
    );
}

#[test]
fn what_is_saved_leaves_the_kernels_as_they_are() {
    let Some(_alone) = alone("stalls::fusion::what_is_saved_leaves_the_kernels_as_they_are") else {
        return;
    };
    let (net, x) = net(&device());
    let by_hand = work_of(|| {
        let mut kept = None;
        let output = plain(net.model(), x.clone(), |number, x| {
            if number == 1 {
                kept = Some(x.clone());
            }
        });
        (output, kept)
    });
    let traced =
        work_of(|| trace!(net, &x, |m: Net| (m.output.save(), m.second.output.save())).expect("runs"));
    assert_eq!(traced.blocks, by_hand.blocks);
}

#[test]
fn an_edit_leaves_the_other_blocks_fused() {
    let Some(_alone) = alone("stalls::fusion::an_edit_leaves_the_other_blocks_fused") else {
        return;
    };
    let (net, x) = net(&device());
    let untouched = work_of(|| net.model().forward(x.clone())).fused();
    let edited = work_of(|| {
        trace!(net, &x, |m: Net| {
            m.third.output *= 2.0;
            m.output.save()
        })
        .expect("runs")
    })
    .fused();
    // One more multiplication, and it joins the kernel that adds the residual.
    let before = untouched.len() - 1;
    assert_eq!(edited[..before], untouched[..before], "{edited:?}, {untouched:?}");
    assert_eq!(edited.len(), untouched.len(), "{edited:?}, {untouched:?}");
    assert_eq!(edited[before], untouched[before] + 1, "{edited:?}, {untouched:?}");
}
