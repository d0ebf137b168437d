import com.huaweicloud.sdk.core.ClientBuilder;
import com.huaweicloud.sdk.core.HcClient;
import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
import com.huaweicloud.sdk.core.http.HttpClient;
import com.huaweicloud.sdk.core.http.HttpRequest;
import com.huaweicloud.sdk.core.region.Region;
import com.huaweicloud.sdk.eg.v1.EgClient;
import com.huaweicloud.sdk.eg.v1.model.*;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Lives through a channel in one of three ways to identify oneself. */
final class Eventgrid {
    private static final String PROJECT = "0123456789abcdef0123456789abcdef";

    /** Sends a token instead of a signature. */
    static final class Token implements ICredential {
        private final String text;

        Token(String text) {
            this.text = text;
        }

        @Override
        public CompletableFuture<ICredential> processAuthParams(
                HcClient client, String region) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public ICredential deepClone() {
            return this;
        }

        @Override
        public CompletableFuture<HttpRequest> processAuthRequest(
                HttpRequest request, HttpClient client) {
            return CompletableFuture.completedFuture(
                    request.builder()
                            .addHeader("X-Auth-Token", text)
                            .addAutoFilledPathParam(Map.of("project_id", PROJECT))
                            .build());
        }
    }

    static Object use(String url, String way) throws Exception {
        BasicCredentials keys = new BasicCredentials().withAk("DEVAK").withSk("DEVSK");
        ClientBuilder<EgClient> builder =
                switch (way) {
                    case "keys" -> EgClient.newBuilder()
                            .withCredential(keys.withProjectId(PROJECT))
                            .withEndpoints(List.of(url));
                    case "keys without a project" -> EgClient.newBuilder()
                            .withCredential(keys.withIamEndpoint(url))
                            .withRegion(new Region("cn-north-4", url));
                    default -> new ClientBuilder<>(EgClient::new, "Token")
                            .withCredential(new Token(issued(url)))
                            .withEndpoints(List.of(url));
                };
        return live(builder.build());
    }

    private static String issued(String url) throws Exception {
        String body =
                """
                {"auth": {"identity": {"methods": ["password"], "password": {"user": {
                    "name": "DEVAK", "password": "DEVSK"}}}}}""";
        java.net.http.HttpRequest request =
                java.net.http.HttpRequest.newBuilder(URI.create(url + "/v3/auth/tokens"))
                        .header("Content-Type", "application/json")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return java.net.http.HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue("X-Subject-Token")
                .orElseThrow();
    }

    private static Object live(EgClient client) throws Exception {
        String name = "java-" + System.nanoTime();
        String channel =
                client.createChannel(
                                new CreateChannelRequest().withBody(new ChannelCreateReq().withName(name)))
                        .getId();
        String source =
                client.createEventSource(
                                new CreateEventSourceRequest()
                                        .withBody(
                                                new CustomizeSourceCreateReq()
                                                        .withName(name)
                                                        .withChannelId(channel)))
                        .getId();
        Object filter =
                Map.of("source", List.of(Map.of("op", "StringIn", "values", List.of(name))));
        String subscription =
                client.createSubscription(
                                new CreateSubscriptionRequest()
                                        .withBody(subscription(name, channel, filter)))
                        .getId();
        CloudEvents event =
                new CloudEvents()
                        .withId(name)
                        .withSource(name)
                        .withSpecversion("1.0")
                        .withType("t")
                        .withSubject("a to z")
                        .withData(Map.of("n", 7));
        PutEventsResponse published =
                client.putEvents(
                        new PutEventsRequest()
                                .withChannelId(channel)
                                .withBody(new PutEventsReq().withEvents(List.of(event))));
        ListTracedEventsRespResult traced =
                client.listTracedEvents(
                                new ListTracedEventsRequest()
                                        .withChannelId(channel)
                                        .withStartTime(0L)
                                        .withEndTime(9007199254740991L))
                        .getResult()
                        .get(0);
        ShowDetailOfEventTraceResponse shown =
                client.showDetailOfEventTrace(
                        new ShowDetailOfEventTraceRequest().withTraceId(name).withChannelId(channel));
        ListQuotasResponse quotas = client.listQuotas(new ListQuotasRequest());
        ListConnectionsResponse connections =
                client.listConnections(new ListConnectionsRequest());
        client.deleteSubscription(
                new DeleteSubscriptionRequest().withSubscriptionId(subscription));
        client.deleteEventSource(new DeleteEventSourceRequest().withSourceId(source));
        client.deleteChannel(new DeleteChannelRequest().withChannelId(channel));
        Map<String, Object> seen = new TreeMap<>();
        seen.put("failed", published.getFailedCount());
        seen.put("traced", traced.getSubscriptionName().equals(name));
        seen.put("received", traced.getEventReceivedTime() > 1_700_000_000);
        seen.put("subscriptions", shown.getDeliverList().size());
        seen.put("quotas", quotas.getQuotas().getResources().size());
        seen.put("connection", connections.getItems().get(0).getId());
        seen.put("gone", codeOf(client, channel));
        return seen;
    }

    private static SubscriptionCreateReq subscription(String name, String channel, Object filter) {
        SubscriptionSource source =
                new SubscriptionSource()
                        .withName(name)
                        .withProviderType(SubscriptionSource.ProviderTypeEnum.CUSTOM)
                        .withFilter(filter);
        SubscriptionTarget target =
                new SubscriptionTarget()
                        .withName("HTTP")
                        .withProviderType(SubscriptionTarget.ProviderTypeEnum.CUSTOM)
                        .withDetail(Map.of("url", "http://127.0.0.1:9/"))
                        .withTransform(new TransForm().withType(TransForm.TypeEnum.ORIGINAL));
        return new SubscriptionCreateReq()
                .withName(name)
                .withChannelId(channel)
                .withSources(List.of(source))
                .withTargets(List.of(target));
    }

    private static String codeOf(EgClient client, String channel) {
        try {
            client.showDetailOfChannel(
                    new ShowDetailOfChannelRequest().withChannelId(channel));
            return "";
        } catch (ServiceResponseException refused) {
            return refused.getErrorCode();
        }
    }
}
