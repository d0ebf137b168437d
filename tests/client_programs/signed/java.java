import tallystick.eventgrid.*;

public class FirstCall {
    static final String PROJECT = "0123456789abcdef0123456789abcdef";

    public static void main(String[] arguments) {
        Options options = Options.server("${server}");
        Eventgrid client = new Eventgrid("", options.withAccessKey("DEVAK", "DEVSK"));
        EventgridChannelCreation channel = new EventgridChannelCreation().name("signed-by-java").description("Signé");
        System.out.println("made " + client.createEventChannel(PROJECT, channel,
                new Eventgrid.CreateEventChannelQuery()).name());
        Eventgrid.ListEventChannelsQuery query = new Eventgrid.ListEventChannelsQuery()
                .sort("name:ASC").fuzzyName("é ~*");
        System.out.println("listed " + client.listEventChannels(PROJECT, query).total());
        Options wrong = options.withAccessKey("DEVAK", "top-secret");
        try {
            new Eventgrid("", wrong).listEventChannels(PROJECT, new Eventgrid.ListEventChannelsQuery());
        } catch (ApiException error) {
            System.out.println("refused " + error.status());
            System.out.println(error + " " + wrong);
        }
    }
}
