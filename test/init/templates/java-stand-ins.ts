/**
 * What the Java of our templates asks of Spring and of Quarkus, neither of which the tests reach: enough to compile and to call
 * it. `Serve` answers HTTP by a controller or a resource, in the place of the framework.
 */
const annotations: Readonly<Record<string, string>> = {
  'org.springframework.beans.factory.annotation.Value': 'String value();',
  'org.springframework.web.bind.annotation.PostMapping': 'String value();',
  'org.springframework.web.bind.annotation.RequestBody': 'boolean required();',
  'org.springframework.web.bind.annotation.RequestHeader': 'String name(); boolean required();',
  'org.springframework.web.bind.annotation.RestController': '',
  'jakarta.enterprise.context.ApplicationScoped': '',
  'jakarta.ws.rs.GET': '',
  'jakarta.ws.rs.HeaderParam': 'String value();',
  'jakarta.ws.rs.POST': '',
  'jakarta.ws.rs.Path': 'String value();',
  'jakarta.ws.rs.Produces': 'String value();',
  'org.eclipse.microprofile.config.inject.ConfigProperty': 'String name();',
}

const classes: Readonly<Record<string, string>> = {
  'org.springframework.boot.json.JsonParser':
    'public interface JsonParser { java.util.Map<String, Object> parseMap(String json); }',
  'org.springframework.boot.json.JsonParserFactory': `public class JsonParserFactory {
    @SuppressWarnings("unchecked")
    public static JsonParser getJsonParser() { return json -> new com.google.gson.Gson().fromJson(json, java.util.Map.class); }
  }`,
  'org.springframework.http.ResponseEntity': `public class ResponseEntity<T> {
    public int status; public T body;
    public static Builder status(int status) { Builder made = new Builder(); made.status = status; return made; }
    public static class Builder {
      int status;
      public <T> ResponseEntity<T> body(T body) { var made = new ResponseEntity<T>(); made.status = status; made.body = body; return made; }
    }
  }`,
  'io.vertx.core.json.JsonObject': `public class JsonObject {
    private final java.util.Map<String, Object> map;
    @SuppressWarnings("unchecked")
    public JsonObject(String json) { map = new com.google.gson.Gson().fromJson(json, java.util.Map.class); }
    public JsonObject(java.util.Map<String, Object> map) { this.map = map; }
    public java.util.Map<String, Object> getMap() { return map; }
    public String encode() { return new com.google.gson.Gson().toJson(map); }
  }`,
  'jakarta.ws.rs.core.MediaType':
    'public class MediaType { public static final String APPLICATION_JSON = "application/json"; }',
  'jakarta.ws.rs.core.Response': `public class Response {
    public int status; public Object entity;
    public static Builder status(int status) { Builder made = new Builder(); made.made.status = status; return made; }
    public static class Builder {
      Response made = new Response();
      public Builder entity(Object entity) { made.entity = entity; return this; }
      public Response build() { return made; }
    }
  }`,
}

const SERVER = `package com.example.demo.vapi;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

public class Serve {
  record Answer(int status, String body) {}
  interface Edge { Answer answer(String secret, String text); }

  public static void main(String[] arguments) throws Exception {
    Edge edge = edge(System.getenv().getOrDefault("VAPI_WEBHOOK_SECRET", ""));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
      String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Answer answer = edge.answer(exchange.getRequestHeaders().getFirst("X-Vapi-Secret"), text);
      byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    System.out.println("port: " + server.getAddress().getPort());
  }

  EDGE
}
`

const edges = {
  'spring-boot': `static Edge edge(String expected) {
    var controller = new VapiWebhookController(expected, "");
    return (secret, text) -> {
      var reply = controller.receive(secret, text.isEmpty() ? null : text);
      return new Answer(reply.status, new Gson().toJson(reply.body));
    };
  }`,
  quarkus: `static Edge edge(String expected) {
    var resource = new VapiWebhookResource();
    resource.secret = Optional.of(expected).filter(text -> !text.isEmpty());
    resource.assistantId = Optional.empty();
    return (secret, text) -> {
      var reply = resource.receive(secret, text);
      return new Answer(reply.status, (String) reply.entity);
    };
  }`,
} as const

/** The stand-ins as files by path, with the server of a framework. */
export function javaStandIns(framework: keyof typeof edges): Readonly<Record<string, string>> {
  const file = (name: string, text: string): [string, string] => {
    const place = name.replaceAll('.', '/')
    return [`${place}.java`, `package ${name.slice(0, name.lastIndexOf('.'))};\n\n${text}\n`]
  }
  return Object.fromEntries([
    ...Object.entries(annotations).map(([name, members]) =>
      file(name, `public @interface ${name.slice(name.lastIndexOf('.') + 1)} { ${members} }`),
    ),
    ...Object.entries(classes).map(([name, text]) => file(name, text)),
    ['com/example/demo/vapi/Serve.java', SERVER.replace('EDGE', edges[framework])],
  ])
}
