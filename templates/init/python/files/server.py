"""A server for the webhook alone: python3 -m vapi_webhook.server

A server that is there already calls `answer_vapi` in the same way.
"""

import json
import logging
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .answer import answer_vapi

# Reports of whole calls are large, but not without end.
LIMIT_BYTES = 10 * 1024 * 1024


class VapiHandler(BaseHTTPRequestHandler):
    timeout = 30

    def do_POST(self) -> None:  # noqa: N802: the name that http.server calls
        if self.path.partition("?")[0] != "/api/vapi/webhook":
            self.send_error(404)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LIMIT_BYTES:
            self.send_error(411 if length == "" else 413)
            return
        body = self.rfile.read(int(length))
        status, reply = answer_vapi(self.headers.get("X-Vapi-Secret", ""), body)
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    with ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), VapiHandler) as server:
        logging.info("Vapi webhook: http://127.0.0.1:%d/api/vapi/webhook", server.server_port)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
