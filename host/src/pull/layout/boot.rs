//! The run of the operating system that this process is part of.

/// Its name, which no other run has; `None` where the system tells none. Linux makes it at each start
/// (`proc_sys_kernel(5)`, `boot_id`), one for all containers of a machine.
#[cfg(target_os = "linux")]
pub(super) fn current() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Elsewhere none is known.
#[cfg(not(target_os = "linux"))]
pub(super) fn current() -> Option<String> {
    None
}
