//! The reader of rows, on bytes that are made up: the body of the fuzz target `rows`, without a fuzzer.

use std::time::{Duration, Instant};

use crate::rows_same::same;

const SEEDS: [&str; 5] = [
    r#"{"data":[{"netout":0,"type":"qemu","tags":"prod;web","maxmem":67108864,"template":0,"name":"web-1","node":"pve","maxcpu":1,"uptime":184,"id":"qemu/100","vmid":100,"mem":25300992,"status":"running","cpu":0.00581093094415565,"pool":"a"}]}"#,
    r#"{"data":[{"vmid":"201","type":"lxc","node":"pve1","cpus":"1.5","mem":"1024","template":"","lock":null,"ha":{"state":null},"qmpstatus":"paused","status":"running"},{"type":"node","node":"pve1","status":"offline"}],"total":1}"#,
    r#"{ "data" : [ { "\u0074ype" : "qemu" } , null , 7 , [ ] , { } , { "name" : "caf\u00e9\n" , "vmid" : 1e2 , "node" : true } ] }"#,
    r#"{"data":[{"type":"pool","pool":"x","vmid":-0.0,"maxmem":18446744073709551615,"mem":-1,"cpu":1e308,"tags":[1,{"a":[]}]}]}"#,
    r#"{"data":null}"#,
];
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "1e999",
    "-0",
    "0.5",
    "\\u0000",
    "\\ud800",
    "\"vmid\":",
    "\"type\":",
    "\"node\":\"a\"",
    "\"data\":",
    "\"mem\":\"7\"",
    "\"lxc\"",
    " ",
    "ä",
    "\u{0}",
];

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap_or(0)
    }
}

/// A seed with some of its bytes replaced, left out or put elsewhere.
fn made_up(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = SEEDS[dice.below(SEEDS.len())].as_bytes().to_vec();
    for _ in 0..dice.below(6) {
        let at = dice.below(bytes.len());
        let end = (at + dice.below(12)).min(bytes.len());
        match dice.below(4) {
            0 => drop(bytes.splice(at..end, PIECES[dice.below(PIECES.len())].bytes())),
            1 => drop(bytes.splice(at..at, PIECES[dice.below(PIECES.len())].bytes())),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                drop(bytes.splice(to..to, piece));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(dice.below(256)).unwrap_or(0);
                }
            }
        }
    }
    bytes
}

#[test]
fn rows_are_those_of_the_values_whatever_the_bytes() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    (0..20_000).for_each(|_| same(&made_up(&mut dice)));
}

#[test]
#[ignore = "runs for ROWS_SECONDS, ten minutes unless that says otherwise"]
fn rows_are_those_of_the_values_for_as_long_as_it_is_tried() {
    let seconds = std::env::var("ROWS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(600);
    let (mut dice, end) = (Dice(0x0123_4567_89ab_cdef), Instant::now() + Duration::from_secs(seconds));
    while Instant::now() < end {
        (0..1_000).for_each(|_| same(&made_up(&mut dice)));
    }
}
