//! Several losses: Burn's tape is used up by a backward pass, so the forward pass runs once for each loss.
//! What one pass gives and a later one needs goes there as a constant.

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::node::{Constant, Node, NodeId, NodeKind};
use crate::plan::Plan;
use crate::run::machine::{Given, Machine};
use crate::tensor::erased::Erased;
use std::sync::Arc;

/// One forward pass with its backward pass.
struct Pass {
    plan: Plan,
    constants: Vec<Constant>,
    /// Nodes that keep something for later passes, and the constant that it becomes there.
    exports: Vec<(NodeId, usize)>,
}

/// Runs a plan with several losses. `run` runs the plan of one of them.
///
/// # Errors
/// [`Error::GradientOrder`] and [`Error::ClosureTwice`] before anything runs, and what `run` finds.
pub(crate) fn run(
    whole: &Plan,
    (constants, mut maps): Given,
    mut run: impl FnMut(Arc<Plan>, Given) -> Result<Machine>,
) -> Result<Vec<Machine>> {
    let passes = split(whole, constants)?;
    check_closures(&passes)?;
    let mut machines = Vec::with_capacity(passes.len());
    let mut kept: Vec<(usize, Erased)> = Vec::new();
    for Pass {
        plan,
        mut constants,
        exports,
    } in passes
    {
        for (constant, tensor) in &kept {
            constants[*constant] = Constant::Tensor(tensor.clone());
        }
        let needed = |number: usize| needs_closure(&plan, number);
        let mine = maps.iter_mut().enumerate();
        let mine = mine.map(|(number, map)| if needed(number) { map.take() } else { None });
        let mine = mine.collect();
        let mut machine = run(Arc::new(plan), (constants, mine))?;
        for (save, constant) in exports {
            let tensor = machine.saved(save).ok_or(Error::TooFewTensors)?;
            kept.push((constant, tensor));
        }
        machines.push(machine);
    }
    Ok(machines)
}

/// The plans of the passes, in the order of their losses.
fn split(whole: &Plan, mut constants: Vec<Constant>) -> Result<Vec<Pass>> {
    let losses = whole.losses();
    let stages = stages(whole, &losses)?;
    // Later passes see what earlier ones keep as constants.
    let mut graph: Graph = whole.graph.clone();
    let mut passes = Vec::with_capacity(losses.len());
    for pass in 0..losses.len() {
        let needed = || whole.ids().filter(|id| whole.needed[id.index()]);
        let is_mine = |id: &NodeId| stages[id.index()].unwrap_or(0) == pass;
        let is_root = |id: &NodeId| {
            let kind = &whole.graph.nodes[id.index()].kind;
            kind.is_save() || matches!(kind, NodeKind::ParameterGradients { .. })
        };
        let mut roots: Vec<NodeId> = needed().filter(|id| is_root(id) && is_mine(id)).collect();
        let is_used_later = |id: &NodeId| {
            needed().any(|user| {
                stages[user.index()] > Some(pass) && whole.graph.nodes[user.index()].inputs.contains(id)
            })
        };
        let kept: Vec<NodeId> = needed()
            .filter(|id| stages[id.index()] == Some(pass) && is_used_later(id))
            .collect();
        let (mut mine, mine_constants) = (graph.clone(), constants.clone());
        let mut exports = Vec::with_capacity(kept.len());
        for id in kept {
            let Node { meta, written_at, .. } = whole.graph.nodes[id.index()];
            let save = NodeId(mine.nodes.len() as u32);
            mine.nodes.push(Node {
                kind: NodeKind::Save,
                inputs: vec![id],
                meta,
                written_at,
            });
            roots.push(save);
            let constant = constants.len();
            constants.push(Constant::Data(burn::tensor::TensorData::from([0.0f32])));
            let node = &mut graph.nodes[id.index()];
            node.kind = NodeKind::Constant(constant as u32);
            node.inputs.clear();
            exports.push((save, constant));
        }
        let plan = Plan::rooted(mine, Arc::clone(&whole.tree), &roots)?;
        passes.push(Pass {
            plan,
            constants: mine_constants,
            exports,
        });
    }
    Ok(passes)
}

/// In which pass a node can run: `None` for one that needs no gradient.
fn stages(whole: &Plan, losses: &[NodeId]) -> Result<Vec<Option<usize>>> {
    let mut stages: Vec<Option<usize>> = vec![None; whole.graph.nodes.len()];
    for id in whole.ids().filter(|id| whole.needed[id.index()]) {
        let node = &whole.graph.nodes[id.index()];
        let loss = node.kind.backward();
        let own = loss.and_then(|loss| losses.iter().position(|known| *known == loss));
        let latest = node.inputs.iter().max_by_key(|input| stages[input.index()]);
        let needed = latest.and_then(|input| stages[input.index()]);
        if let (Some(own), Some(later), Some(input)) = (own, needed, latest)
            && later > own
        {
            return Err(Error::GradientOrder {
                written: whole.gradient_name(id),
                needed: whole
                    .gradient_in(*input)
                    .unwrap_or_else(|| String::from("a later gradient")),
                at: whole.written_at(id),
            });
        }
        stages[id.index()] = own.max(needed);
    }
    Ok(stages)
}

fn needs_closure(plan: &Plan, number: usize) -> bool {
    let mut needed = plan.ids().filter(|id| plan.needed[id.index()]);
    needed.any(|id| matches!(plan.graph.nodes[id.index()].kind, NodeKind::Map(map) if map as usize == number))
}

/// Refuses a closure that more than one pass needs.
fn check_closures(passes: &[Pass]) -> Result<()> {
    let Some(Pass { plan: first, .. }) = passes.first() else {
        return Ok(());
    };
    for id in first.ids() {
        let NodeKind::Map(number) = first.graph.nodes[id.index()].kind else {
            continue;
        };
        let needing = passes
            .iter()
            .filter(|pass| needs_closure(&pass.plan, number as usize));
        if let losses @ 2.. = needing.count() {
            let at = first.written_at(id);
            return Err(Error::ClosureTwice { losses, at });
        }
    }
    Ok(())
}
