use super::*;

#[test]
fn a_failure_to_seal_never_advises_to_remove_anything() {
    for error in [StoreError::Random, StoreError::Sealing("connector `prod`".into())] {
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("nothing was changed") && !hint.contains("remove"), "{error}: {hint}");
    }
    assert!(StoreError::Damaged("connector `prod`".into()).hint().unwrap().contains("remove"));
}
