// SPDX-License-Identifier: Apache-2.0
//! include/engine/component.h, as Rust sees it.
use crate::guest::Loaded;
use crate::{command, serve};
use std::ffi::{CStr, c_char, c_int, c_void};

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
    pub user: *mut c_void,
    pub may_send: Option<unsafe extern "C" fn(*mut c_void, *const c_char, u16) -> bool>,
    pub before: Option<unsafe extern "C" fn(*mut c_void) -> c_int>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    pub requests: u32,
    pub connections: u32,
    pub cpu_ms: u32,
    pub answer_ms: u32,
    pub header_ms: u32,
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
        let pair = |p: &*const c_char| {
            let pair = text(*p);
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            (name.to_owned(), value.to_owned())
        };
        items(self.env, self.env_len).iter().map(pair).collect()
    }
    pub fn dirs(&self) -> Vec<(String, String, bool)> {
        let all = items(self.dirs, self.dirs_len);
        all.iter().map(|d| (text(d.host_path), text(d.guest_path), d.writable)).collect()
    }
    pub fn cwd(&self) -> Option<String> {
        (!self.cwd.is_null()).then(|| text(self.cwd))
    }
    /// The caller's last word before the guest's first.
    pub fn before(&self) -> wasmtime::Result<()> {
        match self.before.map_or(0, |f| unsafe { f(self.user) }) {
            r if r < 0 => Err(wasmtime::format_err!("the guest was not let in: error {}", -r)),
            _ => Ok(()),
        }
    }
}

fn put(message: &str, to: &mut [c_char]) {
    let bytes = message.as_bytes();
    let len = bytes.len().min(to.len() - 1);
    for (to, from) in to.iter_mut().zip(&bytes[..len]) {
        *to = *from as c_char;
    }
    to[len] = 0;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn component_load(
    path: *const c_char, requests: u32, memory_bytes: u64, ret: *mut *mut Loaded, message: *mut c_char, message_bytes: usize,
) -> c_int {
    let config = if requests > 0 { serve::engine_config(requests, memory_bytes) } else { command::engine_config() };
    match Loaded::new(&text(path), &config) {
        Ok(loaded) => {
            unsafe { *ret = Box::into_raw(Box::new(loaded)) };
            0
        }
        Err(e) => {
            put(&format!("{e:#}"), unsafe { std::slice::from_raw_parts_mut(message, message_bytes) });
            -EINVAL
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn component_run(c: &Loaded, function: *const c_char, config: &Config, end: &mut End) -> c_int {
    let function = (!function.is_null()).then(|| text(function));
    put("", &mut end.message);
    match command::run(c, function.as_deref(), config) {
        Ok(command::End::Exit(code)) => end.code = code,
        Ok(command::End::Trap(why)) => {
            end.code = TRAPPED;
            put(&why, &mut end.message);
        }
        Err(e) => {
            put(&format!("{e:#}"), &mut end.message);
            return -EINVAL;
        }
    }
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn component_serve(
    c: &'static Loaded, listen_fd: c_int, config: &'static Config, limits: &Limits, end: &mut End,
) -> c_int {
    put("", &mut end.message);
    match serve::serve(c, listen_fd, config, *limits) {
        Ok(()) => 0,
        Err(e) => {
            put(&format!("{e:#}"), &mut end.message);
            -EINVAL
        }
    }
}
