import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs the scenarios against a server, and says what was done: one line a call. */
final class Harness {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern WITHIN = Pattern.compile("\\$\\{(\\w+)\\}");
    private static final Pattern WHOLE = Pattern.compile("\"\\$\\{(\\w+)\\}\"");

    final String server;
    private final Map<String, JsonNode> values = new HashMap<>();

    private Harness(String server, String values) {
        this.server = server;
        JsonNode given = tree(values);
        given.fieldNames().forEachRemaining(name -> this.values.put(name, given.get(name)));
    }

    String text(String template) {
        return WITHIN.matcher(template)
                .replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1)).asText()));
    }

    String body(String template) {
        return WHOLE.matcher(template)
                .replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1)).toString()));
    }

    /** Reads a list to its end. */
    <T> List<T> all(Iterable<T> items) {
        List<T> found = new ArrayList<>();
        items.forEach(found::add);
        return found;
    }

    void keep(String name, String result, String pointer) {
        values.put(name, tree(result).at(pointer));
    }

    /** What is null is left out when an object is written. */
    void expect(String pointer, String result, String wanted) {
        JsonNode found = tree(result).at(pointer);
        boolean isNothing = wanted.equals("null") && found.isMissingNode();
        if (!isNothing && !found.equals(tree(wanted))) {
            throw new AssertionError(pointer + " is " + found + ", not " + wanted);
        }
    }

    void done(String operation, String result) {
        System.out.println("done " + operation + " " + result);
    }

    void refused(String operation, boolean asExpected) {
        if (!asExpected) {
            throw new AssertionError(operation + " was not refused as the contract says");
        }
        System.out.println("refused " + operation);
    }

    private static JsonNode tree(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs the scenarios of the APIs that are named after the server and the values. */
    public static void main(String[] arguments) {
        Stream.of(arguments).skip(2).forEach(api -> {
            Scenarios.run(api, new Harness(arguments[0], arguments[1]));
        });
    }
}
