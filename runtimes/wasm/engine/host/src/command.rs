// SPDX-License-Identifier: Apache-2.0
//! A component that runs once and ends.
use crate::ffi::Config;
use crate::guest::{self, Guest, Loaded, Outbound};
use wasmtime::component::{Instance, Val};
use wasmtime::{Result, Store};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p2::bindings::CommandPre;

const TRAPPED: i32 = 134;

/// Equal to engine/config for this kind, else the artifact is refused.
pub fn engine_config() -> wasmtime::Config {
    let mut c = wasmtime::Config::new();
    c.wasm_component_model(true);
    c
}

/// The export of the component's own, without parameters; an error as its result is exit code 1.
async fn call(store: &mut Store<Guest>, instance: &Instance, name: &str) -> Result<Result<(), ()>> {
    let f = instance
        .get_func(&mut *store, name)
        .ok_or_else(|| wasmtime::format_err!("the component exports no function \"{name}\""))?;
    let mut results = vec![Val::Bool(false); f.ty(&*store).results().len()];
    f.call_async(&mut *store, &[], &mut results).await?;
    Ok(if matches!(results.first(), Some(Val::Result(Err(_)))) { Err(()) } else { Ok(()) })
}

async fn guest(c: &Loaded, function: Option<&str>, store: &mut Store<Guest>) -> Result<Result<(), ()>> {
    match function {
        None => {
            CommandPre::new(c.pre.clone())?
                .instantiate_async(&mut *store)
                .await?
                .wasi_cli_run()
                .call_run(&mut *store)
                .await
        }
        Some(name) => {
            let instance = c.pre.instantiate_async(&mut *store).await?;
            call(store, &instance, name).await
        }
    }
}

/// The exit code, and of a trap what is to be told of it.
pub fn run(c: &Loaded, function: Option<&str>, config: &'static Config) -> Result<(i32, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut store = guest::store(&c.engine, &Outbound::new(config), true)?;
    config.before()?;
    let result = runtime.block_on(guest(c, function, &mut store));
    runtime.shutdown_background(); /* a read of standard input may never end */
    Ok(match result {
        Ok(Ok(())) => (0, String::new()),
        Ok(Err(())) => (1, String::new()),
        Err(e) => match e.downcast_ref::<I32Exit>() {
            Some(exit) => (exit.0, String::new()),
            None => (TRAPPED, format!("{e:?}")),
        },
    })
}
