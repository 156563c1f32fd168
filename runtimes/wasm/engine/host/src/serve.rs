// SPDX-License-Identifier: Apache-2.0
//! A component that answers HTTP requests: one thread, an instance of its own for each request.
//!
//! A request that computes gives way at each tick of the clock, so it delays the others by a tick and no more. The
//! clock stands still while there is nothing to do. A client that leaves takes its request along.
use crate::ffi::{Config, Limits};
use crate::guest::{self, Guest, Loaded, Outbound};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use wasmtime::{InstanceAllocationStrategy, PoolingAllocationConfig, Result, UpdateDeadline};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

const TICK: Duration = Duration::from_millis(10);
const CORE_INSTANCES_EACH: u32 = 8; /* of a component: its modules and the adapters between them */
const KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// Equal to engine/config for this kind, else the artifact is refused.
pub fn engine_config(requests: u32, memory_bytes: u64) -> wasmtime::Config {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(requests)
        .total_core_instances(requests * CORE_INSTANCES_EACH)
        .total_memories(requests * 2)
        .total_tables(requests * CORE_INSTANCES_EACH)
        .total_stacks(requests)
        .total_gc_heaps(requests)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES);
    if memory_bytes > 0 {
        pool.max_memory_size(memory_bytes as usize);
    }
    let mut c = wasmtime::Config::new();
    c.wasm_component_model(true)
        .epoch_interruption(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    c
}

/// The clock of those that compute: a thread that sleeps as long as nobody does.
#[derive(Default)]
struct Clock {
    busy: Mutex<usize>,
    wake: Condvar,
}

struct Busy(Arc<Clock>);

impl Clock {
    fn start(engine: wasmtime::EngineWeak) -> Result<Arc<Clock>> {
        let clock = Arc::new(Clock::default());
        let of_thread = clock.clone();
        let tick = move || {
            while let Some(engine) = engine.upgrade() {
                drop(of_thread.wake.wait_while(of_thread.busy.lock().unwrap(), |busy| *busy == 0));
                std::thread::sleep(TICK);
                engine.increment_epoch();
            }
        };
        std::thread::Builder::new().stack_size(64 << 10).spawn(tick)?;
        Ok(clock)
    }

