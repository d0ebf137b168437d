import java.util.Map;
import tallystick.eventhos.Eventhos;
import tallystick.eventhos.EventhosCredentials;
import tallystick.eventhos.Options;

public class FirstCall {
    public static void main(String[] arguments) {
        var here = Options.server(Options.LOCALHOST);
        var token = new Eventhos("", here).createToken(new EventhosCredentials()
                .grantType("client_credentials")
                .clientId("dev-client")
                .clientSecret("dev-secret"));

        var client = new Eventhos(token.content().accessToken(), here);
        var received = client.sendEvent(
                Map.of("name", "Morpheush"),
                new Eventhos.SendEventQuery().eventIdentifier("new-bomb-k736k3hiW7"));
        System.out.println(received.message());
    }
}
