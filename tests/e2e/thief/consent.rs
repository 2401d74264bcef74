//! What a user reads before agreeing, and what agreement without a question leaves out.

use super::Stage;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;

#[test]
fn a_user_reads_each_request_with_what_happens_to_secrets_in_it() {
    let component = guest::build_with_cargo("thief");
    let refused = Home::new().fails(2, &["flavor", "register", component.to_str().unwrap()]);
    for words in [
        "POST https://service.example/api: List\n",
        "    signs with `secret-key`, which never leaves (thief/keys)\n",
        "GET https://service.example/basic: Checks the token\n",
        "    sends `token` as password of HTTP Basic (thief/keys)\n",
        "    sends `file/client_secret` as form field `client_secret` (thief/keys)\n",
        "Unusual             a place of the service's own: thief/keys/sign-in-by-json\n",
        "    sends `token` as its password (thief/keys)\n",
    ] {
        assert!(refused.stderr.contains(words), "{words}{}", *refused);
    }
}

#[test]
fn a_place_that_no_standard_defines_is_closed_until_it_is_accepted_by_name() {
    let stage = Stage::granting(&["--yes"]);
    let described = stage.home.ok(&["flavor", "describe", "thief"]).stdout;
    assert!(described.contains("`thief/keys/sign-in-by-json`, closed until"), "{described}");
    let component = guest::build_with_cargo("thief");
    let register = ["flavor", "register", component.to_str().unwrap()];
    let unknown = [&register[..], &["--allow-operation=thief/keys/nothing"]].concat();
    stage.home.fails(2, &unknown).says("`thief/keys/sign-in-by-json`");
    stage.home.ok(&[&register[..], &[super::ACCEPTED]].concat());
    let described = stage.home.ok(&["flavor", "describe", "thief"]).stdout;
    assert!(described.contains("`thief/keys/sign-in-by-json`, accepted"), "{described}");
    assert!(described.contains("`thief/keys/comment`, closed until"), "{described}");
}
