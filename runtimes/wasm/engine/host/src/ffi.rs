// SPDX-License-Identifier: Apache-2.0
//! include/engine/component.h, as Rust sees it.
use crate::guest::Loaded;
use crate::{command, serve};
use std::ffi::{CStr, CString, c_char, c_int, c_void};

const EINVAL: c_int = 22;
pub const TRAPPED: c_int = 134;

#[repr(C)]
pub struct Dir {
    host_path: *const c_char,
    guest_path: *const c_char,
    writable: bool,
}

#[repr(C)]
pub struct Config {
    args: *const *const c_char,
    args_len: usize,
    env: *const *const c_char,
    env_len: usize,
    dirs: *const Dir,
    dirs_len: usize,
    cwd: *const c_char,
    pub memory_bytes: u64,
    pub may_connect: bool,
    pub outbound_max: u32,
    user: *mut c_void,
    may_send: Option<unsafe extern "C" fn(*mut c_void, *const c_char, u16) -> bool>,
    before: Option<unsafe extern "C" fn(*mut c_void) -> c_int>,
}
// The caller of component.h promises that it never changes, and that its functions may be called on the thread that serves.
unsafe impl Send for Config {}
unsafe impl Sync for Config {}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    pub requests: u32,
    pub connections: u32,
    pub cpu_ms: u32,
    pub answer_ms: u32,
    pub header_ms: u32,
    pub threads: u32,
}

#[repr(C)]
pub struct End {
    code: c_int,
    message: [c_char; 4096],
}

/// Text that is not UTF-8 loses what is not: C has checked before.
fn text(p: *const c_char) -> String {
    unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned()
}

fn items<'a, T>(p: *const T, len: usize) -> &'a [T] {
    if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(p, len) } }
}

impl Config {
    pub fn args(&self) -> Vec<String> {
        items(self.args, self.args_len).iter().map(|p| text(*p)).collect()
    }
    pub fn env(&self) -> Vec<(String, String)> {
        let pair = |text: String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        items(self.env, self.env_len).iter().filter_map(|p| pair(text(*p))).collect()
    }
    pub fn dirs(&self) -> Vec<(String, String, bool)> {
        let all = items(self.dirs, self.dirs_len);
        all.iter().map(|d| (text(d.host_path), text(d.guest_path), d.writable)).collect()
    }
    pub fn cwd(&self) -> Option<String> {
        (!self.cwd.is_null()).then(|| text(self.cwd))
    }
    pub fn may_send(&self, host: &str, port: u16) -> bool {
        self.may_send.is_none_or(|f| CString::new(host).is_ok_and(|host| unsafe { f(self.user, host.as_ptr(), port) }))
    }
    /// The caller's last word before the guest's first.
    pub fn before(&self) -> wasmtime::Result<()> {
        let r = self.before.map_or(0, |f| unsafe { f(self.user) });
        wasmtime::ensure!(r >= 0, "the guest was not let in: error {}", -r);
        Ok(())
    }
}

fn put(message: &str, to: &mut [c_char]) {
    let len = message.floor_char_boundary(to.len() - 1);
    for (to, from) in to.iter_mut().zip(message[..len].bytes().chain([0])) {
        *to = from as c_char;
    }
}

fn done(result: wasmtime::Result<()>, message: &mut [c_char]) -> c_int {
    let Err(e) = result else { return 0 };
    put(&format!("{e:#}"), message);
    -EINVAL
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn component_load(
    path: *const c_char, requests: u32, memory_bytes: u64, ret: &mut *mut Loaded, end: &mut End,
) -> c_int {
    let config = if requests > 0 { serve::engine_config(requests, memory_bytes) } else { command::engine_config() };
    let loaded = Loaded::new(&text(path), &config).map(|l| *ret = Box::into_raw(Box::new(l)));
    done(loaded, &mut end.message)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn component_run(
    c: &Loaded, function: *const c_char, config: &'static Config, end: &mut End,
) -> c_int {
    let function = (!function.is_null()).then(|| text(function));
    let ran = command::run(c, function.as_deref(), config).map(|(code, message)| {
        end.code = code;
        put(&message, &mut end.message);
    });
    done(ran, &mut end.message)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn component_serve(
    c: &Loaded, listen_fd: c_int, config: &'static Config, limits: &Limits, end: &mut End,
) -> c_int {
    put("", &mut end.message);
    done(serve::serve(c, listen_fd, config, *limits), &mut end.message)
}
