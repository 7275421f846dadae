"""What assistants may call, and who answers inbound calls."""

import os
from collections.abc import Callable
from typing import Any


def book_appointment(day: str, time: str) -> str:
    """An example, to be replaced by your own."""
    return f"Booked for {day} at {time}."


# By the name of the tool. What a tool gives back is told to the assistant.
TOOLS: dict[str, Callable[..., Any]] = {"bookAppointment": book_appointment}


def choose_assistant() -> dict[str, Any]:
    """Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this."""
    if os.environ.get("VAPI_ASSISTANT_ID"):
        return {"assistantId": os.environ["VAPI_ASSISTANT_ID"]}
    return {
        "assistant": {
            "name": "Reception",
            "firstMessage": "Hello, how can I help you?",
            "model": {
                "provider": "openai",
                "model": "gpt-4o-mini",
                "messages": [{"role": "system", "content": "You book appointments. Be brief."}],
            },
            "voice": {"provider": "vapi", "voiceId": "Elliot"},
        }
    }
