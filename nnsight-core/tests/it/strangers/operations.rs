//! Random operations and their numbers, for a value of any sizes.

use crate::strangers::mutations::Random;
use nnsight::KindTag;
use nnsight::dims::Dims;
use nnsight::graph::TensorMeta;
use nnsight::index::Take;
use nnsight::ops::{Along, Binary, Compare, Einsum, Function, Law, Logic, Numeric, Op, Reduce, Scalar};

impl Random {
    pub fn number(&mut self, kind: KindTag) -> Scalar {
        let whole = [0, 1, -1, 2, 7, i64::from(i32::MAX), i64::from(i32::MIN)];
        match kind {
            KindTag::Float => {
                Scalar::Float(self.of(&[0.0, 1.0, -2.5, 1e-40, 1e300, f64::INFINITY, f64::NAN]))
            }
            KindTag::Int => Scalar::Int(self.of(&whole)),
            KindTag::Bool => Scalar::Int(self.of(&[0, 1])),
        }
    }

    /// Which part of a tensor.
    pub fn takes(&mut self, dims: Dims) -> Vec<Take> {
        let count = self.below(dims.rank() + 1);
        let mut takes = Vec::new();
        for dim in 0..count {
            let size = dims.get(dim).unwrap_or(1) as i64;
            let at = self.below(size as usize + 1) as i64;
            takes.push(match self.below(4) {
                0 => Take::All,
                1 => Take::One(at.min(size - 1) - self.of(&[0, size])),
                2 => Take::Slice { start: at, end: None },
                _ => Take::Slice {
                    start: at - size.min(at),
                    end: Some(at),
                },
            });
        }
        takes
    }

    fn sizes(&mut self, dims: Dims) -> Vec<Option<usize>> {
        let mut sizes = dims.sizes().to_vec();
        match self.below(3) {
            0 => sizes.reverse(),
            1 => {
                let elements = dims.elements().unwrap_or(1);
                let first = self.of(&[1, 2, 3, elements.max(1)]);
                sizes = vec![Some(first), None];
            }
            _ => sizes = vec![dims.elements()],
        }
        sizes
    }

