// SPDX-License-Identifier: Apache-2.0
//! What compiles: nothing but the C functions of the engine.
pub use wasmtime_c_api::*;
