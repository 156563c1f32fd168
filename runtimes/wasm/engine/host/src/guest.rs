// SPDX-License-Identifier: Apache-2.0
//! One guest: its view of the world, and the limits that its caller has set.
use crate::ffi::Config;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

/// Compiled code with all its imports found, ready for an instance.
pub struct Loaded {
    pub engine: Engine,
    pub pre: InstancePre<Guest>,
}

impl Loaded {
    /// The file was made by our own compiler and never changes: that is the caller's word.
    pub fn new(path: &str, config: &wasmtime::Config) -> Result<Loaded> {
        let engine = Engine::new(config)?;
        let component = unsafe { Component::deserialize_file(&engine, path)? };
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        let pre = linker.instantiate_pre(&component)?;
        Ok(Loaded { engine, pre })
    }
}

pub struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    limits: StoreLimits,
    outbound: Outbound,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

/// Where requests may go is asked of C; how many at a time is counted here.
#[derive(Clone)]
pub struct Outbound {
    config: &'static Config,
    permits: Arc<Semaphore>,
}

impl Outbound {
    pub fn new(config: &'static Config) -> Outbound {
        let max = if config.outbound_max > 0 { config.outbound_max as usize } else { Semaphore::MAX_PERMITS };
        Outbound { config, permits: Arc::new(Semaphore::new(max)) }
    }

    fn allows(&self, uri: &http::Uri) -> bool {
        let port = uri.port_u16().unwrap_or(if uri.scheme() == Some(&http::uri::Scheme::HTTPS) { 443 } else { 80 });
        uri.host().is_some_and(|host| self.config.may_send(host.trim_matches(['[', ']']), port))
    }
}

type Transfer = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Transfer), Error>> + Send>;

impl WasiHttpHooks for Outbound {
    fn send_request(&mut self, request: http::Request<WasiBody>, options: Option<RequestOptions>, _: Transfer) -> Sent {
        let (allowed, permits) = (self.allows(request.uri()), self.permits.clone());
        Box::new(async move {
            if !allowed {
                return Err(Error::HttpRequestDenied);
            }
            let permit = permits.acquire_owned().await;
            let (response, transfer) = wasmtime_wasi_http::default_send_request(request, options).await?;
            let transfer: Transfer = Box::new(async move {
                let _held = permit;
                transfer.await
            });
            Ok((response.map(http_body_util::BodyExt::boxed_unsync), transfer))
        })
    }
}

/// A store for one instance.
pub fn store(engine: &Engine, outbound: &Outbound, stdin: bool) -> Result<Store<Guest>> {
    let config = outbound.config;
    let mut builder = WasiCtxBuilder::new();
    builder.inherit_stdout().inherit_stderr().args(&config.args()).envs(&config.env());
    if stdin {
        builder.inherit_stdin().allow_blocking_current_thread(true);
    }
    for (host, guest, writable) in config.dirs() {
        let perms = if writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        builder.preopened_dir(&host, &guest, perms).map_err(|e| e.context(format!("directory {guest}")))?;
    }
    if let Some(cwd) = config.cwd() {
        builder.initial_cwd(cwd);
    }
    // Who may not speak to everybody may not ask for names either: a name tells whoever answers for it something.
    builder.allow_ip_name_lookup(config.may_connect).allow_tcp(true).allow_udp(true);
    builder.socket_addr_check(move |_, reason| {
        let speaks_first = matches!(reason, SocketAddrUse::TcpConnect | SocketAddrUse::UdpSend);
        Box::pin(async move { config.may_connect || !speaks_first })
    });
    let memory_bytes = if config.memory_bytes > 0 { config.memory_bytes as usize } else { usize::MAX };
    let guest = Guest {
        wasi: builder.build(),
        http: WasiHttpCtx::new(),
        table: ResourceTable::new(),
        limits: StoreLimitsBuilder::new().memory_size(memory_bytes).build(),
        outbound: outbound.clone(),
    };
    let mut store = Store::new(engine, guest);
    store.limiter(|g| &mut g.limits);
    Ok(store)
}
