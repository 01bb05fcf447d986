fn main() {
    let result = {
        ::core::compile_error! {
            "write the model's type: `|m: TinyNet|`"
        }
    };
}
