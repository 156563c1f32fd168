/* SPDX-License-Identifier: Apache-2.0 */
/* spin.c - loops for ever without a call to the host: nothing that is asked politely can end it. */
#include <unistd.h>

int main(void)
{
    volatile unsigned turns = 0;
    (void)!write(1, "spinning\n", 9);
    for (;;)
        turns++;
}
