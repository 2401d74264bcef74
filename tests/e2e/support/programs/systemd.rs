//! systemd as the first process of a container: it has this machine's programs, an `/etc` of its own, and the units
//! that are tried.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::eventually::eventually;
use crate::support::programs::crhost::{Home, program, repository};
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process::{self, Finished};

/// Where the program under test is.
const PROGRAM: &str = "/opt/crhost";

/// Directories of the container that are empty at first.
const DIRECTORIES: [&str; 12] = [
    "usr",
    "opt",
    "etc/systemd/system",
    "etc/crhost",
    "var/lib",
    "var/log",
    "root",
    "run",
    "tmp",
    "proc",
    "sys",
    "dev",
];

/// A running systemd.
pub(crate) struct Systemd {
    name: String,
}

impl Systemd {
    /// One with files below `/etc`; each is a path and its content, which only root may read.
    #[track_caller]
    pub(crate) fn start(home: &Home, files: &[(&str, &str)]) -> Self {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        ensure_daemon();
        let name = format!("crhost-systemd-{}-{}", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed));
        let archive = home.path("root.tar");
        let mut root = tar::Builder::new(std::fs::File::create(&archive).unwrap());
        let mut add = |path: &str, kind: tar::EntryType, mode: u32, content: &[u8], link: &str| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(content.len() as u64);
            header.set_mode(mode);
            match link {
                "" => root.append_data(&mut header, path, content).unwrap(),
                link => root.append_link(&mut header, path, link).unwrap(),
            }
        };
        for directory in DIRECTORIES {
            let mode = if directory == "tmp" { 0o1777 } else { 0o755 };
            add(&format!("{directory}/"), tar::EntryType::Directory, mode, b"", "");
        }
        for link in ["bin", "sbin", "lib", "lib64"] {
            add(link, tar::EntryType::Symlink, 0o777, b"", &format!("usr/{link}"));
        }
        // Without one, it is the first boot, which starts services that this machine has.
        add("etc/machine-id", tar::EntryType::Regular, 0o444, format!("{:032x}\n", 1).as_bytes(), "");
        for (path, content) in files {
            add(&format!("etc/{path}"), tar::EntryType::Regular, 0o600, content.as_bytes(), "");
        }
        root.finish().unwrap();
        process::run(Command::new("docker").arg("import").arg(&archive).arg(&name)).ok();
        let systemd = Self { name };
        let mut run = Command::new("docker");
        // What systemd needs as the first process: mounts, its hierarchy of cgroups, and system calls that Docker's own
        // filter, which knows no capabilities of services, refuses.
        run.args(["run", "--detach", "--name", &systemd.name, "--network=host", "--cgroupns=host"]);
        run.args(["--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE", "--security-opt=seccomp=unconfined"]);
        run.args(["--security-opt=apparmor=unconfined", "--env=container=docker", "--tmpfs=/run", "--tmpfs=/tmp:exec"]);
        run.args(["--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw", "--volume=/usr:/usr:ro"]);
        run.arg(format!("--volume={}:{PROGRAM}:ro", program().display()));
        // Credentials are mounts that a service sees because those of the machine are shared, as they are unless it is
        // a container.
        let first = "mount --make-rshared / && exec /usr/lib/systemd/systemd --system --unit=basic.target";
        run.args([&systemd.name, "/usr/bin/sh", "-c", first]);
        process::run(&mut run).ok();
        let is_up = || {
            let state = systemd.run(&["systemctl", "is-active", "basic.target"]);
            (state.stdout.trim() == "active").then_some(())
        };
        eventually("systemd is up", is_up);
        systemd
    }

    /// Runs a program in the container.
    pub(crate) fn run(&self, words: &[&str]) -> Finished {
        process::run(Command::new("docker").args(["exec", &self.name]).args(words).stdin(Stdio::null()))
    }

    /// Expects that a service runs, and gives its process.
    #[track_caller]
    pub(crate) fn active(&self, service: &str) -> u32 {
        eventually(&format!("{service} is active"), || {
            let pid = self.property(service, "MainPID").parse().ok().filter(|pid| *pid != 0);
            pid.filter(|_| self.property(service, "SubState") == "running")
        })
    }

    /// What systemd knows of a service.
    #[track_caller]
    pub(crate) fn property(&self, service: &str, property: &str) -> String {
        let shown = self.run(&["systemctl", "show", "--value", &format!("--property={property}"), service]).ok();
        shown.stdout.trim().to_owned()
    }

    /// Ends a process of the container with a signal.
    #[track_caller]
    pub(crate) fn kill(&self, process: u32, signal: &str) {
        self.run(&["kill", signal, &process.to_string()]).ok();
    }

    /// What a service has written.
    pub(crate) fn journal(&self, service: &str) -> String {
        let status = self.run(&["systemctl", "status", "--no-pager", "--lines=100", "--full", service]);
        format!("{status}")
    }

    /// Takes a directory of this machine into the container.
    #[track_caller]
    pub(crate) fn copy(&self, from: &Path, to: &str) {
        process::run(Command::new("docker").arg("cp").arg(from).arg(format!("{}:{to}", self.name))).ok();
    }
}

impl Systemd {
    /// Expects that a service that is killed runs again, and that one that is stopped ends well. Meanwhile its process
    /// has no rights, and can get none.
    #[track_caller]
    pub(crate) fn assert_kept_up_and_stopped(&self, service: &str, serves: impl Fn()) {
        let first = self.active(service);
        self.assert_confined(first);
        serves();
        self.kill(first, "-KILL");
        eventually("it is started again", || (self.active(service) != first).then_some(()));
        serves();
        assert_eq!(self.property(service, "NRestarts"), "1", "{}", self.journal(service));
        self.run(&["systemctl", "stop", service]).ok();
        assert_eq!(self.property(service, "Result"), "success", "{}", self.journal(service));
        assert_eq!(self.property(service, "ExecMainStatus"), "0", "{}", self.journal(service));
    }

    #[track_caller]
    fn assert_confined(&self, process: u32) {
        let status = self.run(&["cat", &format!("/proc/{process}/status")]).ok().stdout;
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().to_owned()
        };
        assert_ne!(value("Uid:"), "0", "{status}");
        for capabilities in ["CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
            assert_eq!(value(capabilities), "0".repeat(16), "{status}");
        }
        assert_eq!((value("NoNewPrivs:").as_str(), value("Seccomp:").as_str()), ("1", "2"), "{status}");
    }
}

/// A unit of `deploy/systemd`, with the program where the container has it.
pub(crate) fn unit(name: &str) -> String {
    let text = std::fs::read_to_string(repository().join("deploy/systemd").join(name)).unwrap();
    text.replace("/usr/local/bin/crhost", PROGRAM)
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Drop for Systemd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.run(&["journalctl", "--no-pager", "--lines=200"]));
        }
        for words in [["rm", "--force"], ["rmi", "--force"]] {
            let _ = Command::new("docker").args(words).arg(&self.name).output();
        }
    }
}
