//! The order of the forward pass: a value that needs a later site cannot be written into an earlier one.

use super::check::Checks;
use super::emit::Extent;
use super::literals;
use super::path::{End, Item, Path, Step, member_name};
use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use std::rc::Rc;

/// Refuses to write what needs a later site, as far as the texts of the forwards show which that is.
pub fn check(checks: &mut Checks, written: &Path, needs: &[Path], at: Extent) {
    for needed in needs {
        let is_comparable = written.is_plain && needed.is_plain && Rc::ptr_eq(&written.root, &needed.root);
        let (Some((to, to_end)), Some((from, from_end)), true) =
            (written.split(), needed.split(), is_comparable)
        else {
            continue;
        };
        let (to_text, from_text) = (written.text(&written.steps), needed.text(&needed.steps));
        let common = to.iter().zip(from).take_while(|(a, b)| a == b).count();
        if to.len() == common && from.len() == common {
            // The same module, whichever it is.
            if to_end == End::Input && from_end == End::Output {
                checks.refuse(
                    &format!(
                        "the value of {from_text} cannot be written into {to_text}, which comes earlier in the forward pass"
                    ),
                    at,
                );
            }
            continue;
        }
        let (to, from) = (way(written, to, at), way(needed, from, at));
        let (to_end, from_end) = (end(to_end, at), end(from_end, at));
        let shared = Literal::usize_unsuffixed(common + 1);
        let args = quote_spanned! {at.first=>
            (&[#to], #to_end, #to_text), (&[#from], #from_end, #from_text), #shared
        };
        checks.add(written, "order", args, at);
    }
}

/// The modules and lists on the way to a module, each with the step that follows.
fn way(path: &Path, steps: &[Step], at: Extent) -> TokenStream {
    let check = quote_spanned!(at.first=> ::nnsight::__private::check);
    let levels = steps.iter().enumerate().map(|(i, step)| {
        let here = path.constant(&steps[..i], at.first);
        match step {
            Step::Field(member) => {
                let name = member_name(member);
                let name = name.trim_start_matches("r#");
                quote_spanned!(at.first=> #check::into(&#here, #name),)
            }
            Step::Item(Item::Literal(index)) => {
                let index = literals::tokens(*index, at.first);
                quote_spanned!(at.first=> #check::item_at(&#here, #index),)
            }
            Step::Item(Item::Some(_)) => quote_spanned!(at.first=> #check::some_item(&#here),),
        }
    });
    let module = path.constant(steps, at.first);
    let end = quote_spanned!(at.first=> #check::end(&#module));
    quote!(#(#levels)* #end)
}

fn end(end: End, at: Extent) -> TokenStream {
    match end {
        End::Input => quote_spanned!(at.first=> ::nnsight::End::Input),
        End::Output => quote_spanned!(at.first=> ::nnsight::End::Output),
    }
}
