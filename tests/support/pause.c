/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of the test image "pause": a process that does nothing, well.
 * As PID 1 it reaps what is left to it, and it ends at once when told to.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

int main(void)
{
	sigset_t wanted;
	int signal_number;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	for (;;) {
		if (sigwait(&wanted, &signal_number) != 0)
			continue;
		if (signal_number != SIGCHLD)
			return EXIT_SUCCESS;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	}
}
