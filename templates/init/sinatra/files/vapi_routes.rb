# frozen_string_literal: true

require "sinatra/base"
require_relative "vapi_tools"
require_relative "vapi_webhook"

# Where Vapi sends its server messages: `register VapiRoutes` in an application.
module VapiRoutes
  def self.registered(application)
    application.post "/api/vapi/webhook" do
      status, reply = VapiWebhook.answer(request.env["HTTP_X_VAPI_SECRET"], request.body.read)
      halt status, { "Content-Type" => "application/json" }, JSON.generate(reply)
    end
  end
end
