"""Where Vapi sends its server messages."""

import hmac
import json
import logging
import os
from typing import Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from .tools import TOOLS, choose_assistant

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/vapi")


@router.post("/webhook")
async def vapi_webhook(request: Request, x_vapi_secret: str = Header(default="")) -> JSONResponse:
    """All messages: https://docs.vapi.ai/server-url/events"""
    expected = os.environ.get("VAPI_WEBHOOK_SECRET", "")
    if expected == "":
        log.error("VAPI_WEBHOOK_SECRET is not set, so nothing is answered")
        return JSONResponse({"error": "The secret of this webhook is not set."}, status_code=500)
    if not hmac.compare_digest(x_vapi_secret.encode(), expected.encode()):
        return JSONResponse({"error": "The secret is wrong."}, status_code=401)
    try:
        message = (await request.json())["message"]
        kind = message["type"]
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"error": "This is no message of Vapi."}, status_code=400)

    if kind == "tool-calls":
        results = [await run_tool(call) for call in message.get("toolCallList", [])]
        return JSONResponse({"results": results})
    if kind == "assistant-request":
        return JSONResponse(choose_assistant())
    if kind in ("transfer-destination-request", "handoff-destination-request"):
        return JSONResponse({"error": "There is nobody to hand the call over to."})
    if kind == "knowledge-base-request":
        return JSONResponse({"documents": []})
    if kind == "end-of-call-report":
        log.info("Vapi call ended: %s", message.get("endedReason"))
    # status-update, transcript, speech-update … need no answer.
    return JSONResponse({})


async def run_tool(call: dict[str, Any]) -> dict[str, str]:
    """The reply to one tool call. It is always a reply: without one the assistant would wait."""
    try:
        name, values = call["function"]["name"], call["function"]["arguments"]
        if name not in TOOLS:
            raise LookupError(f"There is no tool {name}.")
        result = await TOOLS[name](**(json.loads(values) if isinstance(values, str) else values))
        text = result if isinstance(result, str) else json.dumps(result)
        return {"toolCallId": call["id"], "result": text}
    except Exception as problem:  # noqa: BLE001: whatever a tool raises, the assistant is told
        log.exception("A tool failed")
        return {"toolCallId": call["id"], "error": " ".join(str(problem).split())}
