using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DemoApp.VapiIntegration;

/// <summary>Where Vapi sends its server messages. All of them: https://docs.vapi.ai/server-url/events</summary>
public static class VapiEndpoints
{
    public static IEndpointConventionBuilder MapVapiWebhook(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/vapi/webhook", ReceiveAsync);

    private static async Task<IResult> ReceiveAsync(
        HttpRequest request, IConfiguration configuration, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger("Vapi");
        var secret = configuration["VAPI_WEBHOOK_SECRET"];
        if (string.IsNullOrEmpty(secret))
        {
            log.LogError("VAPI_WEBHOOK_SECRET is not set, so nothing is answered");
            return Problem("The secret of this webhook is not set.", 500);
        }
        if (!IsSame(request.Headers["x-vapi-secret"].ToString(), secret))
            return Problem("The secret is wrong.", 401);
        if (await MessageOfAsync(request) is not { } message || message["type"] is not { } type)
            return Problem("This is no message of Vapi.", 400);

        switch (type.ToString())
        {
            case "tool-calls":
                var results = new JsonArray();
                foreach (var call in message["toolCallList"] as JsonArray ?? new JsonArray())
                    if (call is JsonObject made)
                        results.Add(await RunToolAsync(made));
                return Results.Json(new JsonObject { ["results"] = results });
            case "assistant-request":
                return Results.Json(VapiTools.ChooseAssistant(configuration["VAPI_ASSISTANT_ID"]));
            case "transfer-destination-request" or "handoff-destination-request":
                return Results.Json(new { error = "There is nobody to hand the call over to." });
            case "knowledge-base-request":
                return Results.Json(new { documents = Array.Empty<object>() });
            case "end-of-call-report":
                log.LogInformation("Vapi call ended: {Reason}", message["endedReason"]);
                return Results.Json(new { });
            default:
                // status-update, transcript, speech-update … need no answer.
                return Results.Json(new { });
        }
    }

    private static async Task<JsonObject?> MessageOfAsync(HttpRequest request)
    {
        try
        {
            var body = await JsonSerializer.DeserializeAsync<JsonNode>(request.Body);
            return (body as JsonObject)?["message"] as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>It is always a reply: without one the assistant would wait.</summary>
    private static async Task<JsonNode> RunToolAsync(JsonObject call)
    {
        var id = call["id"]?.ToString();
        try
        {
            var name = call["function"]?["name"]?.ToString() ?? "";
            if (!VapiTools.Tools.TryGetValue(name, out var tool))
                throw new InvalidOperationException($"There is no tool {name}.");
            var arguments = call["function"]?["arguments"];
            // An object, or the JSON of one in a string.
            if (arguments is JsonValue text)
                arguments = JsonNode.Parse(text.ToString());
            return new JsonObject
            {
                ["toolCallId"] = id,
                ["result"] = await tool(arguments as JsonObject ?? new JsonObject()),
            };
        }
        catch (Exception problem)
        {
            var words = problem.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return new JsonObject { ["toolCallId"] = id, ["error"] = string.Join(' ', words) };
        }
    }

    private static IResult Problem(string text, int status) =>
        Results.Json(new { error = text }, statusCode: status);

    /// <summary>Takes a time that tells nothing about the secret, not even its length.</summary>
    private static bool IsSame(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}
