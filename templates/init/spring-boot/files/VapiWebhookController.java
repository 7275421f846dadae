package com.example.demo.vapi;

import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Where Vapi sends its server messages. */
@RestController
class VapiWebhookController {

    private final VapiWebhook webhook;

    VapiWebhookController(
            @Value("${VAPI_WEBHOOK_SECRET:}") String secret, @Value("${VAPI_ASSISTANT_ID:}") String assistantId) {
        webhook = new VapiWebhook(secret, assistantId, JsonParserFactory.getJsonParser()::parseMap);
    }

    @PostMapping("/api/vapi/webhook")
    ResponseEntity<Map<String, Object>> receive(
            @RequestHeader(name = "X-Vapi-Secret", required = false) String secret,
            @RequestBody(required = false) String text) {
        VapiWebhook.Reply reply = webhook.answer(secret, text);
        return ResponseEntity.status(reply.status()).body(reply.body());
    }
}
