//! The bindings of the SDK outside of WebAssembly: the generator gives imports that abort the process there, in place
//! of which they call the SDK's `native`, so that a test can stand in for crhost.

/// The functions that a component imports, and what they call instead.
const IMPORTS: [(&str, &str); 10] = [
    ("pub fn hmac_sha256(", "hmac_sha256(self, prefix, message)"),
    ("pub fn sign_rs256(", "sign_rs256(self, message)"),
    ("pub fn public_member(", "public_member(self, name)"),
    ("pub fn member(", "member(self, name)"),
    ("pub fn sha256(", "sha256(message)"),
    ("pub fn join(", "join(parts, escaping)"),
    ("pub fn send(", "send(request)"),
    ("pub fn receive(", "receive(request, member, encoding)"),
    ("pub fn now(", "now()"),
    ("pub fn write(", "write(level, message)"),
];

/// Where the code of an import begins.
const BODY: &str = "unsafe {\n";

/// Makes a handle in a test.
const HANDLE: &str = r#"impl Secret {
                #[cfg(not(target_arch = "wasm32"))]
                #[doc(hidden)]
                pub fn of_native_handle(handle: u32) -> Self {
                    unsafe { Self::from_handle(handle) }
                }
"#;

/// The bindings with these calls.
pub(super) fn with_calls(bindings: &str) -> String {
    let mut bindings = bindings.replacen("impl Secret {\n", HANDLE, 1);
    assert!(bindings.contains(HANDLE), "there is no resource `secret`");
    for (signature, call) in IMPORTS {
        let native = format!("#[cfg(not(target_arch = \"wasm32\"))]\nreturn crate::native::{call};\n");
        bindings = before_body(&bindings, signature, &native);
    }
    // A handle of a test ends with the test.
    before_body(&bindings, "unsafe fn drop(_handle: u32)", "")
}

/// The bindings with `native` before the code of the function that has the signature.
fn before_body(bindings: &str, signature: &str, native: &str) -> String {
    let (before, after) = bindings.split_once(signature).unwrap_or_else(|| panic!("there is no `{signature}`"));
    assert!(!after.contains(signature), "there is more than one `{signature}`");
    let body = format!("{native}#[cfg(target_arch = \"wasm32\")]\n{BODY}");
    format!("{before}{signature}{}", after.replacen(BODY, &body, 1))
}
