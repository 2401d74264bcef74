//! Components that are no flavors, or bad ones. Whatever they do, crhost says what is wrong, ends in time and with
//! little memory, keeps and sends nothing, and goes on serving its user.
//!
//! Each text in `tests/hostile/` is a case of one of the tables here: one without a case does not compile, and neither
//! does a case without a text.

/// Makes a test of each text of a directory: a component is made of it, and meets the end that is given.
macro_rules! cases {
    ($directory:literal, $make:path, $($name:ident => $end:expr;)+) => {
        $(
            #[test]
            fn $name() {
                $end.meet($make(include_str!(concat!("../../hostile/", $directory, "/", stringify!($name), ".wat"))));
            }
        )+
        // The list that the build script made: a name that is missing above is an error there.
        include!(concat!(env!("OUT_DIR"), "/", $directory, ".rs"));
    };
}

mod admission;
mod ends;
mod execution;
mod files;
mod output;
