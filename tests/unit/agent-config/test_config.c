/* SPDX-License-Identifier: Apache-2.0 */
/* test_config.c - the command line, and what wins over what. */
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int parse_flags(struct config *c, struct err *err, const char *const *flags)
{
    char *argv[32] = { (char *)"agent" };
    int argc = 1;

    for (; *flags; flags++)
        argv[argc++] = (char *)*flags;
    config_init(c);
    return config_parse(c, argc, argv, NULL, err);
}
#define FLAGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static char path[32];

static int write_file(void **state)
{
    static const char text[] = KUBELET "port: 1111\nmaxPods: 50\nclusterDNS: [10.0.0.1]\n---\n" OARSMAN "registerTaint: false\n";

    (void)state;
    strcpy(path, "/tmp/config-XXXXXX");
    int fd = mkstemp(path);
    ssize_t n = write(fd, text, sizeof(text) - 1);
    close(fd);
    return n > 0 ? 0 : -1;
}
static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void flags_in_all_their_forms(void **state)
{
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    if (parse_flags(&c, &err, FLAGS("--port", "2222", "--hostname-override=n1", "--register-node", "--register-taint=false",
                                    "--v=4")) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(c.port, 2222);
    assert_string_equal(c.hostname_override, "n1");
    assert_true(c.register_node);
    assert_false(c.register_taint);
    assert_int_equal(c.verbosity, 4);
    config_done(&c);
}

static void a_list_given_twice_is_the_sum(void **state)
{
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    if (parse_flags(&c, &err, FLAGS("--node-ip=192.0.2.1", "--node-ip", "2001:db8::1", "--node-labels=a=1", "--node-labels",
                                    "b=2", "--cluster-dns=10.0.0.9")) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(strv_len(c.node_ips), 2);
    assert_int_equal(c.node_labels.len, 2);
    assert_int_equal(strv_len(c.cluster_dns), 1);
    config_done(&c);
}

static void flags_win_over_the_file_wherever_they_stand(void **state)
{
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    if (parse_flags(&c, &err, FLAGS("--port", "2222", "--cluster-dns=10.0.0.9", "--config", path)) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(c.port, 2222);
    assert_int_equal(c.max_pods, 50);
    assert_false(c.register_taint);
    assert_int_equal(strv_len(c.cluster_dns), 1);
    assert_string_equal(c.cluster_dns[0], "10.0.0.9");
    config_done(&c);
}

static void command_lines_that_are_refused(void **state)
{
    static const struct {
        const char *flags[4];
        const char *message;
    } cases[] = {
        { { "--prot=1" }, "unknown flag --prot" },
        { { "port" }, "unexpected argument \"port\": flags begin with --" },
        { { "-port", "1" }, "unexpected argument \"-port\": flags begin with --" },
        { { "--port" }, "--port: expected an integer, got nothing" },
        { { "--port=x" }, "--port: expected an integer from 1 to 65535, got \"x\"" },
        { { "--" }, "unknown flag --" },
        { { "--config=/no/such/file" }, "--config: read /no/such/file: No such file or directory" },
        { { "--config=/" }, "--config: read /: Is a directory" },
        { { "--node-ip=nonsense" }, "--node-ip: expected an IP address, got \"nonsense\"" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config c;
        struct err err = ERR_INIT;
        assert_true(parse_flags(&c, &err, cases[i].flags) < 0);
        assert_string_equal(err.msg, cases[i].message);
        config_done(&c);
    }
}

static void the_file_is_named_in_its_errors(void **state)
{
    struct config c;
    struct err err = ERR_INIT;
    AUTO(free) char *want = xasprintf("%s:1: expected a map of fields", path);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    (void)state;
    assert_int_equal(write(fd, "nonsense", 8), 8);
    close(fd);
    assert_true(parse_flags(&c, &err, FLAGS("--config", path)) < 0);
    assert_string_equal(err.msg, want);
    config_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_in_all_their_forms),
        cmocka_unit_test(a_list_given_twice_is_the_sum),
        cmocka_unit_test_setup_teardown(flags_win_over_the_file_wherever_they_stand, write_file, remove_file),
        cmocka_unit_test(command_lines_that_are_refused),
        cmocka_unit_test_setup_teardown(the_file_is_named_in_its_errors, write_file, remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
