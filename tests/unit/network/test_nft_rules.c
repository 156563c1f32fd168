/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nft_rules.h"

static const struct network_port web = { RT_TCP, 80, 8080, NULL }, dns = { RT_UDP, 53, 8053, "" },
                                 local = { RT_TCP, 80, 8080, "127.0.0.1" },
                                 any = { RT_SCTP, 7, 9, "0.0.0.0" };
static const struct nft_host_port ports[] = {
    { &web, 0x0a550002 }, { &dns, 0x0a550002 }, { &local, 0x0a550003 }, { &any, 0x0a550003 }
};

static struct nft_table table_with(struct address_range *range, size_t len)
{
    assert_int_equal(address_range_parse("10.85.0.0/16", range, NULL), 0);
    return (struct nft_table){ "oarsman", "oarsman0", range, ports, len };
}

static const char head[] = "table inet oarsman\n"
                           "delete table inet oarsman\n"
                           "table inet oarsman {\n";
static const char tail[] =
    "\tchain hostports {\n"
    "\t\tip saddr 10.85.0.0/16 meta mark set meta mark | 0x2000\n"
    "\t\tdnat ip to meta l4proto . ip daddr . th dport map @hostports_at\n"
    "\t\tdnat ip to meta l4proto . th dport map @hostports\n"
    "\t}\n"
    "\tchain prerouting {\n"
    "\t\ttype nat hook prerouting priority -100; policy accept;\n"
    "\t\tfib daddr type local jump hostports\n"
    "\t}\n"
    "\tchain output {\n"
    "\t\ttype nat hook output priority -100; policy accept;\n"
    "\t\tfib daddr type local jump hostports\n"
    "\t}\n"
    "\tchain guard {\n"
    "\t\ttype filter hook prerouting priority -300; policy accept;\n"
    "\t\tiifname \"oarsman0\" ip daddr 127.0.0.0/8 drop\n"
    "\t}\n"
    "\tchain postrouting {\n"
    "\t\ttype nat hook postrouting priority 100; policy accept;\n"
    "\t\tip saddr 127.0.0.0/8 oifname \"oarsman0\" masquerade\n"
    "\t\tip saddr 10.85.0.0/16 meta mark & 0x2000 == 0x2000 ct status dnat masquerade\n"
    "\t\tip saddr 10.85.0.0/16 ip daddr != { 10.85.0.0/16, 224.0.0.0/4 } oifname != \"oarsman0\" "
    "masquerade\n"
    "\t}\n"
    "}\n";

static void the_table_is_replaced_as_a_whole(void **state)
{
    struct address_range range;
    struct nft_table t = table_with(&range, ARRAY_LEN(ports));
    AUTO(buf_done) struct buf text = BUF_INIT(65536);
    (void)state;
    AUTO(free)
    char *expected =
        xasprintf("%s%s%s", head,
                  "\tmap hostports {\n"
                  "\t\ttype inet_proto . inet_service : ipv4_addr . inet_service\n"
                  "\t\telements = {\n"
                  "\t\t\ttcp . 8080 : 10.85.0.2 . 80,\n"
                  "\t\t\tudp . 8053 : 10.85.0.2 . 53,\n"
                  "\t\t\tsctp . 9 : 10.85.0.3 . 7\n"
                  "\t\t}\n"
                  "\t}\n"
                  "\tmap hostports_at {\n"
                  "\t\ttype inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service\n"
                  "\t\telements = {\n"
                  "\t\t\ttcp . 127.0.0.1 . 8080 : 10.85.0.3 . 80\n"
                  "\t\t}\n"
                  "\t}\n",
                  tail);
    assert_int_equal(nft_rules_replace(&t, &text), 0);
    assert_string_equal(buf_str(&text), expected);
}

