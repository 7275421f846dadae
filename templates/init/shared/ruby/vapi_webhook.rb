# frozen_string_literal: true

require "json"
require "openssl"

# The replies to Vapi's server messages. All messages: https://docs.vapi.ai/server-url/events
module VapiWebhook
  module_function

  # Status and JSON of the reply; `secret` is the header x-vapi-secret.
  def answer(secret, body)
    expected = ENV.fetch("VAPI_WEBHOOK_SECRET", "")
    if expected.empty?
      warn "VAPI_WEBHOOK_SECRET is not set, so nothing is answered"
      return [500, { error: "The secret of this webhook is not set." }]
    end
    return [401, { error: "The secret is wrong." }] unless same?(secret.to_s, expected)

    message = message_in(body)
    return [400, { error: "This is no message of Vapi." }] unless message

    [200, reply_to(message)]
  end

  def reply_to(message)
    case message["type"]
    when "tool-calls"
      { results: (message["toolCallList"] || []).map { |call| run_tool(call) } }
    when "assistant-request"
      VapiTools.choose_assistant
    when "transfer-destination-request", "handoff-destination-request"
      { error: "There is nobody to hand the call over to." }
    when "knowledge-base-request"
      { documents: [] }
    else
      {} # status-update, transcript, end-of-call-report … need no answer.
    end
  end

  # The reply to one tool call. It is always a reply: without one the assistant would wait.
  def run_tool(call)
    name, values = call.fetch("function").values_at("name", "arguments")
    tool = VapiTools::ALL.fetch(name) { raise KeyError, "There is no tool #{name}." }
    values = JSON.parse(values) if values.is_a?(String)
    result = tool.call(**(values || {}).transform_keys(&:to_sym))
    { toolCallId: call["id"], result: result.is_a?(String) ? result : JSON.generate(result) }
  rescue StandardError => e
    warn "A tool failed: #{e.full_message}"
    { toolCallId: call["id"], error: e.message.split.join(" ") }
  end

  def message_in(body)
    parsed = JSON.parse(body)
    message = parsed["message"] if parsed.is_a?(Hash)
    message if message.is_a?(Hash) && message.key?("type")
  rescue JSON::ParserError
    nil
  end

  # Compares in a time that tells nothing about the secret, not even its length.
  def same?(given, expected)
    digests = [given, expected].map { |text| OpenSSL::Digest::SHA256.digest(text) }
    OpenSSL.fixed_length_secure_compare(*digests)
  end
end
