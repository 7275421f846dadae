# frozen_string_literal: true

# Where Vapi sends its server messages.
class VapiWebhooksController < ActionController::API
  def create
    status, reply = VapiWebhook.answer(request.headers["X-Vapi-Secret"], request.raw_post)
    render json: reply, status: status
  end
end
