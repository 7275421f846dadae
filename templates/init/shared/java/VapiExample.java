package com.example.demo.vapi;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/**
 * Creates an assistant and has it call a telephone number. It is a program of one file, and needs in the environment
 * VAPI_API_KEY (the private key: dashboard.vapi.ai, API keys), VAPI_PHONE_NUMBER_ID (the number that calls: vapi phone
 * list) and VAPI_CUSTOMER_NUMBER (the number that is called, like +15551234567).
 */
public final class VapiExample {

    private static final String ASSISTANT = """
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

    private static final String CALL = """
            { "assistantId": "%s", "phoneNumberId": "%s", "customer": { "number": "%s" } }
            """;

    /** Of what is created: it has no other property of this name. */
    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"");

    private VapiExample() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String assistant = create("assistant", ASSISTANT);
        System.out.println("Assistant " + assistant);
        String from = needed("VAPI_PHONE_NUMBER_ID");
        String to = needed("VAPI_CUSTOMER_NUMBER");
        System.out.println("Call " + create("call", CALL.formatted(assistant, from, to)));
    }

    private static String create(String what, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://api.vapi.ai/" + what))
                .header("Authorization", "Bearer " + needed("VAPI_API_KEY"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        var id = ID.matcher(response.body());
        if (response.statusCode() >= 300 || !id.find()) {
            throw new IOException(response.statusCode() + ": " + response.body());
        }
        return id.group(1);
    }

    private static String needed(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("Set " + name + " in the environment.");
        }
        return value;
    }
}