    /// An operation that may fit these inputs.
    pub fn operation(&mut self, of: TensorMeta) -> (Op, usize) {
        let dim = self.below(of.dims.rank());
        let size = of.dims.get(dim).unwrap_or(1);
        let binary = self.of(&[
            Binary::Add,
            Binary::Sub,
            Binary::Mul,
            Binary::Div,
            Binary::Rem,
            Binary::Maximum,
            Binary::Minimum,
        ]);
        let compare = self.of(&[
            Compare::Gt,
            Compare::Ge,
            Compare::Lt,
            Compare::Le,
            Compare::Equal,
            Compare::NotEqual,
        ]);
        let number = self.number(of.kind);
        match self.below(37) {
            0 => (Op::Binary(binary), 2),
            1 => (Op::Scalar(binary, number), 1),
            2 => (Op::Compare(compare), 2),
            3 => (Op::CompareScalar(compare, number), 1),
            4 => (Op::Logic(self.of(&[Logic::And, Logic::Or, Logic::Xor])), 2),
            5 => (Op::Not, 1),
            6 => (Op::MaskWhere, 3),
            7 => (Op::MaskFill(number), 2),
            8 => (Op::Function(self.function()), 1),
            9 => {
                let (low, high) = (self.number(of.kind), self.number(of.kind));
                let clamp = Numeric::Clamp {
                    low: Some(low),
                    high: self.of(&[None, Some(high)]),
                };
                let power = self.of(&[0, 1, 2, 3, 31, 2_147_483_647]);
                let all = [
                    Numeric::Neg,
                    Numeric::Abs,
                    Numeric::Sign,
                    Numeric::Powi(power),
                    clamp,
                ];
                (Op::Numeric(self.of(&all)), 1)
            }
            10..=12 => {
                let reduce = self.of(&[
                    Reduce::Sum,
                    Reduce::Max,
                    Reduce::Min,
                    Reduce::ArgMax,
                    Reduce::ArgMin,
                    Reduce::Mean,
                    Reduce::Var,
                    Reduce::Norm,
                    Reduce::LogSumExp,
                    Reduce::Any,
                    Reduce::All,
                ]);
                (Op::Reduce(reduce, self.of(&[None, Some(dim)])), 1)
            }
            13..=14 => {
                let along = self.of(&[
                    Along::Softmax,
                    Along::LogSoftmax,
                    Along::CumSum,
                    Along::Sort,
                    Along::SortDescending,
                    Along::ArgSort,
                    Along::ArgSortDescending,
                    Along::Flip,
                ]);
                (Op::Along(along, dim), 1)
            }
            15 => (Op::Matmul, 2),
            16 => (Op::Reshape(self.sizes(of.dims)), 1),
            17 => (Op::Rename(of.dims.sizes().to_vec()), 1),
            18 => {
                let mut order: Vec<usize> = (0..of.dims.rank()).collect();
                order.rotate_left(dim);
                (Op::Permute(order), 1)
            }
            19 => {
                let new = self.of(&[0, 1, 2, 5]);
                let at = self.below(of.dims.rank() + 1);
                let sizes = of.dims.insert(at, Some(new)).sizes().to_vec();
                let places = (0..sizes.len()).filter(|place| *place != at).collect();
                (Op::Expand { places, sizes }, 1)
            }
            20 => (Op::ExpandAs(vec![dim]), 2),
            21 => (Op::Slice(self.takes(of.dims)), 1),
            22 => (Op::Assign(self.takes(of.dims)), 2),
            23 => (Op::Fill(self.takes(of.dims), number), 1),
            24 => {
                let positions = (0..self.below(4)).map(|n| (n % size.max(1)) as i64).collect();
                (Op::Take { dim, positions }, 1)
            }
            25 => (Op::Select(dim), 2),
            26 => (Op::Pick(dim), 2),
            27 => (Op::Gather(dim), 2),
            28 => {
                let k = self.below(size + 1);
                let positions = self.of(&[true, false]);
                (Op::TopK { dim, k, positions }, 1)
            }
            29 => (Op::Cat(dim), 1 + self.below(3)),
            30 => {
                let scalars = of.dims == Dims::scalar();
                (Op::Stack { size: None, scalars }, 1 + self.below(3))
            }
            31 => (Op::Cast(self.kind()), 1),
            32 => (
                Op::OneHot {
                    size: self.of(&[0, 1, 3, 9]),
                    scalar: false,
                },
                1,
            ),
            33 => {
                let kind = self.kind();
                (Op::Full(kind, self.number(kind)), 1)
            }
            34 => {
                let normal = Law::Normal { mean: 1.0, std: 0.0 };
                let law = self.of(&[normal, Law::Uniform { low: -1.0, high: 1.0 }]);
                (Op::Noise { seed: 3, law }, 1)
            }
            35 => {
                let (rank, shift) = (of.dims.rank() as u8, self.below(3) as u8);
                let all = (0..rank + shift).rev();
                let output = all.filter(|_| self.of(&[true, false])).collect();
                let (left, right) = ((0..rank).collect(), (shift..rank + shift).collect());
                (Op::Einsum(Einsum { left, right, output }), 2)
            }
            _ => (Op::Cast(KindTag::Int), 1),
        }
    }

    fn kind(&mut self) -> KindTag {
        self.of(&[KindTag::Float, KindTag::Int, KindTag::Bool])
    }

    fn function(&mut self) -> Function {
        let parameter = self.of(&[0.0, 0.5, -1.0, 3.0, 1e30]);
        self.of(&[
            Function::Exp,
            Function::Log,
            Function::Log1p,
            Function::Sqrt,
            Function::Recip,
            Function::Sin,
            Function::Cos,
            Function::Tanh,
            Function::Erf,
            Function::Floor,
            Function::Ceil,
            Function::Round,
            Function::Powf { exponent: parameter },
            Function::Relu,
            Function::LeakyRelu { slope: parameter },
            Function::Gelu,
            Function::GeluTanh,
            Function::Silu,
            Function::Sigmoid,
            Function::LogSigmoid,
            Function::Softplus,
            Function::Mish,
            Function::Elu { alpha: parameter },
        ])
    }
}
