"""Where Vapi sends its server messages."""

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from .answer import answer_vapi

router = APIRouter(prefix="/api/vapi")


@router.post("/webhook")
async def vapi_webhook(request: Request, x_vapi_secret: str = Header(default="")) -> JSONResponse:
    # Tools may wait for a database or a service: they are run beside the event loop.
    status, reply = await run_in_threadpool(answer_vapi, x_vapi_secret, await request.body())
    return JSONResponse(reply, status_code=status)
