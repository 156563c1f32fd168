/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oarsman-pause DIR net|- ipc|- uts|-
 *
 * The first process of a pod whose containers share a pid namespace. It enters the namespaces held at DIR/ns,
 * makes a pid and a mount namespace, and starts in them the process that stays, whose pid (outside) it prints.
 *
 * That process is PID 1 to the pod's containers, which can therefore look at /proc/1/root and /proc/1/fd: so it
 * keeps an empty read-only root, no descriptor, no capability and a user that owns nothing. It reaps orphans and
 * ends on SIGTERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#undef fork /* the child becomes the first process of a new namespace, and executes nothing */

#define NOBODY 65535

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static void enter(const char *dir, const char *name)
{
    char path[4096];
    int fd;

    if (strcmp(name, "-") == 0)
        return;
    (void)snprintf(path, sizeof(path), "%s/ns/%s", dir, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, 0) < 0)
        die(path);
    (void)close(fd);
}

/* An empty folder instead of the node's files. */
static void leave_files(const char *dir)
{
    char ns_dir[4096];

    (void)snprintf(ns_dir, sizeof(ns_dir), "%s/ns", dir);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        die("make mounts private");
    if (mount("pause", ns_dir, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=0555") < 0)
        die("mount an empty root");
    if (chdir(ns_dir) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        die("enter the empty root");
}

static void leave_power(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        die("no_new_privs");
    for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
        continue;
    if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
        die("become nobody"); /* which also drops the capabilities */
}

static _Noreturn void stay(void)
{
    sigset_t wanted;
    int signum;

    (void)sigfillset(&wanted);
    (void)sigprocmask(SIG_SETMASK, &wanted, NULL); /* blocked, so that also PID 1 gets them */
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGCHLD);
    (void)sigaddset(&wanted, SIGTERM);
    (void)sigaddset(&wanted, SIGINT);
    for (;;) {
        if (sigwait(&wanted, &signum) != 0)
            continue;
        if (signum != SIGCHLD)
            exit(0);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}

int main(int argc, char **argv)
{
    pid_t pid;
    int ready[2];
    char byte;

    if (argc != 5) {
        (void)fprintf(stderr, "usage: oarsman-pause DIR net|- ipc|- uts|-\nStarted by oarsman, not by people.\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        enter(argv[1], argv[i]);
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 || pipe2(ready, O_CLOEXEC) < 0)
        die("make the pid namespace");
    pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        (void)prctl(PR_SET_NAME, "oarsman-pause");
        (void)setsid();
        leave_files(argv[1]);
        leave_power();
        (void)!write(ready[1], "", 1);
        (void)syscall(SYS_close_range, 0U, ~0U, 0U);
        stay();
    }
    (void)close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        _exit(1); /* the child has said why */
    (void)dprintf(STDOUT_FILENO, "%d", (int)pid);
    _exit(0); /* a leak checker would start a thread, which a process that has left its pid namespace cannot */
}
