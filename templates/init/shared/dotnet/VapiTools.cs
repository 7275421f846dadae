using System.Text.Json.Nodes;

namespace DemoApp.VapiIntegration;

/// <summary>What assistants may call, and who answers inbound calls.</summary>
public static class VapiTools
{
    /// <summary>By the name of the tool. What a tool gives back is told to the assistant.</summary>
    public static readonly IReadOnlyDictionary<string, Func<JsonObject, Task<string>>> Tools =
        new Dictionary<string, Func<JsonObject, Task<string>>> { ["bookAppointment"] = BookAppointmentAsync };

    /// <summary>An example, to be replaced by your own.</summary>
    private static Task<string> BookAppointmentAsync(JsonObject arguments) =>
        Task.FromResult($"Booked for {arguments["day"]} at {arguments["time"]}.");

    /// <summary>Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this.</summary>
    public static object ChooseAssistant(string? assistantId)
    {
        if (!string.IsNullOrEmpty(assistantId))
            return new { assistantId };
        return new
        {
            assistant = new
            {
                name = "Reception",
                firstMessage = "Hello, how can I help you?",
                model = new
                {
                    provider = "openai",
                    model = "gpt-4o-mini",
                    messages = new[] { new { role = "system", content = "You book appointments. Be brief." } },
                },
                voice = new { provider = "vapi", voiceId = "Elliot" },
            },
        };
    }
}
