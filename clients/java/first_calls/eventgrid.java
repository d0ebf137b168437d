import tallystick.eventgrid.Eventgrid;
import tallystick.eventgrid.EventgridSourceCreation;
import tallystick.eventgrid.Options;

public class FirstCall {
    public static void main(String[] arguments) {
        var client = new Eventgrid("dev-token", Options.server(Options.LOCALHOST));
        var source = client.createEventSource(
                "0123456789abcdef0123456789abcdef",
                new EventgridSourceCreation()
                        .name("my-java-source")
                        .channelId("11111111-1111-4111-8111-111111111111"));
        System.out.println(source.id());
    }
}
