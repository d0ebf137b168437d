import tallystick.eventstore.EventStore;
import tallystick.eventstore.EventStoreEvent;
import tallystick.eventstore.Hyperscaler;
import tallystick.eventstore.OperationStatus;
import tallystick.eventstore.Options;

public class FirstCall {
    public static void main(String[] arguments) {
        var client = new EventStore("XXX1XX12XxxxXXxxXXx0xXxx", Options.server(Options.LOCALHOST));
        var created = client.createEvent(new EventStoreEvent()
                .cl("EDF")
                .ty("START_EC2")
                .hs(Hyperscaler.AWS)
                .ac("525060831330")
                .re("eu-west-3")
                .st(OperationStatus.OK)
                .me("Operation successful"));
        System.out.println(created.id());
    }
}
