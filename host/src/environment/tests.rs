use super::*;

#[test]
fn an_empty_variable_is_unset() {
    let environment = Environment::from_iter([("A", "1"), ("EMPTY", ""), ("HOME", "")]);
    assert_eq!(environment.get("A"), Some(OsStr::new("1")));
    assert_eq!((environment.get("EMPTY"), environment.text("EMPTY"), environment.path("EMPTY")), (None, None, None));
    assert_eq!((environment.get("UNSET"), environment.home()), (None, None));
}

#[cfg(not(windows))]
#[test]
fn base_directories_follow_their_variables_and_else_lie_below_the_home_directory() {
    let ann = Environment::from_iter([("HOME", "/home/ann"), ("XDG_CACHE_HOME", "/fast"), ("XDG_DATA_HOME", "rel")]);
    assert_eq!(ann.data_directory().unwrap(), Path::new("/home/ann/.local/share"));
    assert_eq!(ann.cache_directory().unwrap(), Path::new("/fast"));
    assert_eq!(ann.config_directory().unwrap(), Path::new("/home/ann/.config"));
    assert_eq!(Environment::default().data_directory(), None);
    assert_eq!(Environment::from_iter([("HOME", "rel")]).data_directory(), None);
}

#[test]
fn every_variable_has_a_meaning_of_one_line() {
    for Variable { name, meaning } in EnvVars::ALL {
        assert!(!meaning.is_empty() && !meaning.contains('\n') && !meaning.ends_with('.'), "{name}: {meaning}");
    }
}
