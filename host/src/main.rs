//! The command `crhost`.

use std::process::ExitCode;

fn main() -> ExitCode {
    crhost::main()
}
