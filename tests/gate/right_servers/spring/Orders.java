package shop;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.validator.constraints.CodePointLength;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.jackson.Jackson2ObjectMapperBuilderCustomizer;
import org.springframework.boot.web.context.WebServerInitializedEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** A right server of `orders.yaml` by Spring Boot, on Tomcat. */
@SpringBootApplication
@RestController
public class Orders {
    static final String KEY = "shop-key-0123456789";
    private static final String JSON = "application/json";

    public enum State { open, sent, returned }

    public static class ChangedOrder {
        @NotNull @CodePointLength(min = 2, max = 40) public String customer;
        @Min(1) @Max(1000) public int pieces;
        @Min(0) @Max(9007199254740991L) public long cents;
        @NotNull public State state = State.open;
        @CodePointLength(max = 200) public String note;
        public boolean gift;
    }

    public static class NewOrder extends ChangedOrder {
        @NotNull @Size(max = 5)
        public List<@NotNull @Pattern(regexp = "[a-z]{2,10}") String> labels = List.of();
    }

    public static class Order extends NewOrder {
        public UUID id;
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Card.class, name = "card"),
        @JsonSubTypes.Type(value = Voucher.class, name = "voucher"),
    })
    public interface Payment {}

    public record Card(@NotNull @Pattern(regexp = "[0-9]{12}") String number) implements Payment {}

    public record Voucher(@NotNull @CodePointLength(min = 4, max = 12) String code)
            implements Payment {}

    private final Map<UUID, Order> orders = Collections.synchronizedMap(new LinkedHashMap<>());
    private final ObjectMapper mapper;
    private final Validator validator;

    public Orders(ObjectMapper mapper, Validator validator) {
        this.mapper = mapper;
        this.validator = validator;
    }

    @GetMapping("/orders")
    List<Order> list(
            @RequestParam(required = false) @Pattern(regexp = "open|sent|returned") String state,
            @RequestParam(required = false) @Pattern(regexp = "true|false") String gift,
            @RequestParam(required = false) @CodePointLength(max = 40) String customer,
            // Spring takes an empty text for a missing one where there is a default.
            @RequestParam(required = false) @Pattern(regexp = "[0-9]{1,6}|1000000") String offset,
            @RequestParam(required = false) @Pattern(regexp = "[1-9][0-9]?|100") String limit) {
        List<Order> found = new ArrayList<>(orders.values());
        Collections.reverse(found);
        return found.stream()
                .filter(order -> state == null || order.state.name().equals(state))
                .filter(order -> gift == null || String.valueOf(order.gift).equals(gift))
                .filter(order -> customer == null || order.customer.equals(customer))
                .skip(offset == null ? 0 : Integer.parseInt(offset))
                .limit(limit == null ? 100 : Integer.parseInt(limit))
                .toList();
    }

    @PostMapping(path = "/orders", consumes = JSON)
    @ResponseStatus(HttpStatus.CREATED)
    Order create(@Valid @RequestBody NewOrder body) {
        Order order = copy(body, new Order());
        order.labels = body.labels;
        order.id = UUID.randomUUID();
        orders.put(order.id, order);
        return order;
    }

    @GetMapping("/orders/{id}")
    Order show(@PathVariable UUID id) {
        Order order = orders.get(id);
        if (order == null) throw new ResponseStatusException(HttpStatus.NOT_FOUND, "No such order");
        return order;
    }

    @PatchMapping(path = "/orders/{id}", consumes = JSON)
    Order change(@PathVariable UUID id, @RequestBody ObjectNode body) {
        Order order = show(id);
        ChangedOrder changed = copy(order, new ChangedOrder());
        try {
            mapper.readerForUpdating(changed).readValue(body);
        } catch (IOException refused) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "The change is invalid");
        }
        if (!validator.validate(changed).isEmpty())
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "The change is invalid");
        return copy(changed, order);
    }

    @DeleteMapping("/orders/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable UUID id) {
        orders.remove(show(id).id);
    }

    @GetMapping({"/figures", "/stock"})
    Map<String, Integer> figures() {
        return Map.of("count", orders.size());
    }

    @GetMapping("/basket")
    Map<String, Integer> basket(
            @CookieValue(required = false) @Pattern(regexp = "EUR|USD") String currency) {
        return figures();
    }

    @PostMapping(path = "/payments", consumes = JSON)
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, String> pay(@Valid @RequestBody Payment payment) {
        return Map.of("kind", payment instanceof Card ? "card" : "voucher");
    }

    private static <T extends ChangedOrder> T copy(ChangedOrder from, T to) {
        to.customer = from.customer;
        to.pieces = from.pieces;
        to.cents = from.cents;
        to.state = from.state;
        to.note = from.note;
        to.gift = from.gift;
        return to;
    }

    @Bean
    static Jackson2ObjectMapperBuilderCustomizer strictly() {
        return builder -> builder
                .featuresToEnable(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                        DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .featuresToDisable(
                        DeserializationFeature.ACCEPT_FLOAT_AS_INT,
                        MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .postConfigurer(mapper -> {
                    for (CoercionInputShape shape : CoercionInputShape.values())
                        if (shape != CoercionInputShape.String)
                            mapper.coercionConfigFor(LogicalType.Textual)
                                    .setCoercion(shape, CoercionAction.Fail);
                });
    }

    @EventListener
    void tell(WebServerInitializedEvent started) {
        System.out.println(started.getWebServer().getPort());
    }

    /** Asks for the credential of each path. */
    @Component
    static class Door extends OncePerRequestFilter {
        private static final String PASSWORD =
                "Basic " + Base64.getEncoder().encodeToString(("shop:" + KEY).getBytes());

        @Override
        protected void doFilterInternal(
                HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws jakarta.servlet.ServletException, IOException {
            if (isOpenTo(request)) {
                chain.doFilter(request, response);
                return;
            }
            response.setStatus(401);
            response.setHeader("WWW-Authenticate", "Bearer");
            response.setContentType(JSON);
            response.getWriter().write("{\"message\": \"Log in first\"}");
        }

        private static boolean isOpenTo(HttpServletRequest request) {
            String path = request.getRequestURI();
            String given = request.getHeader("Authorization");
            if (path.equals("/figures")) return PASSWORD.equals(given);
            if (path.equals("/basket")) return isVisit(request.getCookies());
            boolean isAsked = path.matches("/(orders(/.*)?|payments|stock)");
            return !isAsked || ("Bearer " + KEY).equals(given);
        }

        private static boolean isVisit(Cookie[] cookies) {
            for (Cookie each : cookies == null ? new Cookie[0] : cookies)
                if (each.getName().equals("session")) return each.getValue().equals(KEY);
            return false;
        }
    }

    /** Gives all that Spring refuses the contract's shape. */
    @RestControllerAdvice
    static class Refusals extends ResponseEntityExceptionHandler {
        @Override
        protected ResponseEntity<Object> handleExceptionInternal(
                Exception refused, Object body, HttpHeaders headers, HttpStatusCode status,
                WebRequest request) {
            return ResponseEntity.status(status).headers(headers)
                    .body(Map.of("message", "It is refused with " + status.value()));
        }

        /** Spring reads cookies as parts of a URL: a percent sign may begin nothing. */
        @ExceptionHandler(IllegalArgumentException.class)
        ResponseEntity<Object> refuse(IllegalArgumentException refused, WebRequest request) {
            return handleExceptionInternal(
                    refused, null, new HttpHeaders(), HttpStatus.BAD_REQUEST, request);
        }
    }

    public static void main(String[] arguments) {
        SpringApplication application = new SpringApplication(Orders.class);
        application.setDefaultProperties(Map.of(
                "server.address", "127.0.0.1",
                "server.port", "0",
                "logging.level.root", "off",
                // It takes no uploads: a multipart body without a boundary would be a 500.
                "spring.servlet.multipart.enabled", "false",
                "spring.main.banner-mode", "off"));
        application.run(arguments);
    }
}
