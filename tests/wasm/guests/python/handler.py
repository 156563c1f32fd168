# SPDX-License-Identifier: Apache-2.0
"""A handler of HTTP requests in Python, written to wasi:http itself. /sleep?MS waits first."""

import time

from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        path, _, milliseconds = (request.path_with_query() or "/").partition("?")
        if path == "/sleep":
            time.sleep(int(milliseconds) / 1000)
        response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
        body = response.body()
        ResponseOutparam.set(response_out, Ok(response))
        with body.write() as stream:
            stream.blocking_write_and_flush(f"hello from Python, {request.path_with_query()}\n".encode())
        OutgoingBody.finish(body, None)
