//! Files that are wrong.

use super::Scene;

#[test]
fn a_file_that_is_wrong_is_told_with_its_line_before_anything_is_done() {
    let scene = Scene::new();
    for (lines, told) in [
        ("repositories: [train]\nexclud: [x]", "mirror.yaml:6: unknown key `exclud`; did you mean `exclude`?"),
        ("repositories: [train]\ntags:\n  semver: '>>1'", "mirror.yaml:7: `semver`: `>>1` is no range of versions"),
        ("repositories: [train]\nexact: true", "needs a bound: `maxDeletes: 20`"),
    ] {
        scene.home.fails(2, &["sync", &scene.file(lines)]).says(told);
    }
    scene.home.fails(3, &["sync", "absent.yaml"]).says("`absent.yaml` can't be read");
    scene.dev.assert_untouched();
}
