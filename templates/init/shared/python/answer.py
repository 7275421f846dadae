"""The replies to Vapi's server messages, whatever brings them here."""

import hmac
import json
import logging
import os
from typing import Any

from .tools import TOOLS, choose_assistant

log = logging.getLogger(__name__)


def answer_vapi(secret: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the reply. `secret` is the header x-vapi-secret, '' where there is none.

    All messages: https://docs.vapi.ai/server-url/events
    """
    expected = os.environ.get("VAPI_WEBHOOK_SECRET", "")
    if expected == "":
        log.error("VAPI_WEBHOOK_SECRET is not set, so nothing is answered")
        return 500, {"error": "The secret of this webhook is not set."}
    if not hmac.compare_digest(secret.encode(), expected.encode()):
        return 401, {"error": "The secret is wrong."}
    try:
        message = json.loads(body)["message"]
        kind = message["type"]
    except (ValueError, KeyError, TypeError):
        return 400, {"error": "This is no message of Vapi."}

    if kind == "tool-calls":
        return 200, {"results": [run_tool(call) for call in message.get("toolCallList") or []]}
    if kind == "assistant-request":
        return 200, choose_assistant()
    if kind in ("transfer-destination-request", "handoff-destination-request"):
        return 200, {"error": "There is nobody to hand the call over to."}
    if kind == "knowledge-base-request":
        return 200, {"documents": []}
    if kind == "end-of-call-report":
        log.info("Vapi call ended: %s", message.get("endedReason"))
    # status-update, transcript, speech-update … need no answer.
    return 200, {}


def run_tool(call: dict[str, Any]) -> dict[str, Any]:
    """The reply to one tool call. It is always a reply: without one the assistant would wait."""
    try:
        name, values = call["function"]["name"], call["function"]["arguments"]
        if name not in TOOLS:
            raise LookupError(f"There is no tool {name}.")
        result = TOOLS[name](**(json.loads(values) if isinstance(values, str) else values or {}))
        text = result if isinstance(result, str) else json.dumps(result)
        return {"toolCallId": call["id"], "result": text}
    except Exception as problem:  # noqa: BLE001: whatever a tool raises, the assistant is told
        log.exception("A tool failed")
        return {"toolCallId": call.get("id"), "error": " ".join(str(problem).split())}
