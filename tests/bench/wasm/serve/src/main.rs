// SPDX-License-Identifier: Apache-2.0
//! wasmtime-serve ARGUMENT...: the arguments of "wasmtime serve".
use clap::Parser;

fn main() {
    if let Err(e) = wasmtime_cli::commands::ServeCommand::parse().execute() {
        eprintln!("{e:?}");
        std::process::exit(1);
    }
}
