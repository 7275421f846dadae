# frozen_string_literal: true

# Creates an assistant and has it call a telephone number. It needs in the environment:
#   VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
#   VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
#   VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567
require "vapi"

vapi = Vapi::Client.new(token: ENV.fetch("VAPI_API_KEY"))
assistant = vapi.assistants.create(
  name: "Reception",
  first_message: "Hello, this is a call from your own program.",
  model: {
    provider: "openai",
    model: "gpt-4o-mini",
    messages: [{ role: "system", content: "You book appointments. Be brief." }]
  },
  voice: { provider: "vapi", voice_id: "Elliot" }
)
puts "Assistant #{assistant.id}"

call = vapi.calls.create(
  assistant_id: assistant.id,
  phone_number_id: ENV.fetch("VAPI_PHONE_NUMBER_ID"),
  customer: { number: ENV.fetch("VAPI_CUSTOMER_NUMBER") }
)
puts "Call #{call.id}"
