-- SPDX-License-Identifier: Apache-2.0
-- The last line of wrk's output: requests a second, p50 and p95 in milliseconds, errors.
done = function(summary, latency)
	local e = summary.errors
	io.write(string.format("%.1f %.3f %.3f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
		latency:percentile(95) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