static void a_table_without_host_ports_has_empty_maps(void **state)
{
    struct address_range range;
    struct nft_table t = table_with(&range, 0);
    AUTO(buf_done) struct buf text = BUF_INIT(65536);
    (void)state;
    AUTO(free)
    char *expected =
        xasprintf("%s%s%s", head,
                  "\tmap hostports {\n"
                  "\t\ttype inet_proto . inet_service : ipv4_addr . inet_service\n"
                  "\t}\n"
                  "\tmap hostports_at {\n"
                  "\t\ttype inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service\n"
                  "\t}\n",
                  tail);
    assert_int_equal(nft_rules_replace(&t, &text), 0);
    assert_string_equal(buf_str(&text), expected);
}

static void one_pods_ports_come_and_go_as_elements(void **state)
{
    struct address_range range;
    struct nft_table t = table_with(&range, ARRAY_LEN(ports));
    AUTO(buf_done) struct buf text = BUF_INIT(65536);
    (void)state;
    assert_int_equal(nft_rules_add(&t, &text), 0);
    assert_string_equal(
        buf_str(&text),
        "add element inet oarsman hostports { tcp . 8080 : 10.85.0.2 . 80 }\n"
        "add element inet oarsman hostports { udp . 8053 : 10.85.0.2 . 53 }\n"
        "add element inet oarsman hostports_at { tcp . 127.0.0.1 . 8080 : 10.85.0.3 . 80 }\n"
        "add element inet oarsman hostports { sctp . 9 : 10.85.0.3 . 7 }\n");
    buf_clear(&text);
    assert_int_equal(nft_rules_delete(&t, &text), 0);
    assert_string_equal(buf_str(&text),
                        "delete element inet oarsman hostports { tcp . 8080 }\n"
                        "delete element inet oarsman hostports { udp . 8053 }\n"
                        "delete element inet oarsman hostports_at { tcp . 127.0.0.1 . 8080 }\n"
                        "delete element inet oarsman hostports { sctp . 9 }\n");
}

static void more_than_fits_fails_as_a_whole(void **state)
{
    struct address_range range;
    struct nft_table t = table_with(&range, ARRAY_LEN(ports));
    AUTO(buf_done) struct buf text = BUF_INIT(100);
    (void)state;
    assert_int_equal(nft_rules_replace(&t, &text), -E2BIG);
}

static const struct {
    struct network_port port;
    int result;
} checks[] = {
    { { RT_TCP, 80, 8080, NULL }, 0 },
    { { RT_TCP, 80, 8080, "0.0.0.0" }, 0 },
    { { RT_TCP, 80, 8080, "::" }, 0 },
    { { RT_TCP, 80, 8080, "192.0.2.1" }, 0 },
    { { RT_TCP, 80, 8080, "fd00::1" }, -ENOTSUP },
    { { RT_TCP, 80, 8080, "1 } drop" }, -ENOTSUP },
    { { RT_TCP, 0, 8080, NULL }, -EINVAL },
    { { RT_TCP, 80, 70000, NULL }, -EINVAL },
    { { 3, 80, 8080, NULL }, -EINVAL },
    { { -1, 80, 8080, NULL }, -EINVAL },
};

static void only_good_ports_reach_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        assert_int_equal(nft_rules_check(&checks[i].port, NULL), checks[i].result);
}

static void a_port_of_all_addresses_clashes_with_that_of_one(void **state)
{
    const struct network_port one = { RT_TCP, 1, 8080, "192.0.2.1" },
                              other = { RT_TCP, 1, 8080, "192.0.2.2" },
                              udp = { RT_UDP, 1, 8080, NULL };
    (void)state;
    assert_true(nft_rules_clash(&web, &one));
    assert_true(nft_rules_clash(&one, &web));
    assert_true(nft_rules_clash(&one, &one));
    assert_false(nft_rules_clash(&one, &other));
    assert_false(nft_rules_clash(&web, &udp));
    assert_false(nft_rules_clash(&web, &dns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_replaced_as_a_whole),
        cmocka_unit_test(a_table_without_host_ports_has_empty_maps),
        cmocka_unit_test(one_pods_ports_come_and_go_as_elements),
        cmocka_unit_test(more_than_fits_fails_as_a_whole),
        cmocka_unit_test(only_good_ports_reach_the_rules),
        cmocka_unit_test(a_port_of_all_addresses_clashes_with_that_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
