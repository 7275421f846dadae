# Creates an assistant and has it call a telephone number: elixir vapi_example.exs. It needs in the environment:
#   VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
#   VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
#   VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567
Mix.install([:req])

api =
  Req.new(
    base_url: "https://api.vapi.ai",
    auth: {:bearer, System.fetch_env!("VAPI_API_KEY")}
  )

create = fn path, body ->
  case Req.post!(api, url: path, json: body) do
    %{status: status, body: %{"id" => id}} when status < 300 -> id
    %{status: status, body: body} -> raise "#{status}: #{inspect(body)}"
  end
end

assistant =
  create.("/assistant", %{
    name: "Reception",
    firstMessage: "Hello, this is a call from your own program.",
    model: %{
      provider: "openai",
      model: "gpt-4o-mini",
      messages: [%{role: "system", content: "You book appointments. Be brief."}]
    },
    voice: %{provider: "vapi", voiceId: "Elliot"}
  })

IO.puts("Assistant #{assistant}")

call =
  create.("/call", %{
    assistantId: assistant,
    phoneNumberId: System.fetch_env!("VAPI_PHONE_NUMBER_ID"),
    customer: %{number: System.fetch_env!("VAPI_CUSTOMER_NUMBER")}
  })

IO.puts("Call #{call}")
