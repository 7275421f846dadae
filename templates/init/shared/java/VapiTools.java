package com.example.demo.vapi;

import java.util.List;
import java.util.Map;

/** What assistants may call, and who answers inbound calls. */
final class VapiTools {

    /** What a tool gives back is told to the assistant. */
    interface Tool {
        String run(Map<?, ?> arguments) throws Exception;
    }

    /** By the name of the tool. An example, to be replaced by your own. */
    static final Map<String, Tool> TOOLS = Map.of("bookAppointment", VapiTools::bookAppointment);

    private VapiTools() {}

    private static String bookAppointment(Map<?, ?> arguments) {
        return "Booked for %s at %s.".formatted(arguments.get("day"), arguments.get("time"));
    }

    /** Who answers a call whose number has no assistant of its own. Vapi waits 7.5 seconds for this. */
    static Map<String, Object> chooseAssistant(String assistantId) {
        if (!assistantId.isEmpty()) {
            return Map.of("assistantId", assistantId);
        }
        return Map.of("assistant", Map.of(
                "name", "Reception",
                "firstMessage", "Hello, how can I help you?",
                "model", Map.of(
                        "provider", "openai",
                        "model", "gpt-4o-mini",
                        "messages", List.of(
                                Map.of("role", "system", "content", "You book appointments. Be brief."))),
                "voice", Map.of("provider", "vapi", "voiceId", "Elliot")));
    }
}
