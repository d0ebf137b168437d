import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import tallystick.charon.*;

public class FirstCall {
    static int hooked = 0;

    /** Counts the requests that are sent. */
    static final class Counting extends ProxySelector {
        @Override
        public List<Proxy> select(URI target) {
            hooked++;
            return List.of(Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI target, SocketAddress address, IOException reason) {
        }
    }

    static <E extends RuntimeException> E failure(Class<E> kind, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException error) {
            System.out.println("text " + error + " " + error.getMessage() + " " + error.getCause());
            return kind.cast(error);
        }
        throw new AssertionError("no failure");
    }

    public static void main(String[] arguments) {
        HttpClient own = HttpClient.newBuilder().proxy(new Counting()).build();
        Options options = Options.server("${away}").withHttpClient(own);
        Charon client = new Charon("top-secret", options);
        System.out.println("text " + client + " " + options);
        ApiException refused = failure(ApiException.class, () -> client.getCron("a-cron"));
        System.out.println("refused " + refused.status() + " " + refused.code() + " "
                + refused.headers().firstValue("Retry-After").get() + " " + hooked);
        failure(ApiException.class, () -> client.getCron("dated"));
        System.out.println("dated " + hooked);
        failure(ApiException.class, () -> client.getCron("never"));
        System.out.println("never " + hooked);
        AnswerException broken = failure(AnswerException.class, () -> client.getCron("broken"));
        System.out.println("answer " + broken.body());
        System.out.println("nothing " + failure(AnswerException.class, () -> client.getCron("nothing")).body());
        System.out.println("empty " + failure(AnswerException.class, () -> client.getCron("empty")).body());
        int before = hooked;
        Iterable<CharonExecution> circle = client.listExecutionsAll("circle", new Charon.ListExecutionsQuery());
        failure(AnswerException.class, () -> {
            for (CharonExecution execution : circle) {
                System.out.println("page " + (hooked - before) + " " + execution.id());
            }
        });
        System.out.println("circle " + (hooked - before));
        circle.iterator().next();
        System.out.println("page " + (hooked - before));
        CompletionException round = failure(CompletionException.class, () -> client
                .listExecutionsAllAsync("circle", new Charon.ListExecutionsQuery(), each -> true).join());
        System.out.println("async circle " + (hooked - before) + " " + (round.getCause() instanceof AnswerException));
        client.listExecutionsAllAsync("circle", new Charon.ListExecutionsQuery(), each -> false).join();
        System.out.println("async page " + (hooked - before));
        ApiException moved = failure(ApiException.class, () -> client.canStart("moved"));
        System.out.println("moved " + moved.status());
        Charon nowhere = new Charon("top-secret", Options.server("http://127.0.0.1:9"));
        NetworkException unreached = failure(NetworkException.class, () -> nowhere.getCron("a-cron"));
        System.out.println("network " + unreached.isTimeout());
        for (String server : List.of("http://someone:top-secret@127.0.0.1:9", "http://127.0.0.1:9/?key=top-secret")) {
            IllegalArgumentException wrong = failure(IllegalArgumentException.class, () -> Options.server(server));
            System.out.println("server " + wrong.getMessage().contains("@?#"));
        }
        tallystick.unusual.Unusual unusual = new tallystick.unusual.Unusual(
                "top-secret", tallystick.unusual.Options.server("${away}"));
        System.out.println("any " + unusual.anything().value() + unusual.anythingAsync().join().value());
        Charon hasty = new Charon("top-secret", options.withTimeout(Duration.ofMillis(500)));
        NetworkException stalled = failure(NetworkException.class, () -> hasty.getCron("stalled"));
        System.out.println("stalled " + stalled.isTimeout());
        CompletionException asyncStalled =
                failure(CompletionException.class, () -> hasty.getCronAsync("stalled").join());
        System.out.println("async " + ((NetworkException) asyncStalled.getCause()).isTimeout());
        failure(IllegalArgumentException.class, () -> new Charon("top-secret\n", options));
        CompletionException late = failure(CompletionException.class, () -> client.getCronAsync("a-cron").join());
        System.out.println("async " + ((ApiException) late.getCause()).status());
        failure(IllegalArgumentException.class, () -> client.createCron(new CharonNewCron().name("Nightly")));
        HttpClient following = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();
        failure(IllegalArgumentException.class, () -> options.withHttpClient(following));
        CharonNewCron made = new CharonNewCron().slug("nightly");
        System.out.println("typed " + refused.body(CharonError.class).message());
        failure(AnswerException.class, () -> moved.body(CharonError.class));
        System.out.println("equal " + made.equals(Json.read(made.toString(), CharonNewCron.class)));
    }
}
