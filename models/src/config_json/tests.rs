use super::{ConfigJson, Found, Wrong};

const TEXT: &str = r#"{
    "nested": {"n_embd": 1, "list": [1, {"a": "}"}]}, "quote\"d": "x\\",
    "n_embd": 48, "eps": 1e-05, "half": -0.5, "big": 2.5E+3, "none": null, "on": true, "name": "gelu_new"}"#;
const CONFIG: ConfigJson<'static> = ConfigJson::new(TEXT);

#[test]
fn reads_top_level_fields_in_a_constant() {
    const WIDTH: Found<'_, usize> = CONFIG.usize("n_embd");
    const EPS: Found<'_, f64> = CONFIG.f64("eps");
    const NAME: Found<'_, &str> = CONFIG.str("name");
    assert_eq!(
        (WIDTH, EPS, NAME),
        (Ok(Some(48)), Ok(Some(1e-5)), Ok(Some("gelu_new")))
    );
    assert_eq!(CONFIG.f64("half"), Ok(Some(-0.5)));
    assert_eq!(CONFIG.f64("big"), Ok(Some(2500.0)));
    assert_eq!(CONFIG.f64("n_embd"), Ok(Some(48.0)));
    assert_eq!(CONFIG.bool("on"), Ok(Some(true)));
    assert_eq!(CONFIG.usize("none"), Ok(None));
    assert_eq!(CONFIG.usize("absent"), Ok(None));
}

#[test]
fn reads_fields_of_nested_objects_by_their_path() {
    const NESTED: Found<'_, usize> = CONFIG.usize("nested.n_embd");
    assert_eq!((NESTED, CONFIG.usize("nested.absent")), (Ok(Some(1)), Ok(None)));
    assert_eq!(CONFIG.usize("none.n_embd"), Ok(None));
    assert_eq!(CONFIG.usize("absent.n_embd"), Ok(None));
    assert_eq!((CONFIG.has("none"), CONFIG.has("absent")), (Ok(true), Ok(false)));
    let wrong = Wrong::Field {
        field: "name",
        wanted: "an object, `{ .. }`",
        found: Some("\"gelu_new\""),
    };
    assert_eq!(CONFIG.usize("name.n_embd"), Err(wrong));
}

#[test]
fn says_what_a_field_holds_instead() {
    const LIST: Found<'_, usize> = CONFIG.usize("nested.list");
    let wrong = Wrong::Field {
        field: "nested.list",
        wanted: "a whole number",
        found: Some(r#"[1, {"a": "}"}]"#),
    };
    assert_eq!(LIST, Err(wrong));
    let wrong = Wrong::Field {
        field: "on",
        wanted: "`false`, the only one computed here",
        found: Some("true"),
    };
    assert_eq!(CONFIG.only("on", false), Err(wrong));
    assert_eq!(
        (CONFIG.only("on", true), CONFIG.only("absent", false)),
        (Ok(()), Ok(()))
    );
}

#[test]
fn what_is_no_object_is_no_json() {
    for text in ["{\"a\" 1}", "[1]", "", "  ", "1", "{\"b\": "] {
        assert_eq!(ConfigJson::new(text).bool("a"), Err(Wrong::NotJson), "{text}");
    }
}

/// What the compiler says.
fn message(wrong: Wrong<'static>) -> String {
    let payload = std::panic::catch_unwind(|| wrong.panic("config.json")).expect_err("should have panicked");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn names_what_is_missing_or_ill_typed() {
    assert_eq!(
        message(Wrong::missing("n_layer", "a whole number")),
        "config.json: the field `n_layer` is missing (wanted: a whole number)"
    );
    assert_eq!(
        message(CONFIG.unlike("name", "a whole number")),
        "config.json: the field `name` should be a whole number, found `\"gelu_new\"`"
    );
    assert_eq!(message(Wrong::NotJson), "config.json: not a JSON object");
}
