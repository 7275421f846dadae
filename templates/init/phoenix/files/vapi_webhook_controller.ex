defmodule DemoWeb.VapiWebhookController do
  @moduledoc "Where Vapi sends its server messages. All of them: https://docs.vapi.ai/server-url/events"
  use DemoWeb, :controller

  require Logger

  alias DemoWeb.VapiTools

  plug :check_secret

  def create(conn, %{"message" => %{"type" => type} = message}) do
    json(conn, answer(type, message))
  end

  def create(conn, _params), do: refuse(conn, 400, "This is no message of Vapi.")

  defp answer("tool-calls", message) do
    %{results: Enum.map(message["toolCallList"] || [], &run_tool/1)}
  end

  defp answer("assistant-request", _message) do
    VapiTools.choose_assistant(System.get_env("VAPI_ASSISTANT_ID", ""))
  end

  defp answer(type, _message)
       when type in ["transfer-destination-request", "handoff-destination-request"] do
    %{error: "There is nobody to hand the call over to."}
  end

  defp answer("knowledge-base-request", _message), do: %{documents: []}

  defp answer("end-of-call-report", message) do
    Logger.info("Vapi call ended: #{message["endedReason"]}")
    %{}
  end

  # status-update, transcript, speech-update … need no answer.
  defp answer(_type, _message), do: %{}

  # It is always a reply: without one the assistant would wait.
  defp run_tool(%{"id" => id, "function" => %{"name" => name} = function}) do
    with {:ok, arguments} <- decode(function["arguments"]),
         {:ok, result} <- VapiTools.run(name, arguments) do
      %{toolCallId: id, result: result}
    else
      {:error, problem} -> %{toolCallId: id, error: one_line(problem)}
    end
  rescue
    problem -> %{toolCallId: id, error: one_line(problem)}
  end

  # An object, or the JSON of one in a string.
  defp decode(text) when is_binary(text), do: Phoenix.json_library().decode(text)
  defp decode(arguments), do: {:ok, arguments || %{}}

  defp one_line(problem) do
    text =
      cond do
        is_binary(problem) -> problem
        is_exception(problem) -> Exception.message(problem)
        true -> inspect(problem)
      end

    text |> String.split() |> Enum.join(" ")
  end

  defp check_secret(conn, _options) do
    expected = System.get_env("VAPI_WEBHOOK_SECRET", "")
    given = conn |> get_req_header("x-vapi-secret") |> List.first("")

    cond do
      expected == "" ->
        Logger.error("VAPI_WEBHOOK_SECRET is not set, so nothing is answered")
        refuse(conn, 500, "The secret of this webhook is not set.")

      Plug.Crypto.secure_compare(given, expected) ->
        conn

      true ->
        refuse(conn, 401, "The secret is wrong.")
    end
  end

  defp refuse(conn, status, text) do
    conn |> put_status(status) |> json(%{error: text}) |> halt()
  end
end
