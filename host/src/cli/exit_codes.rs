//! The exit codes, as the help and the manual pages show them.

/// A line for each.
pub(super) const TABLE: &str = "    0  done
    1  any other failure; of `crhost diff`, also that something differs
    2  wrong arguments or input
    3  not found
    4  credentials missing or refused
    5  a name is taken, or in use
    6  network: no answer; trying again may help
    7  a flavor failed, or a file is no flavor
    8  bytes are not what their digest says, or a signature is missing
    9  a policy or a scanner is against it, or failed
  129  the terminal was closed (SIGHUP)
  130  interrupted (SIGINT, Ctrl-C)
  143  terminated (SIGTERM)";
