//! The user of this machine, as the machine says.

use std::fs::File;

use super::actor::AuditActor;
use crate::bounded;
use crate::text::Escaped;

/// Largest file that is read, in bytes.
const MAX: usize = 1 << 20;

/// The user of this process on this machine.
pub(in crate::store) fn local() -> AuditActor {
    AuditActor { user: user(), machine: machine(), ..AuditActor::default() }
}

/// By the operating system's id and not by a variable, which everybody sets.
#[cfg(unix)]
fn user() -> Option<Escaped> {
    let id = rustix::process::geteuid().as_raw();
    let name = read("/etc/passwd").and_then(|users| Some(name_of(&users, id)?.to_owned()));
    Some(name.unwrap_or_else(|| format!("uid {id}")).into())
}

#[cfg(not(unix))]
fn user() -> Option<Escaped> {
    None
}

/// The name of a user in `passwd(5)`.
#[cfg(unix)]
fn name_of(users: &str, id: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then_some(name)
    })
}

fn machine() -> Option<Escaped> {
    let name = read("/proc/sys/kernel/hostname").or_else(|| read("/etc/hostname"))?;
    Some(Escaped::from(name.trim())).filter(|name| !name.is_empty())
}

fn read(path: &str) -> Option<String> {
    String::from_utf8(bounded::read(File::open(path).ok()?, MAX).ok()?).ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_the_id_of_the_process() {
        let users = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nwrong\n";
        assert_eq!(name_of(users, 1000), Some("ann"));
        assert_eq!(name_of(users, 7), None);
        assert!(local().user.is_some());
    }
}
