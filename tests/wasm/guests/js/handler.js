// SPDX-License-Identifier: Apache-2.0
// handler.js - a handler of HTTP requests in JavaScript, written to wasi:http itself.
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@VERSION';

export const incomingHandler = {
	handle(request, outparam) {
		const path = request.pathWithQuery();
		const response = new OutgoingResponse(new Fields());
		const body = response.body();
		ResponseOutparam.set(outparam, { tag: 'ok', val: response });
		const stream = body.write();
		stream.blockingWriteAndFlush(new TextEncoder().encode(`hello from JavaScript, ${path}\n`));
		stream[Symbol.dispose]();
		OutgoingBody.finish(body, undefined);
	},
};
