package com.example.demo.vapi;

import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where Vapi sends its server messages. */
@Path("/api/vapi/webhook")
@ApplicationScoped
public class VapiWebhookResource {

    @ConfigProperty(name = "VAPI_WEBHOOK_SECRET")
    Optional<String> secret;

    @ConfigProperty(name = "VAPI_ASSISTANT_ID")
    Optional<String> assistantId;

    @POST
    @Produces(MediaType.APPLICATION_JSON)
    public Response receive(@HeaderParam("X-Vapi-Secret") String givenSecret, String text) {
        var webhook = new VapiWebhook(
                secret.orElse(""), assistantId.orElse(""), json -> new JsonObject(json).getMap());
        VapiWebhook.Reply reply = webhook.answer(givenSecret, text);
        return Response.status(reply.status()).entity(new JsonObject(reply.body()).encode()).build();
    }
}
