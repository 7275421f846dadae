defmodule DemoWeb.VapiButton do
  @moduledoc "A button that begins and ends a call, with what is said below it: `<DemoWeb.VapiButton.vapi_button />`."
  use Phoenix.Component

  attr :id, :string, default: "vapi-button"

  def vapi_button(assigns) do
    assigns =
      assign(assigns,
        public_key: System.get_env("VAPI_PUBLIC_KEY"),
        assistant_id: System.get_env("VAPI_ASSISTANT_ID")
      )

    ~H"""
    <div
      id={@id}
      phx-hook="VapiButton"
      phx-update="ignore"
      data-public-key={@public_key}
      data-assistant-id={@assistant_id}
    >
    </div>
    """
  end
end
