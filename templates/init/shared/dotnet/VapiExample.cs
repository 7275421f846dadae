using System.Text.Json;
using Vapi.Net;

namespace DemoApp.VapiIntegration;

/// <summary>
/// Creates an assistant and has it call a telephone number. It needs in the environment VAPI_API_KEY (the private key:
/// dashboard.vapi.ai, API keys), VAPI_PHONE_NUMBER_ID (the number that calls: vapi phone list) and VAPI_CUSTOMER_NUMBER
/// (the number that is called, like +15551234567).
/// </summary>
public static class VapiExample
{
    private const string Reception = """
        {
          "name": "Reception",
          "firstMessage": "Hello, this is a call from your own program.",
          "model": {
            "provider": "openai",
            "model": "gpt-4o-mini",
            "messages": [{ "role": "system", "content": "You book appointments. Be brief." }]
          },
          "voice": { "provider": "vapi", "voiceId": "Elliot" }
        }
        """;

    public static async Task RunAsync()
    {
        var vapi = new VapiClient(Needed("VAPI_API_KEY"));
        var assistant = await vapi.Assistants.CreateAsync(
            JsonSerializer.Deserialize<CreateAssistantDto>(Reception)!);
        Console.WriteLine($"Assistant {assistant.Id}");

        var call = await vapi.Calls.CreateAsync(new CreateCallDto
        {
            AssistantId = assistant.Id,
            PhoneNumberId = Needed("VAPI_PHONE_NUMBER_ID"),
            Customer = new CreateCustomerDto { Number = Needed("VAPI_CUSTOMER_NUMBER") },
        });
        Console.WriteLine(call);
    }

    private static string Needed(string name) =>
        Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"Set {name} in the environment.");
}
