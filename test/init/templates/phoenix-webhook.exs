# The webhook of the Phoenix template, with stand-ins for what it takes of Phoenix: elixir phoenix-webhook.exs FOLDER
ExUnit.start()

defmodule Plug.Crypto do
  def secure_compare(one, other), do: one == other
end

defmodule Phoenix do
  def json_library, do: Phoenix.Json
end

defmodule Phoenix.Json do
  def decode(~s({"day":"Tuesday","time":"9"})), do: {:ok, %{"day" => "Tuesday", "time" => "9"}}
  def decode(text), do: {:error, %ArgumentError{message: "no JSON:\n#{text}"}}
end

defmodule Plug.Stand do
  defmacro plug(name) do
    quote do
      def check(conn), do: unquote(name)(conn, [])
    end
  end
end

defmodule DemoWeb do
  defmacro __using__(:controller) do
    quote do
      import DemoWeb
      import Plug.Stand
    end
  end

  def get_req_header(conn, name), do: Map.get(conn.headers, name, [])
  def put_status(conn, status), do: %{conn | status: status}
  def json(conn, body), do: %{conn | body: body}
  def halt(conn), do: %{conn | halted: true}
end

[folder] = System.argv()
Code.require_file(Path.join(folder, "vapi_tools.ex"))
Code.require_file(Path.join(folder, "vapi_webhook_controller.ex"))

defmodule WebhookTest do
  use ExUnit.Case

  defp send_to(params, headers \\ %{"x-vapi-secret" => ["right"]}) do
    conn = %{headers: headers, status: 200, body: nil, halted: false}
    checked = DemoWeb.VapiWebhookController.check(conn)
    conn = if checked.halted, do: checked, else: DemoWeb.VapiWebhookController.create(checked, params)
    {conn.status, conn.body}
  end

  defp message(type, more \\ %{}), do: %{"message" => Map.put(more, "type", type)}

  setup do
    System.put_env("VAPI_WEBHOOK_SECRET", "right")
  end

  test "answers messages" do
    assert send_to(message("status-update")) == {200, %{}}
    assert send_to(message("end-of-call-report", %{"endedReason" => "hung-up"})) == {200, %{}}
    assert send_to(message("knowledge-base-request")) == {200, %{documents: []}}
    assert {200, %{error: "There is nobody" <> _}} = send_to(message("transfer-destination-request"))
    assert {200, %{assistant: %{name: "Reception"}}} = send_to(message("assistant-request"))
  end

  test "refuses a wrong secret, none, and what is no message" do
    assert {401, _} = send_to(message("status-update"), %{"x-vapi-secret" => ["wrong"]})
    assert {401, _} = send_to(message("status-update"), %{})
    assert {400, _} = send_to(%{})
    assert {400, _} = send_to(%{"_json" => []})
    assert {400, _} = send_to(%{"message" => nil})
    assert {400, _} = send_to(%{"message" => %{}})
    System.put_env("VAPI_WEBHOOK_SECRET", "")
    assert {500, _} = send_to(message("status-update"), %{"x-vapi-secret" => [""]})
  end

  test "runs tools" do
    call = fn id, name, arguments ->
      %{"id" => id, "function" => %{"name" => name, "arguments" => arguments}}
    end

    calls = [
      call.("1", "nothing", %{}),
      call.("2", "bookAppointment", %{"day" => "Monday", "time" => "8"}),
      call.("3", "bookAppointment", ~s({"day":"Tuesday","time":"9"})),
      call.("4", "bookAppointment", "{"),
      call.("5", "bookAppointment", nil)
    ]

    assert send_to(message("tool-calls", %{"toolCallList" => calls})) ==
             {200,
              %{
                results: [
                  %{toolCallId: "1", error: "There is no tool nothing."},
                  %{toolCallId: "2", result: "Booked for Monday at 8."},
                  %{toolCallId: "3", result: "Booked for Tuesday at 9."},
                  %{toolCallId: "4", error: "no JSON: {"},
                  %{toolCallId: "5", error: "Say the day and the time."}
                ]
              }}
  end
end
