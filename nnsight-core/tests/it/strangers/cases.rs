//! Each graph was seen to panic, to abort, to lose an edit or to take minutes.

use super::small::models;
use super::*;

const NO_PORT: &str = r#"{"kind":{"Fill":{"site":{"module":1,"end":"Output","port":7,"call":0,"invoke":0},"takes":[],"number":{"Int":0}}},"inputs":[]}"#;

#[test]
fn a_write_into_a_tensor_that_is_not_there_is_refused() {
    let wanted = "node 0 of the graph is broken: it writes a tensor that its module does not have";
    assert_eq!(refused(&[NO_PORT.to_owned(), save(0)]), wanted);
    // What follows it does not lose the edit, nor do later numbers shift.
    assert_eq!(refused(&[NO_PORT.to_owned(), get(0), save(1)]), wanted);
    let set = NO_PORT
        .replace("Fill", "Set")
        .replace(r#","number":{"Int":0}"#, "");
    let set = set.replace(r#""inputs":[]"#, r#""inputs":[0]"#);
    assert_eq!(
        refused(&[get(1), set, save(0)]),
        "node 1 of the graph is broken: it writes a tensor that its module does not have"
    );
}

#[test]
fn only_one_number_of_kind_float_is_differentiated() {
    let gradient = |of: u32| format!(r#"{{"kind":{{"Gradient":{{"of":{of},"backward":3}}}},"inputs":[]}}"#);
    let backward = |of: u32| format!(r#"{{"kind":"Backward","inputs":[{of}]}}"#);
    let nodes = [
        get(0),
        op(r#"{"Reduce":["ArgMax",1]}"#, "0"),
        op(r#"{"Reduce":["Sum",null]}"#, "1"),
        backward(2),
        get(1),
        gradient(4),
        save(5),
    ];
    assert_eq!(
        refused(&nodes),
        "node 3 of the graph is broken: it differentiates node 2, a tensor of kind Int and sizes [1]: wanted one \
         number of kind Float"
    );
    let nodes = [get(0), backward(0), save(0)];
    assert_eq!(
        refused(&nodes),
        "node 1 of the graph is broken: it differentiates node 0, a tensor of kind Float and sizes [2, 2]: wanted one \
         number of kind Float"
    );
    let nodes = [
        get(0),
        op(r#"{"Reduce":["Sum",null]}"#, "0"),
        backward(1),
        op(r#"{"Reduce":["ArgMax",1]}"#, "0"),
        gradient(3).replace(r#""backward":3"#, r#""backward":2"#),
        save(4),
    ];
    assert_eq!(
        refused(&nodes),
        "node 4 of the graph is broken: it is the gradient of node 3, a tensor of kind Int: only those of kind Float \
         have one"
    );
}

#[test]
fn a_module_is_called_on_what_it_takes() {
    let call = |inputs: &str| format!(r#"{{"kind":{{"Call":2}},"inputs":[{inputs}]}}"#);
    assert_eq!(
        refused(&[get(0), call("0"), save(1)]),
        "node 1 of the graph (Call): layer2's input takes [?, 3], found a value of sizes [2, 2]"
    );
    assert_eq!(
        refused(&[get(1), call("0,0"), save(1)]),
        "node 1 of the graph (Call): layer2 takes 1 values, found 2"
    );
    assert_eq!(
        refused(&[get(1), op(r#"{"Cast":"Int"}"#, "0"), call("1"), save(2)]),
        "node 2 of the graph (Call): layer2's input wants a tensor of kind Float, found Int"
    );
    let found = run(&[get(1), call("0"), save(1)]).expect("it runs");
    let (_, found) = found.iter().next().expect("one is saved");
    let found = found.clone().into_tensor::<2, Float>().expect("numbers");
    assert_eq!(rows(found), [4.0, -1.0, 10.0, -3.0]);
}

#[test]
fn no_operation_makes_more_than_is_let_in() {
    let argmax = op(r#"{"Reduce":["ArgMax",1]}"#, "0");
    let one_hot = op(r#"{"OneHot":{"size":2147483647,"scalar":false}}"#, "1");
    assert_eq!(
        refused(&[get(1), argmax, one_hot, save(2)]),
        "node 2 of the graph (one_hot): one_hot: the result would have 4294967294 elements, and at most 268435456 may be \
         there: raise `Limits::elements`"
    );
    let expand = op(r#"{"Expand":{"places":[0,1],"sizes":[2,3,4294967296]}}"#, "0");
    assert_eq!(
        refused(&[get(1), expand, save(1)]),
        "node 1 of the graph (expand): expand: an axis of size 4294967296 is too large: sizes have 32 bits"
    );
    let expand = op(
        r#"{"Expand":{"places":[0,1],"sizes":[2,3,4000000000,4000000000,0]}}"#,
        "0",
    );
    assert!(refused(&[get(1), expand, save(1)]).contains("the result would have"));
}

#[test]
fn thousands_of_saves_of_one_name_are_numbered() {
    let nodes: Vec<String> = std::iter::once(get(0))
        .chain((0..3000).map(|_| save(0)))
        .collect();
    let found = run(&nodes).expect("it runs");
    let names: Vec<&str> = found.iter().map(|(name, _)| name).collect();
    assert_eq!(
        (names.len(), names[0], names[2999]),
        (3000, "output", "output #3000")
    );
}

#[test]
fn whole_numbers_beyond_32_bits_are_refused() {
    let int = op(r#"{"Cast":"Int"}"#, "0");
    for number in ["2147483648", "5000000000", "-9223372036854775808"] {
        let add = op(&format!(r#"{{"Scalar":["Add",{{"Int":{number}}}]}}"#), "1");
        assert_eq!(
            refused(&[get(0), int.clone(), add, save(2)]),
            format!(
                "node 2 of the graph (+): +: {number} does not fit a tensor of kind Int: wanted a whole number of 32 bits"
            )
        );
    }
    let power = op(r#"{"Numeric":{"Powi":3000000000}}"#, "1");
    assert_eq!(
        refused(&[get(0), int, power, save(2)]),
        "node 2 of the graph (powi): powi: 3000000000 does not fit a tensor of kind Int: wanted a whole number of 32 bits"
    );
    // The same in a trace, before the model runs.
    let traced = tiny_net().trace(input(), |m| {
        (m.output.get().cast::<Int>() * 2i64 + 5_000_000_000i64).save()
    });
    assert_eq!(
        said(traced.map(drop)),
        "+: 5000000000 does not fit a tensor of kind Int: wanted a whole number of 32 bits"
    );
}

#[test]
fn an_attached_module_is_not_called_on_what_that_call_gives() {
    use super::zoo::net::{self, Zoo};
    let (zoo, sae) = NnSight::new(net::zoo())
        .attach("sae", net::sae())
        .expect("the name is free");
    let body = |m: Sites<Zoo>| {
        let inner = m.attached(sae).encoder.output.get();
        let given = m.attached(sae).call(inner);
        (given + m.attached(sae).encoder.output.get()).save()
    };
    let error = said(zoo.trace(input(), body).map(drop));
    assert_eq!(
        error,
        "the value of sae.encoder.output cannot be written into sae.input, which comes earlier in the forward pass"
    );
}

/// Nothing declares how long `Inner` is: only what the module gives tells, so that it runs though all of it is replaced.
#[test]
fn what_replaces_a_tensor_of_unknown_size_fits_it() {
    let mut random = mutations::Random(1);
    let last = models::Mlp::make(small::Sizes::of(2, 4), &mut random, &Device::flex());
    let net = NnSight::new(models::Nested {
        blocks: vec![],
        last: Some(last),
    });
    let of_width = |width: usize| {
        net.trace(input(), |m| {
            let wide = Tensor::<2>::ones([2, width], &Device::flex());
            m.last.up.output.set(wide);
            m.output.get().save()
        })
    };
    assert_eq!(of_width(4).expect("it fits").dims(), [2, 2]);
    let error = of_width(5).expect_err("the layer gives four").to_string();
    assert!(
        error.starts_with("last.up.output takes [2, 4], found a value of sizes [2, 5]"),
        "{error}"
    );
}

#[test]
fn a_panic_of_a_module_that_is_given_what_it_cannot_take_is_an_error() {
    // Of run-time axes a module has parameters of sizes that nothing declares.
    let net = NnSight::new(models::Listed::of_width(3));
    let modules = r#"{"0":{"path":"","inputs":["(Batch, Width)"],"outputs":["(Batch, Width)"]},
        "1":{"path":"norm","inputs":["(Batch, Width)"],"outputs":["(Batch, Width)"]}}"#;
    let nodes = [
        get(0),
        op(r#"{"Slice":["All",{"Slice":{"start":0,"end":2}}]}"#, "0"),
        r#"{"kind":{"Call":1},"inputs":[1]}"#.to_owned(),
        save(2),
    ];
    let text = format!(
        r#"{{"version":3,"model":"","modules":{modules},"nodes":[{}],"constants":[],"invokes":[],"steps":null}}"#,
        nodes.join(",")
    );
    let graph = read(&text).expect("it is one");
    let x = || Tensor::<2>::ones([1, 3], &Device::flex());
    let error = net.trace(x(), |_| graph.replay()).map(drop);
    let error = error.expect_err("the layer is three wide").to_string();
    assert!(
        error.starts_with("the model panicked on what the graph gives it: "),
        "{error}"
    );
    // And nothing stays behind.
    assert!(net.trace(x(), |m| m.output.get().save()).is_ok());
}
