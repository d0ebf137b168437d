import tallystick.keyastrom.EventIngest;
import tallystick.keyastrom.EventIngestType;
import tallystick.keyastrom.Keyastrom;
import tallystick.keyastrom.Options;

public class FirstCall {
    public static void main(String[] arguments) {
        var client = new Keyastrom(
                "dt0c01.abc123.abcdefjhij1234567890", Options.server(Options.LOCALHOST));
        var results = client.ingestEvent(new EventIngest()
                .eventType(EventIngestType.CUSTOM_INFO)
                .title("Loadtest start")
                .entitySelector("type(SERVICE),entityName.equals(BookingService)"));
        System.out.println(results.reportCount());
    }
}
