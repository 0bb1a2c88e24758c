//! The commands as a person at a terminal and a program in a pipe see them.

#![cfg(unix)]

mod api;
mod doctor;
mod results;
#[path = "../hostile/strings.rs"]
mod strings;
mod terminal;
mod typed;
mod waiting;

use std::process::{Command, Output, Stdio};

use proxmox_mcp::demo::{self, Demo, Scenario};

const PROGRAM: &str = env!("CARGO_BIN_EXE_proxmox-mcp");

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(args).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    command(args).output().expect("the program starts")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", out(output), err(output));
}

/// A cluster on which a VM takes its time to shut down, and another lies in Ceph.
async fn slow() -> Demo {
    let toml = "speed = 'real'\n[[storage]]\nname = 'ceph'\ntype = 'rbd'\ncontent = 'images'\n\
        [[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\nstubborn = true\nuptime = 9999\n\
        [[guests]]\nvmid = 101\nname = 'db'\nconfig = { scsi0 = 'ceph:vm-101-disk-0,size=32G' }\n";
    demo::start(Scenario::from_toml(toml).expect("a scenario")).await.expect("the demo starts")
}

fn settings(demo: &Demo) -> Vec<(&'static str, String)> {
    vec![
        ("PROXMOX_HOST", demo.addr().to_string()),
        ("PROXMOX_FINGERPRINT", demo.fingerprint().to_string()),
        ("PROXMOX_TOKEN", format!("{}={}", demo.token().id, demo.token().secret.reveal())),
        ("TERM", "xterm".to_owned()),
    ]
}
