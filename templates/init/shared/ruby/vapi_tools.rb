# frozen_string_literal: true

# What assistants may call, and who answers inbound calls.
module VapiTools
  # By the name of the tool. What a tool gives back is told to the assistant.
  ALL = {
    # An example, to be replaced by your own.
    "bookAppointment" => ->(day:, time:) { "Booked for #{day} at #{time}." }
  }.freeze

  # Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this.
  def self.choose_assistant
    id = ENV.fetch("VAPI_ASSISTANT_ID", "")
    return { assistantId: id } unless id.empty?

    {
      assistant: {
        name: "Reception",
        firstMessage: "Hello, how can I help you?",
        model: {
          provider: "openai",
          model: "gpt-4o-mini",
          messages: [{ role: "system", content: "You book appointments. Be brief." }]
        },
        voice: { provider: "vapi", voiceId: "Elliot" }
      }
    }
  end
end
