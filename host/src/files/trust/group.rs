//! Groups that have one member.

use std::fs::File;
use std::io::Read as _;

/// Bytes that are read of each system file. Those of hundreds of users are shorter; a group beyond is not private.
const MAX_FILE: u64 = 1024 * 1024;

/// Whether a group is the user's own: their primary group, of their name, with nobody else in it. Distributions with a
/// umask of 002 give each user one, so that what the user makes is group-writable and still the user's alone.
///
/// Users and groups that are not in the system's files, but in a directory service, count as unknown.
pub(super) fn is_private(group: u32, user: u32) -> bool {
    is_private_in(&read("/etc/passwd"), &read("/etc/group"), group, user)
}

fn read(path: &str) -> String {
    let mut bytes = Vec::new();
    // A file that can't be read names no user, and so no private group.
    let _ = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `passwd` is as passwd(5) has it, `groups` as group(5).
fn is_private_in(passwd: &str, groups: &str, group: u32, user: u32) -> bool {
    let mut name = None;
    for line in passwd.lines() {
        let mut fields = line.split(':');
        let (login, _, uid, gid) = (fields.next(), fields.next(), fields.next(), fields.next());
        if gid.and_then(|gid| gid.parse().ok()) != Some(group) {
            continue;
        }
        if uid.and_then(|uid| uid.parse().ok()) != Some(user) {
            return false;
        }
        name = name.or(login);
    }
    let Some(name) = name else { return false };
    let mut found = false;
    for line in groups.lines() {
        let mut fields = line.split(':');
        let (label, _, gid, members) = (fields.next(), fields.next(), fields.next(), fields.next());
        if gid.and_then(|gid| gid.parse().ok()) != Some(group) {
            continue;
        }
        let is_alone = members.unwrap_or_default().split(',').all(|member| member.is_empty() || member == name);
        if label != Some(name) || !is_alone {
            return false;
        }
        found = true;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nsync:x:4:65534::/bin:/bin/sync\n\
                          ann:x:1000:1000:Ann:/home/ann:/bin/sh\nbob:x:1001:100::/home/bob:/bin/sh\n+::::::\n";
    const GROUPS: &str = "root:x:0:\nusers:x:100:\nann:x:1000:\nstaff:x:50:ann\n";

    #[test]
    fn a_private_group_is_the_primary_one_of_the_user_s_name_with_nobody_else_in_it() {
        let is_private = |group, user| is_private_in(PASSWD, GROUPS, group, user);
        assert!(is_private(1000, 1000) && is_private(0, 0));
        // Another's, one for all, one that is not primary, one of no user, and users who are not in the file.
        for (group, user) in [(1000, 1001), (100, 1001), (50, 1000), (7, 1000), (0, 5000), (5000, 5000)] {
            assert!(!is_private(group, user), "{group} of {user}");
        }
    }

    #[test]
    fn a_group_with_another_member_is_not_private() {
        for groups in
            ["ann:x:1000:bob\n", "ann:x:1000:ann,bob\n", "ann:x:1000:\nann:x:1000:bob\n", "devs:x:1000:\n", ""]
        {
            assert!(!is_private_in(PASSWD, groups, 1000, 1000), "{groups}");
        }
        assert!(is_private_in(PASSWD, "ann:x:1000:ann\n", 1000, 1000));
        let shared = format!("{PASSWD}eve:x:1002:1000::/:/bin/sh\n");
        assert!(!is_private_in(&shared, GROUPS, 1000, 1000), "it is the primary group of two");
    }
}
