"""Creates an assistant and has it call a telephone number.

It needs in the environment:
  VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
  VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
  VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567
"""

import os

from vapi import Vapi


def main() -> None:
    vapi = Vapi(token=os.environ["VAPI_API_KEY"])
    assistant = vapi.assistants.create(
        name="Reception",
        first_message="Hello, this is a call from your own program.",
        model={
            "provider": "openai",
            "model": "gpt-4o-mini",
            "messages": [{"role": "system", "content": "You book appointments. Be brief."}],
        },
        voice={"provider": "vapi", "voiceId": "Elliot"},
    )
    print("Assistant", assistant.id)
    call = vapi.calls.create(
        assistant_id=assistant.id,
        phone_number_id=os.environ["VAPI_PHONE_NUMBER_ID"],
        customer={"number": os.environ["VAPI_CUSTOMER_NUMBER"]},
    )
    print("Call", call.id)


if __name__ == "__main__":
    main()
