defmodule DemoWeb.VapiTools do
  @moduledoc "What assistants may call, and who answers inbound calls."

  @doc "What a tool gives back is told to the assistant."
  # An example, to be replaced by your own.
  def run("bookAppointment", %{"day" => day, "time" => time}) do
    {:ok, "Booked for #{day} at #{time}."}
  end

  def run("bookAppointment", _arguments), do: {:error, "Say the day and the time."}
  def run(name, _arguments), do: {:error, "There is no tool #{name}."}

  @doc "Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this."
  def choose_assistant(""), do: %{assistant: reception("Hello, how can I help you?")}
  def choose_assistant(id), do: %{assistantId: id}

  def reception(first_message) do
    %{
      name: "Reception",
      firstMessage: first_message,
      model: %{
        provider: "openai",
        model: "gpt-4o-mini",
        messages: [%{role: "system", content: "You book appointments. Be brief."}]
      },
      voice: %{provider: "vapi", voiceId: "Elliot"}
    }
  end
end
