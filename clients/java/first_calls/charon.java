import tallystick.charon.Charon;
import tallystick.charon.Options;

public class FirstCall {
    public static void main(String[] arguments) {
        var client = new Charon("dev-charon-key", Options.server(Options.LOCALHOST));
        var started = client.startExecution("1");
        System.out.println(started.id());
    }
}
