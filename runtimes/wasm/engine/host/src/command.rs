// SPDX-License-Identifier: Apache-2.0
//! A component that runs once and ends.
use crate::ffi::Config;
use crate::guest::{self, Guest, Loaded, Outbound};
use wasmtime::component::{Instance, Val};
use wasmtime::{Result, Store};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p2::bindings::CommandPre;

pub enum End {
    Exit(i32),
    Trap(String),
}

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
    let pre = c.linker.instantiate_pre(&c.component)?;
    match function {
        None => CommandPre::new(pre)?.instantiate_async(&mut *store).await?.wasi_cli_run().call_run(&mut *store).await,
        Some(name) => {
            let instance = pre.instantiate_async(&mut *store).await?;
            call(store, &instance, name).await
        }
    }
}

pub fn run(c: &Loaded, function: Option<&str>, config: &Config) -> Result<End> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut store = guest::store(&c.engine, config, &Outbound::new(config), true)?;
    config.before()?;
    let result = runtime.block_on(guest(c, function, &mut store));
    runtime.shutdown_background(); /* a read of standard input may never end */
    Ok(match result {
        Ok(Ok(())) => End::Exit(0),
        Ok(Err(())) => End::Exit(1),
        Err(e) => match e.downcast_ref::<I32Exit>() {
            Some(exit) => End::Exit(exit.0),
            None => End::Trap(format!("{e:?}")),
        },
    })
}
