import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** The mock's control API from Java 11 or later: `tallystick mock`, then `java MockTest.java`. */
public class MockTest {
    private static final String URL =
            System.getenv().getOrDefault("TALLYSTICK_URL", "http://127.0.0.1:8080");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String EVENT =
            "{\"cl\": \"EDF\", \"ty\": \"START_EC2\", \"hs\": \"AWS\", \"ac\": \"PRODUCTION\","
                    + " \"re\": \"eu-west-3\", \"st\": \"OK\", \"me\": \"From Java\"}";

    public static void main(String[] arguments) throws Exception {
        anEventIsSentAgainWhenTheServiceIsBusy();
        theServicesErrorCodeIsSeen();
        System.out.println("2 passed, 0 failed");
    }

    static void anEventIsSentAgainWhenTheServiceIsBusy() throws Exception {
        control("POST", "reset", "");
        control("POST", "rules",
                "{\"operation\": \"createEvent\", \"answer\": {\"code\": 503}, \"times\": 1}");

        check(send().body().contains("Event created successfully"), "the event is created");

        control("POST", "verify",
                "{\"operation\": \"createEvent\", \"match\": {\"body\": {\"$.cl\": \"EDF\"}},"
                        + " \"times\": 2}");
    }

    static void theServicesErrorCodeIsSeen() throws Exception {
        control("POST", "reset", "");
        control("POST", "rules", "{\"operation\": \"createEvent\", \"answer\": {\"error\": \"M004\"}}");

        check(send().body().contains("\"M004\""), "the error code is the one of the rule");
    }

    /** The program under test: it sends an event, and once more if the service is busy. */
    static HttpResponse<String> send() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(URL + "/create"))
                .header("x-api-key", "XXX1XX12XxxxXXxxXXx0xXxx")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(EVENT))
                .build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        return answer.statusCode() == 503 ? send() : answer;
    }

    static void control(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(URL + "/gateway/v1/mock/" + path))
                .header("Authorization", "Bearer dev-gateway-key")
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        check(answer.statusCode() < 300, method + " " + path + " says " + answer.body());
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
