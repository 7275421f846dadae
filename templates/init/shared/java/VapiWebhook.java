package com.example.demo.vapi;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Answers the server messages of Vapi. All of them: https://docs.vapi.ai/server-url/events */
final class VapiWebhook {

    record Reply(int status, Map<String, Object> body) {}

    private static final System.Logger LOG = System.getLogger(VapiWebhook.class.getName());

    private final String secret;
    private final String assistantId;
    private final Function<String, Map<String, Object>> parser;

    /** {@code parser} reads a JSON object, and throws what it wants where there is none. */
    VapiWebhook(String secret, String assistantId, Function<String, Map<String, Object>> parser) {
        this.secret = secret;
        this.assistantId = assistantId;
        this.parser = parser;
    }

    Reply answer(String givenSecret, String text) {
        if (secret.isEmpty()) {
            LOG.log(System.Logger.Level.ERROR, "VAPI_WEBHOOK_SECRET is not set, so nothing is answered");
            return new Reply(500, Map.of("error", "The secret of this webhook is not set."));
        }
        if (!isSame(givenSecret, secret)) {
            return new Reply(401, Map.of("error", "The secret is wrong."));
        }
        Map<?, ?> message;
        String type;
        try {
            message = (Map<?, ?>) parser.apply(text).get("message");
            type = (String) Objects.requireNonNull(message.get("type"));
        } catch (RuntimeException problem) {
            return new Reply(400, Map.of("error", "This is no message of Vapi."));
        }
        return new Reply(200, answerTo(type, message));
    }

    private Map<String, Object> answerTo(String type, Map<?, ?> message) {
        switch (type) {
            case "tool-calls":
                List<?> calls = message.get("toolCallList") instanceof List<?> list ? list : List.of();
                return Map.of("results", calls.stream().map(call -> runTool((Map<?, ?>) call)).toList());
            case "assistant-request":
                return VapiTools.chooseAssistant(assistantId);
            case "transfer-destination-request", "handoff-destination-request":
                return Map.of("error", "There is nobody to hand the call over to.");
            case "knowledge-base-request":
                return Map.of("documents", List.of());
            case "end-of-call-report":
                LOG.log(System.Logger.Level.INFO, "Vapi call ended: {0}", message.get("endedReason"));
                return Map.of();
            default:
                // status-update, transcript, speech-update … need no answer.
                return Map.of();
        }
    }

    /** It is always a reply: without one the assistant would wait. */
    private Map<String, Object> runTool(Map<?, ?> call) {
        String id = String.valueOf(call.get("id"));
        try {
            Map<?, ?> function = (Map<?, ?>) call.get("function");
            VapiTools.Tool tool = VapiTools.TOOLS.get(String.valueOf(function.get("name")));
            if (tool == null) {
                throw new IllegalArgumentException("There is no tool " + function.get("name") + ".");
            }
            Object arguments = function.get("arguments");
            Map<?, ?> values = arguments instanceof String json ? parser.apply(json) : (Map<?, ?>) arguments;
            return Map.of("toolCallId", id, "result", tool.run(values == null ? Map.of() : values));
        } catch (Exception problem) {
            String text = String.valueOf(problem.getMessage());
            return Map.of("toolCallId", id, "error", text.replaceAll("\\s+", " ").strip());
        }
    }

    /** Takes a time that tells nothing about the secret, not even its length. */
    private static boolean isSame(String given, String expected) {
        return given != null && MessageDigest.isEqual(digest(given), digest(expected));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException problem) {
            throw new IllegalStateException(problem);
        }
    }
}
