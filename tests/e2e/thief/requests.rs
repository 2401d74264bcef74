//! Requests that are nearly the declared ones.

use super::{NOWHERE, Stage};

#[test]
fn another_method_path_or_query_is_another_request() {
    let stage = Stage::new();
    stage.assert_undeclared(&[
        ("method", "its operation `whoami` has no method POST"),
        ("method-delete", "its operation `whoami` has no method DELETE"),
        ("path", NOWHERE),
        ("path-deeper", NOWHERE),
        ("path-up", NOWHERE),
        ("path-up-encoded", NOWHERE),
        ("path-up-encoded-twice", NOWHERE),
        ("path-backslash", NOWHERE),
        ("path-parameter", NOWHERE),
        ("path-double-slash", NOWHERE),
        ("path-empty", NOWHERE),
        ("query", "its operation `whoami` has no query parameter of that name, only `page`"),
        ("query-twice", "its operation `whoami` has no query parameter twice"),
        ("query-encoded", "its operation `whoami` has no query parameter twice"),
        ("header-method", "its operation `whoami` has no header of that name, only none"),
    ]);
    let fragment = "invalid: the URL holds a character that has to be percent-encoded, or a fragment";
    stage.assert_refused(&[("fragment", &[fragment])]);
}

#[test]
fn another_action_is_another_request() {
    let stage = Stage::new();
    let target = "its operation `list` has the header `x-amz-target` with a value of its own";
    let grant_type = "its operation `sign-in` has the field of the body `grant_type` with a value of its own";
    stage.assert_undeclared(&[
        ("target", target),
        ("target-missing", target),
        ("target-twice", target),
        ("target-in-capitals", target),
        ("grant-type", grant_type),
        ("grant-type-twice", grant_type),
        ("form-further", "its operation `sign-in` has no field of the body of that name, only `grant_type`, `scope`"),
    ]);
}
