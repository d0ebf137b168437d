import com.fasterxml.jackson.databind.ObjectMapper;

/** Uses the SDKs of EventGrid and of CloudEvents as their users do, and prints what it saw. */
public final class Sdks {
    static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        Object seen =
                arguments[0].equals("eventgrid")
                        ? Eventgrid.use(arguments[1], arguments[2])
                        : Deliveries.read(arguments[1]);
        System.out.println(JSON.writeValueAsString(seen));
    }
}
