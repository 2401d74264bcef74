//! Whose a socket is that this user may not open.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::text::Escaped;

/// The system's groups (group(5)); those of a directory service are not in it.
const GROUPS: &str = "/etc/group";

/// The next step.
pub(super) fn hint(socket: &Path) -> String {
    let groups = std::fs::read_to_string(GROUPS).unwrap_or_default();
    let group = std::fs::metadata(socket).ok().map(|found| found.gid());
    hint_for(socket, group, &groups)
}

fn hint_for(socket: &Path, group: Option<u32>, groups: &str) -> String {
    if socket.ends_with("podman/podman.sock") {
        return "this is root's Podman: `systemctl --user enable --now podman.socket` starts your own, or push what it has \
                without a socket, as `containers-storage:NAME`"
            .to_owned();
    }
    match group.and_then(|group| name(group, groups)) {
        Some("root") | None => "run as a user of the group `docker`, or as root".to_owned(),
        Some(group) => {
            let group = Escaped::from(group);
            format!(
                "the socket is open to the group `{group}`: `sudo usermod -aG {group} $USER`, then log in again or run \
                 `newgrp {group}`"
            )
        }
    }
}

/// The name of a group, by its number.
fn name(number: u32, groups: &str) -> Option<&str> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse::<u32>().ok()? == number).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_the_group_that_may_open_the_socket() {
        let groups = "root:x:0:\nbroken\ndocker:x:998:ann\nengines:x:77:\n";
        let hint = |socket: &str, group| hint_for(Path::new(socket), group, groups);
        let docker = hint("/var/run/docker.sock", Some(998));
        assert!(docker.contains("group `docker`") && docker.contains("sudo usermod -aG docker $USER"), "{docker}");
        assert!(hint("/x.sock", Some(77)).contains("usermod -aG engines"));
        for unknown in [0, 5] {
            assert!(hint("/x.sock", Some(unknown)).contains("or as root"));
        }
        assert!(hint("/run/podman/podman.sock", Some(0)).contains("systemctl --user enable --now podman.socket"));
    }
}
