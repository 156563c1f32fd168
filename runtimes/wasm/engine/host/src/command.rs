// SPDX-License-Identifier: Apache-2.0
//! A component that runs once and ends.
use crate::ffi::{Config, TRAPPED};
use crate::guest::{self, Guest, Loaded, Outbound};
use wasmtime::component::Val;
use wasmtime::{Result, Store};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p2::bindings::CommandPre;

/// Equal to engine/config for this kind, else the artifact is refused.
pub fn engine_config() -> wasmtime::Config {
    let mut c = wasmtime::Config::new();
    c.wasm_component_model(true);
    c
}

/// An error as the result of what is called is exit code 1.
async fn call(c: &Loaded, function: Option<&str>, store: &mut Store<Guest>) -> Result<Result<(), ()>> {
    let Some(name) = function else {
        let command = CommandPre::new(c.pre.clone())?.instantiate_async(&mut *store).await?;
        return command.wasi_cli_run().call_run(store).await;
    };
    let instance = c.pre.instantiate_async(&mut *store).await?;
    let export = instance.get_func(&mut *store, name);
    let export = export.ok_or_else(|| wasmtime::format_err!("the component exports no function \"{name}\""))?;
    let mut results = vec![Val::Bool(false); export.ty(&*store).results().len()];
    export.call_async(&mut *store, &[], &mut results).await?;
    Ok(if matches!(results.first(), Some(Val::Result(Err(_)))) { Err(()) } else { Ok(()) })
}

/// The exit code, and of a trap the message.
pub fn run(c: &Loaded, function: Option<&str>, config: &'static Config) -> Result<(i32, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut store = guest::store(&c.engine, &Outbound::new(config), true)?;
    config.before()?;
    let result = runtime.block_on(call(c, function, &mut store));
    runtime.shutdown_background(); /* a read of standard input may never end */
    Ok(match result {
        Ok(result) => (result.is_err().into(), String::new()),
        Err(e) => match e.downcast_ref::<I32Exit>() {
            Some(exit) => (exit.0, String::new()),
            None => (TRAPPED, format!("{e:?}")),
        },
    })
}
