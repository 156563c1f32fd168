// SPDX-License-Identifier: Apache-2.0
//! What runs: the C functions of the engine, and those of include/engine/component.h.
pub use wasmtime_c_api::*;

mod command;
mod ffi;
mod guest;
mod serve;
