import com.fasterxml.jackson.databind.JsonNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.http.HttpMessageFactory;
import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Parses every delivery of a file. */
final class Deliveries {
    static Object read(String file) throws Exception {
        List<Object> seen = new ArrayList<>();
        for (JsonNode delivery : Sdks.JSON.readTree(new File(file))) {
            Map<String, String> headers = new HashMap<>();
            delivery.get("headers")
                    .fields()
                    .forEachRemaining(each -> headers.put(each.getKey(), each.getValue().asText()));
            byte[] body = Base64.getDecoder().decode(delivery.get("body").asText());
            seen.add(shown(HttpMessageFactory.createReader(headers, body).toEvent()));
        }
        return seen;
    }

    private static Map<String, Object> shown(CloudEvent event) {
        Map<String, Object> own = new TreeMap<>();
        event.getExtensionNames().forEach(name -> own.put(name, event.getExtension(name)));
        Map<String, Object> shown = new TreeMap<>();
        shown.put("id", event.getId());
        shown.put("source", event.getSource().toString());
        shown.put("type", event.getType());
        shown.put("subject", Objects.requireNonNullElse(event.getSubject(), ""));
        URI schema = event.getDataSchema();
        shown.put("dataschema", schema == null ? "" : schema.toString());
        shown.put("own", own);
        byte[] data = event.getData() == null ? new byte[0] : event.getData().toBytes();
        shown.put("data", new String(data, StandardCharsets.UTF_8));
        return shown;
    }
}
