//! Models of the same parts, each of which calls them in another way; the same way by hand beside it.

use super::*;

macro_rules! model {
    ($name:ident: |$hand:ident, $x:ident| $by_hand:block) => {
        impl Model for $name {
            fn of(first: Linear, pair: Pair, list: Vec<Linear>, end: Counted) -> Self {
                $name {
                    first,
                    pair,
                    list,
                    end,
                }
            }
            fn sites(m: Sites<Self>) -> [Place; SITES] {
                let [one, other] = [m.list.at(0), m.list.at(1)];
                [
                    m.first.output,
                    m.pair.input,
                    m.pair.output,
                    m.pair.a.input,
                    m.pair.a.output,
                    m.pair.b.input,
                    m.pair.b.output,
                    one.input,
                    one.output,
                    other.input,
                    other.output,
                    m.end.output,
                ]
            }
            fn by_hand($hand: &mut ByHand, $x: Row) -> Row $by_hand
        }
    };
}

/// All of it is shown.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Straight {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Straight {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let mut x = self.pair.forward(x);
        for layer in &self.list {
            x = layer.forward(x);
        }
        self.end.forward(x)
    }
}

model! {
    Straight: |hand, x| {
        let x = hand.pair(x);
        let x = hand.item(0, x);
        hand.item(1, x)
    }
}

/// A grandchild first.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Grandparent {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Grandparent {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let x = self.pair.b.forward(x);
        let x = self.list[1].forward(x);
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Grandparent: |hand, x| {
        let x = hand.twice(B, x);
        let x = hand.item(1, x);
        hand.pair(x)
    }
}

/// A grandchild again.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct After {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl After {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let x = self.pair.forward(x);
        let x = self.pair.a.forward(x) - 3.0;
        self.end.forward(x)
    }
}

model! {
    After: |hand, x| {
        let x = hand.pair(x);
        hand.twice(A, x).map(|x| x - 3.0)
    }
}

/// A child again.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Twice {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Twice {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let x = self.pair.forward(x);
        let x = self.list[0].forward(x);
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Twice: |hand, x| {
        let x = hand.pair(x);
        let x = hand.item(0, x);
        hand.pair(x)
    }
}

/// One of two.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Branch {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Branch {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let x = if x.dims()[0] == 1 {
            self.list[0].forward(x)
        } else {
            self.pair.forward(x)
        };
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Branch: |hand, x| {
        let x = hand.item(0, x);
        hand.pair(x)
    }
}

/// A list from back to front.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Backwards {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Backwards {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let mut x = x;
        for layer in self.list.iter().rev() {
            x = layer.forward(x);
        }
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Backwards: |hand, x| {
        let x = hand.item(1, x);
        let x = hand.item(0, x);
        hand.pair(x)
    }
}

/// Not all of a list.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Breaks {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Breaks {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let mut x = x;
        for layer in &self.list {
            x = layer.forward(x);
            if x.dims()[0] == 1 {
                break;
            }
        }
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Breaks: |hand, x| {
        let x = hand.item(0, x);
        hand.pair(x)
    }
}

/// A method of a child.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Helper {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Helper {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let x = self.pair.only_b(x);
        let x = self.pair.forward(x);
        let x = self.list[0].forward(x);
        self.end.forward(x)
    }
}

model! {
    Helper: |hand, x| {
        let x = hand.twice(B, x);
        let x = hand.pair(x);
        hand.item(0, x)
    }
}

/// By references.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Reference {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Reference {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let (b, list) = (&self.pair.b, &self.list);
        let x = b.forward(x);
        let x = list[1].forward(x);
        let x = self.pair.forward(list[0].forward(x));
        self.end.forward(x)
    }
}

model! {
    Reference: |hand, x| {
        let x = hand.twice(B, x);
        let x = hand.item(1, x);
        let x = hand.item(0, x);
        hand.pair(x)
    }
}

/// In a closure.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Closure {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Closure {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let doubled = |x| self.pair.a.forward(x);
        let x = doubled(doubled(x));
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Closure: |hand, x| {
        let x = hand.twice(A, x);
        let x = hand.twice(A, x);
        hand.pair(x)
    }
}

/// By positions that only the run knows.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
pub struct Position {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    first: Linear,
    pair: Pair,
    #[inspect((Batch, Hidden) -> (Batch, Hidden))]
    list: Vec<Linear>,
    end: Counted,
}

#[inspectable]
impl Position {
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.first.forward(x);
        let mut x = x;
        for i in [1, 0] {
            x = self.list[i].forward(x);
        }
        let x = self.pair.forward(x);
        self.end.forward(x)
    }
}

model! {
    Position: |hand, x| {
        let x = hand.item(1, x);
        let x = hand.item(0, x);
        hand.pair(x)
    }
}
