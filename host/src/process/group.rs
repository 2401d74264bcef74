//! The end of a program with all that it has started.

use std::time::Duration;

/// Time in which a program that is given up ends by itself, and takes away what it made: less than the second in which
/// a command has to notice a signal.
const END_TIME: Duration = Duration::from_millis(900);

/// The processes of a program, which has a process group of its own. Dropping it ends them, unless they have ended.
pub(crate) struct Group(Option<u32>);

impl Group {
    /// Has the command's processes be a group.
    pub(crate) fn separate(command: &mut tokio::process::Command) {
        #[cfg(unix)]
        command.process_group(0);
        #[cfg(not(unix))]
        let _ = command;
    }

    /// The group of a program that was started so.
    pub(crate) fn of(child: &tokio::process::Child) -> Self {
        Self(child.id())
    }

    /// The program has ended by itself.
    pub(crate) fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) {
            use rustix::process::{Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
            let _ = kill_process_group(group, Signal::TERM);
            let end = std::time::Instant::now() + END_TIME;
            // Its end is left for the runtime to collect.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            while matches!(waitid(WaitId::Pid(group), options), Ok(None)) && std::time::Instant::now() < end {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
