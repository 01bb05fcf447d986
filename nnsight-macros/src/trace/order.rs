//! The order of the forward pass: a value that needs a later site cannot be written into an earlier one.

use super::check::Checks;
use super::emit::Extent;
use super::literals;
use super::path::{End, Item, Path, Step, member_name};
use quote::quote_spanned;
use std::rc::Rc;

/// Where `needed` stands, seen from a site that is written.
enum Order<'a> {
    /// It is not known, or nothing is wrong.
    Fine,
    /// Later, by what inputs and outputs are.
    Later,
    /// Below another child of a module: the module's forward decides.
    Children(&'a [Step], &'a Step, &'a Step),
    /// Below another item of a list.
    Items(&'a [Step], i64, i64),
}

/// Refuses to write what needs a later site.
pub fn check(checks: &mut Checks, written: &Path, needs: &[Path], at: Extent) {
    for needed in needs {
        let (to, from) = (written.text(&written.steps), needed.text(&needed.steps));
        match order(written, needed) {
            Order::Fine => {}
            Order::Later => checks.refuse(
                &format!(
                    "the value of {from} cannot be written into {to}, which comes earlier in the forward pass"
                ),
                at,
            ),
            Order::Children(common, first, second) => {
                let module = written.constant(common, at.first);
                let (first, second) = (step_name(first), step_name(second));
                let args = quote_spanned!(at.first=> &#module, #first, #second, #to, #from);
                checks.add(written, "order", args, at);
            }
            Order::Items(list, first, second) => {
                let Some((name, parent)) = list.split_last() else {
                    continue;
                };
                let (list, parent) = (
                    written.constant(list, at.first),
                    written.constant(parent, at.first),
                );
                let (name, first, second) = (
                    step_name(name),
                    literals::tokens(first, at.first),
                    literals::tokens(second, at.first),
                );
                let args = quote_spanned!(at.first=> &#parent, #name, &#list, #first, #second, #to, #from);
                checks.add(written, "item_order", args, at);
            }
        }
    }
}

fn order<'a>(written: &'a Path, needed: &'a Path) -> Order<'a> {
    let is_comparable = written.is_plain && needed.is_plain && Rc::ptr_eq(&written.root, &needed.root);
    let (Some((to, to_end)), Some((from, from_end)), true) = (written.split(), needed.split(), is_comparable)
    else {
        return Order::Fine;
    };
    let common = to.iter().zip(from).take_while(|(a, b)| a == b).count();
    match (to.get(common), from.get(common)) {
        // The same module.
        (None, None) if to_end == End::Input && from_end == End::Output => Order::Later,
        // Written inside of the module whose output is needed.
        (Some(_), None) if from_end == End::Output => Order::Later,
        // Needed from inside of the module whose input is written.
        (None, Some(_)) if to_end == End::Input => Order::Later,
        (Some(first @ Step::Field(_)), Some(second @ Step::Field(_))) => {
            Order::Children(&to[..common], first, second)
        }
        (Some(Step::Item(Item::Literal(first))), Some(Step::Item(Item::Literal(second)))) => {
            match to[..common].last() {
                Some(Step::Field(_)) => Order::Items(&to[..common], *first, *second),
                _ => Order::Fine,
            }
        }
        _ => Order::Fine,
    }
}

fn step_name(step: &Step) -> String {
    match step {
        Step::Field(member) => member_name(member),
        Step::Item(_) => String::new(),
    }
}
