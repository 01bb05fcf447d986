//! Integers that backends do not agree on: positions outside of an axis, divisors of 0.
//!
//! They are refused at once where they lie in this process' memory. To look at those on a GPU is to wait for it,
//! so there harmless ones take their place, and what was given is looked at when the forward pass is over.

use super::error::OpError;
use super::{Binary, Op};
use crate::shapes::kind::KindTag;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Int, Tensor};

/// What the numbers of an operation's second input must be.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Position { dim: usize, size: usize },
    Divisor,
}

/// Numbers that have yet to be looked at.
#[derive(Debug)]
pub(crate) struct Unchecked {
    rule: Rule,
    numbers: Erased,
}

impl Op {
    /// Refuses numbers that the operation does not take, or makes them harmless and leaves them to be checked.
    ///
    /// # Errors
    /// [`OpError::OutOfBounds`], [`OpError::DivisionByZero`].
    pub(crate) fn guard(&self, inputs: &mut [Erased]) -> Result<Option<Unchecked>, OpError> {
        let [input, numbers] = inputs else { return Ok(None) };
        let Some(rule) = self.rule(input).filter(|_| numbers.kind() == KindTag::Int) else {
            return Ok(None);
        };
        let unchecked = Unchecked {
            rule,
            numbers: numbers.clone(),
        };
        // In an axis without elements no position is harmless.
        if numbers.is_on_host() || matches!(rule, Rule::Position { size: 0, .. }) {
            return unchecked.check().map(|()| None);
        }
        *numbers = rule.harmless(unchecked.numbers.clone());
        Ok(Some(unchecked))
    }

    fn rule(&self, input: &Erased) -> Option<Rule> {
        match *self {
            Op::Select(dim) | Op::Pick(dim) | Op::Gather(dim) => Some(Rule::Position {
                dim,
                size: input.dims().get(dim)?,
            }),
            Op::Binary(Binary::Div | Binary::Rem) if input.kind() == KindTag::Int => Some(Rule::Divisor),
            _ => None,
        }
    }
}

impl Rule {
    fn harmless(self, numbers: Erased) -> Erased {
        with_rank!(numbers.dims().rank(), D => {
            let numbers: Tensor<D, Int> = numbers.assume();
            Erased::new(match self {
                Rule::Position { size, .. } => numbers.clamp(0, size as i64 - 1),
                Rule::Divisor => {
                    let zeros = numbers.clone().equal_elem(0);
                    numbers.mask_fill(zeros, 1)
                }
            })
        })
    }
}

impl Unchecked {
    /// Looks at the numbers, which waits for their device.
    ///
    /// # Errors
    /// [`OpError::OutOfBounds`], [`OpError::DivisionByZero`].
    pub(crate) fn check(&self) -> Result<(), OpError> {
        // A device that cannot be read says so where the results are read.
        let Ok(data) = self.numbers.to_data() else {
            return Ok(());
        };
        let mut numbers = data.iter::<i64>();
        match self.rule {
            Rule::Position { dim, size } => match numbers.find(|&index| index < 0 || index >= size as i64) {
                Some(index) => Err(OpError::OutOfBounds { dim, index, size }),
                None => Ok(()),
            },
            Rule::Divisor => match numbers.any(|number| number == 0) {
                true => Err(OpError::DivisionByZero),
                false => Ok(()),
            },
        }
    }
}