    fn busy(self: &Arc<Clock>) -> Busy {
        *self.busy.lock().unwrap() += 1;
        self.wake.notify_one();
        Busy(self.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap() -= 1;
    }
}

/// The work on a request: ended with it, unless the whole answer has gone out.
struct Work(Option<JoinHandle<Result<()>>>);

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

struct Answer {
    body: HyperOutgoingBody,
    work: Work,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(None) = frame {
            self.work.0 = None; /* it may go on for what its limits leave it */
        }
        frame
    }
    fn is_end_stream(&self) -> bool {
        false /* the end is seen in poll_frame() */
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Answer> {
    let body = http_body_util::Full::new(Bytes::from_static(text.as_bytes())).map_err(|e| match e {}).boxed_unsync();
    let mut response = Response::new(Answer { body, work: Work(None) });
    *response.status_mut() = status;
    response
}

struct Server {
    pre: ProxyPre<Guest>,
    limits: Limits,
    outbound: Outbound,
    slots: Arc<Semaphore>,
    clock: Arc<Clock>,
}

impl Server {
    /// Starts the handler; the answer's head comes over the channel.
    async fn begin(&self, request: Request<Incoming>) -> Result<(Work, oneshot::Receiver<Outcome>)> {
        let slot = self.slots.clone().acquire_owned().await?;
        let mut store = guest::store(self.pre.engine(), &self.outbound, false)?;
        let (mut ticks, max) = (0, self.limits.cpu_ms as u64 / TICK.as_millis() as u64);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            ticks += 1;
            if ticks > max {
                wasmtime::bail!("the request has computed for longer than it may");
            }
            Ok(UpdateDeadline::Yield(1))
        });
        let (send, receive) = oneshot::channel();
        let http = wasmtime_wasi_http::WasiHttpView::http;
        let request = http(store.data_mut()).new_incoming_request(Scheme::Http, request)?;
        let out = http(store.data_mut()).new_response_outparam(send)?;
        let (pre, busy) = (self.pre.clone(), self.clock.busy());
        let task = tokio::task::spawn(async move {
            let _held = (slot, busy);
            let proxy = pre.instantiate_async(&mut store).await?;
            proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await
        });
        Ok((Work(Some(task)), receive))
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Answer>> {
        let (mut work, receive) = self.begin(request).await?;
        match tokio::time::timeout(Duration::from_millis(self.limits.answer_ms.into()), receive).await {
            Ok(Ok(Ok(response))) => Ok(response.map(|body| Answer { body, work })),
            Ok(Ok(Err(code))) => Err(wasmtime::format_err!("the handler answered with {code:?}")),
            Ok(Err(_)) => match work.0.take() {
                Some(task) => {
                    Err(task.await?.err().unwrap_or_else(|| wasmtime::format_err!("the handler gave no answer")))
                }
                None => Err(wasmtime::format_err!("the handler gave no answer")),
            },
            Err(_) => {
                eprintln!("no answer within {} ms: the request was ended", self.limits.answer_ms);
                Ok(plain(StatusCode::GATEWAY_TIMEOUT, "the handler took too long\n"))
            }
        }
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Answer>, std::convert::Infallible> {
        Ok(self.answer(request).await.unwrap_or_else(|e| {
            eprintln!("request failed: {e:?}");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the handler failed\n")
        }))
    }

    async fn connection(self: Arc<Self>, stream: tokio::net::TcpStream, mut ending: watch::Receiver<bool>) {
        let _ = stream.set_nodelay(true);
        let server = self.clone();
        let service = hyper::service::service_fn(move |r| {
            let server = server.clone();
            async move { server.handle(r).await }
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(Duration::from_millis(self.limits.header_ms.into()));
        let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            _ = connection.as_mut() => true,
            _ = ending.wait_for(|e| *e) => false,
        };
        if !ended {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await; /* its errors are its client's */
        }
    }
}

type Outcome = Result<Response<HyperOutgoingBody>, wasmtime_wasi_http::p2::bindings::http::types::ErrorCode>;

async fn accept(server: Arc<Server>, listener: tokio::net::TcpListener) -> Result<()> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let (end, ending) = watch::channel(false);
    let connections = Arc::new(Semaphore::new(server.limits.connections as usize));
    loop {
        let permit = tokio::select! {
            permit = connections.clone().acquire_owned() => permit?,
            _ = term.recv() => break,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = term.recv() => break,
        };
        match stream {
            Ok((stream, _)) => {
                let connection = server.clone().connection(stream, ending.clone());
                tokio::task::spawn(async move {
                    let _held = permit;
                    connection.await
                });
            }
            Err(_) => tokio::time::sleep(TICK).await, /* no descriptors left: some will be */
        }
    }
    drop(listener);
    let _ = end.send(true);
    let _ = connections.acquire_many(server.limits.connections).await;
    Ok(())
}

pub fn serve(c: &Loaded, listen_fd: i32, config: &'static Config, limits: Limits) -> Result<()> {
    let listener = unsafe { <std::net::TcpListener as std::os::fd::FromRawFd>::from_raw_fd(listen_fd) };
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let pre = ProxyPre::new(c.pre.clone())?;
    config.before()?;
    let server = Arc::new(Server {
        pre,
        limits,
        outbound: Outbound::new(config),
        slots: Arc::new(Semaphore::new(limits.requests as usize)),
        clock: Clock::start(c.engine.weak())?,
    });
    let result = runtime.block_on(async move { accept(server, tokio::net::TcpListener::from_std(listener)?).await });
    runtime.shutdown_background();
    result
}
