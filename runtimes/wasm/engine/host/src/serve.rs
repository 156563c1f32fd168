// SPDX-License-Identifier: Apache-2.0
//! A component that answers HTTP requests: a thread for each core that it may use, an instance for each request.
//!
//! A request that computes gives way at each tick of the clock, so it delays the others by a tick and no more. The
//! clock stands still while there is nothing to do. A client that leaves takes its request along.
use crate::ffi::{Config, Limits};
use crate::guest::{self, Guest, Loaded, Outbound};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, StatusCode};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use wasmtime::component::Component;
use wasmtime::{PoolingAllocationConfig, Result, UpdateDeadline, ensure, format_err};
use wasmtime_wasi_http::p2::bindings::{ProxyPre, http::types};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

const TICK: Duration = Duration::from_millis(10);
const RESERVED_BYTES: usize = 4 << 30; /* of addresses, for a memory: as the compiler has it */
const MEMORIES_EACH: u32 = 2; /* a component that has more is served fewer requests at a time */
const TABLES_EACH: u32 = 4;
const TABLE_ELEMENTS: usize = 100_000;
const KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// Equal to engine/config for this kind, else the artifact is refused.
pub fn engine_config(requests: u32, memory_bytes: u64) -> wasmtime::Config {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(requests)
        .total_core_instances(u32::MAX)
        .total_memories(requests * MEMORIES_EACH)
        .total_tables(requests * TABLES_EACH)
        .table_elements(TABLE_ELEMENTS)
        .total_stacks(requests)
        .total_gc_heaps(requests)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES);
    if memory_bytes > 0 {
        pool.max_memory_size(RESERVED_BYTES.min(memory_bytes as usize));
    }
    let mut c = wasmtime::Config::new();
    c.wasm_component_model(true).epoch_interruption(true).allocation_strategy(pool);
    c
}

/// How many requests the pool above has room for.
fn places(component: &Component, requests: u32) -> usize {
    let Some(each) = component.resources_required() else { return requests as usize };
    let memories = requests * MEMORIES_EACH / each.num_memories.max(1);
    let tables = requests * TABLES_EACH / each.num_tables.max(1);
    requests.min(memories).min(tables).max(1) as usize
}

/// The clock of those that compute: a thread that sleeps as long as nobody does.
#[derive(Default)]
struct Clock {
    busy: Mutex<usize>,
    begun: Condvar,
}

struct Busy(Arc<Clock>);

impl Clock {
    fn start(engine: &wasmtime::Engine) -> Result<Arc<Clock>> {
        let (clock, engine) = (Arc::new(Clock::default()), engine.clone());
        let own = clock.clone();
        let tick = move || loop {
            drop(own.begun.wait_while(own.busy.lock().unwrap(), |busy| *busy == 0));
            std::thread::sleep(TICK);
            engine.increment_epoch();
        };
        std::thread::Builder::new().stack_size(64 << 10).spawn(tick)?;
        Ok(clock)
    }

    fn busy(self: &Arc<Clock>) -> Busy {
        *self.busy.lock().unwrap() += 1;
        self.begun.notify_one();
        Busy(self.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap() -= 1;
    }
}

/// The work on a request: ended with it. When the whole answer has gone out it may go on for a while.
struct Work(Option<tokio::task::JoinHandle<()>>, Duration);

impl Work {
    fn answered(&mut self) {
        let limit = self.1;
        if let Some(mut task) = self.0.take().filter(|task| !task.is_finished()) {
            tokio::task::spawn(async move {
                if tokio::time::timeout(limit, &mut task).await.is_err() {
                    task.abort();
                }
            });
        }
    }
}

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
            self.work.answered();
        }
        frame
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn ms(n: u32) -> Duration {
    Duration::from_millis(n.into())
}

fn complain(e: wasmtime::Error) {
    eprintln!("request failed: {e:?}");
}

