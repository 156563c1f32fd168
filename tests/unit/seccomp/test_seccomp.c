/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled program, run by a small interpreter of the classic BPF that seccomp allows. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "base/mem.h"
#include "rt/seccomp.h"

#define ADMIN RT_CAP_BIT(CAP_SYS_ADMIN)
#define ALLOWED (-1)

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#endif

static bool jumps(const struct sock_filter *f, uint32_t a)
{
    switch (BPF_OP(f->code)) {
    case BPF_JEQ:
        return a == f->k;
    case BPF_JGT:
        return a > f->k;
    case BPF_JGE:
        return a >= f->k;
    default:
        return a & f->k;
    }
}

static uint32_t run(const struct buf *program, const struct seccomp_data *data)
{
    const struct sock_filter *f = (const struct sock_filter *)(const void *)program->data;
    size_t len = program->len / sizeof(*f);
    uint32_t a = 0;

    for (size_t pc = 0; pc < len; pc++) {
        switch (BPF_CLASS(f[pc].code)) {
        case BPF_LD:
            memcpy(&a, (const char *)data + f[pc].k, sizeof(a));
            break;
        case BPF_ALU:
            assert_int_equal(BPF_OP(f[pc].code), BPF_AND);
            a &= f[pc].k;
            break;
        case BPF_JMP:
            if (BPF_OP(f[pc].code) == BPF_JA)
                pc += f[pc].k;
            else
                pc += jumps(&f[pc], a) ? f[pc].jt : f[pc].jf;
            break;
        case BPF_RET:
            return f[pc].k;
        default:
            fail_msg("instruction %x", f[pc].code);
        }
    }
    fail_msg("the program has no end");
    return 0;
}

/* ALLOWED, or the error that a call gets. */
static int verdict(uint64_t caps, long call, uint64_t arg0)
{
    struct buf program = BUF_INIT(RT_SECCOMP_MAX_BYTES);
    struct seccomp_data data = { .nr = (int)call, .arch = THIS_ARCH, .args = { arg0 } };
    struct err err = ERR_INIT;
    uint32_t action;

    if (rt_seccomp_compile(caps, &program, &err) < 0)
        fail_msg("%s", err.msg);
    action = run(&program, &data);
    buf_done(&program);
    if (action == SECCOMP_RET_ALLOW)
        return ALLOWED;
    assert_int_equal(action & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
    return (int)(action & SECCOMP_RET_DATA);
}

static void calls_get_their_verdict(void **state)
{
    static const struct {
        const char *name;
        uint64_t caps;
        long call;
        uint64_t arg0;
        int verdict;
    } cases[] = {
        { "read", 0, SYS_read, 0, ALLOWED },
        { "openat2", 0, SYS_openat2, 0, ALLOWED },
        { "futex", 0, SYS_futex, 0, ALLOWED },
        { "a call nobody knows", 0, 4000, 0, ENOSYS },
        { "io_uring", 0, SYS_io_uring_setup, 0, ENOSYS },
        { "mount", 0, SYS_mount, 0, EPERM },
        { "mount with CAP_SYS_ADMIN", ADMIN, SYS_mount, 0, ALLOWED },
        { "clone of a thread", 0, SYS_clone, CLONE_VM | CLONE_THREAD, ALLOWED },
        { "clone of a user namespace", 0, SYS_clone, CLONE_NEWUSER, ENOSYS },
        { "the same with CAP_SYS_ADMIN", ADMIN, SYS_clone, CLONE_NEWUSER, ALLOWED },
        { "clone3", 0, SYS_clone3, 0, ENOSYS },
        { "clone3 with CAP_SYS_ADMIN", ADMIN, SYS_clone3, 0, ALLOWED },
        { "socket", 0, SYS_socket, AF_INET, ALLOWED },
        { "vsock", 0, SYS_socket, AF_VSOCK, ENOSYS },
        { "personality, normal", 0, SYS_personality, 0, ALLOWED },
        { "personality, read implies exec", 0, SYS_personality, 0x0400000, ENOSYS },
        { "kexec", ADMIN, SYS_kexec_load, 0, EPERM },
        { "chroot", 0, SYS_chroot, 0, EPERM },
        { "chroot with CAP_SYS_CHROOT", RT_CAP_BIT(CAP_SYS_CHROOT), SYS_chroot, 0, ALLOWED },
        { "bpf with CAP_BPF", RT_CAP_BIT(CAP_BPF), SYS_bpf, 0, ALLOWED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int got = verdict(cases[i].caps, cases[i].call, cases[i].arg0);

        if (got != cases[i].verdict)
            fail_msg("%s: %d, expected %d", cases[i].name, got, cases[i].verdict);
    }
}

static void only_capabilities_that_matter_make_a_key(void **state)
{
    (void)state;
    assert_int_equal(rt_seccomp_key(0), rt_seccomp_key(RT_CAP_BIT(CAP_CHOWN) | RT_CAP_BIT(CAP_NET_RAW)));
    assert_int_not_equal(rt_seccomp_key(0), rt_seccomp_key(ADMIN));
}

static void the_program_fits_into_the_kernel(void **state)
{
    struct buf program = BUF_INIT(RT_SECCOMP_MAX_BYTES);

    (void)state;
    assert_int_equal(rt_seccomp_compile(~UINT64_C(0), &program, NULL), 0);
    assert_int_equal(program.len % sizeof(struct sock_filter), 0);
    assert_in_range(program.len / sizeof(struct sock_filter), 100, 4096);
    buf_done(&program);
}

static void the_object_says_the_same(void **state)
{
    struct buf text = BUF_INIT(1 << 20);
    struct json_writer w = JSON_WRITER(&text);

    (void)state;
    rt_seccomp_write(0, &w);
    assert_false(buf_failed(&text));
    assert_non_null(strstr(text.data, "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38"));
    assert_non_null(strstr(text.data, "{\"names\":[\"chroot\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}"));
    assert_null(strstr(text.data, "\"clone3\""));
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_get_their_verdict),
        cmocka_unit_test(only_capabilities_that_matter_make_a_key),
        cmocka_unit_test(the_program_fits_into_the_kernel),
        cmocka_unit_test(the_object_says_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
