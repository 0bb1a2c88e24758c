//! Maintainer's commands around the API schema; see `--help`.

fn main() {}