fn plain(status: StatusCode, text: &'static str) -> Response<Answer> {
    let body = http_body_util::Full::new(Bytes::from_static(text.as_bytes())).map_err(|e| match e {}).boxed_unsync();
    let answer = Answer { body, work: Work(None, Duration::ZERO) };
    Response::builder().status(status).body(answer).expect("a status makes a response")
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
    async fn begin(&self, mut request: Request<Incoming>) -> Result<(Work, oneshot::Receiver<Outcome>)> {
        let slot = self.slots.clone().acquire_owned().await?;
        let mut store = guest::store(self.pre.engine(), &self.outbound, false)?;
        let spent = Arc::new(AtomicU64::new(0)); /* computing, in microseconds */
        let (seen, max) = (spent.clone(), u64::from(self.limits.cpu_ms) * 1000);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            ensure!(seen.load(Ordering::Relaxed) < max, "the request has computed for longer than it may");
            // Behind all that is ready, and behind what comes in meanwhile, which a plain yield would not look for.
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        // HTTP/1.0 does without it, the guest's interface does not.
        request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static("localhost"));
        let (send, receive) = oneshot::channel();
        let http = wasmtime_wasi_http::WasiHttpView::http;
        let request = http(store.data_mut()).new_incoming_request(types::Scheme::Http, request)?;
        let out = http(store.data_mut()).new_response_outparam(send)?;
        let (pre, busy) = (self.pre.clone(), self.clock.busy());
        let handler = async move {
            let _held = (slot, busy);
            let proxy = pre.instantiate_async(&mut store).await?;
            proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await
        };
        let task = tokio::task::spawn(async move {
            let mut handler = std::pin::pin!(handler);
            let measured = std::future::poll_fn(|context| {
                let (begun, polled) = (Instant::now(), handler.as_mut().poll(context));
                spent.fetch_add(begun.elapsed().as_micros() as u64, Ordering::Relaxed);
                polled
            });
            measured.await.unwrap_or_else(complain)
        });
        Ok((Work(Some(task), ms(self.limits.answer_ms)), receive))
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Answer>> {
        let (work, receive) = self.begin(request).await?;
        let Ok(answer) = tokio::time::timeout(ms(self.limits.answer_ms), receive).await else {
            eprintln!("no answer within {} ms: the request was ended", self.limits.answer_ms);
            return Ok(plain(StatusCode::GATEWAY_TIMEOUT, "the handler took too long\n"));
        };
        let answer = answer.map_err(|_| format_err!("the handler gave no answer"))?; /* if it failed, it has said why */
        let response = answer.map_err(|code| format_err!("the handler answered with {code:?}"))?;
        Ok(response.map(|body| Answer { body, work }))
    }

    async fn handle(&self, request: Request<Incoming>) -> Response<Answer> {
        self.answer(request).await.unwrap_or_else(|e| {
            complain(e);
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the handler failed\n")
        })
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, _held: impl Send, mut ending: watch::Receiver<bool>) {
        let _ = stream.set_nodelay(true);
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(ms(self.limits.header_ms));
        let service = hyper::service::service_fn(move |r| {
            let server = self.clone();
            async move { Ok::<_, std::convert::Infallible>(server.handle(r).await) }
        });
        let mut connection =
            std::pin::pin!(http.serve_connection(wasmtime_wasi_http::io::TokioIo::new(stream), service));
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = ending.wait_for(|e| *e) => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await; /* its errors are its client's */
    }
}

type Outcome = Result<Response<HyperOutgoingBody>, types::ErrorCode>;

async fn accept(server: Arc<Server>, listener: TcpListener, max: u32) -> Result<()> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let (end, ending) = watch::channel(false);
    let connections = Arc::new(Semaphore::new(max as usize));
    loop {
        let next = async { (connections.clone().acquire_owned().await, listener.accept().await) };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = term.recv() => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(TICK).await; /* no descriptors left: some will be */
            continue;
        };
        tokio::task::spawn(server.clone().connection(stream, permit, ending.clone()));
    }
    drop(listener);
    let _ = end.send(true);
    let _ = connections.acquire_many(max).await;
    Ok(())
}

/// One thread's share: a loop of its own that accepts from the socket of all.
fn thread(server: Arc<Server>, listener: std::net::TcpListener) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let max = (server.limits.connections / server.limits.threads).max(1);
    let result = runtime.block_on(async move { accept(server, TcpListener::from_std(listener)?, max).await });
    runtime.shutdown_background();
    result
}

pub fn serve(c: &Loaded, listen_fd: i32, config: &'static Config, limits: Limits) -> Result<()> {
    let listener = unsafe { <std::net::TcpListener as std::os::fd::FromRawFd>::from_raw_fd(listen_fd) };
    listener.set_nonblocking(true)?;
    let pre = ProxyPre::new(c.pre.clone())?;
    config.before()?;
    let server = Arc::new(Server {
        pre,
        limits,
        outbound: Outbound::new(config),
        slots: Arc::new(Semaphore::new(places(c.pre.component(), limits.requests))),
        clock: Clock::start(&c.engine)?,
    });
    let mut others = Vec::new();
    for _ in 1..limits.threads {
        let (server, listener) = (server.clone(), listener.try_clone()?);
        others.push(std::thread::spawn(move || thread(server, listener)));
    }
    let mut result = thread(server, listener);
    for other in others {
        result = result.and(other.join().expect("a panic ends the process"));
    }
    result
}
