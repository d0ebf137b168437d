import java.net.http.HttpClient
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeout
import tallystick.charon.*

inline fun <reified E : Throwable> failure(call: () -> Unit): E {
    try {
        call()
    } catch (error: Exception) {
        println("text $error ${error.message} ${error.cause}")
        return error as E
    }
    throw AssertionError("no failure")
}

suspend fun main() {
    var hooked = 0
    val own = HttpClient.newHttpClient()
    val options = Options("${away}", httpClient = own, hook = { call, status ->
        println("text $call $status")
        hooked++
    })
    val client = Charon("top-secret", options)
    println("text $client $options")
    val refused = failure<ApiException> { client.getCron("a-cron") }
    val retryAfter = refused.headers.firstValue("Retry-After").get()
    println("refused ${refused.status} ${refused.code} $retryAfter $hooked")
    failure<ApiException> { client.getCron("dated") }
    println("dated $hooked")
    failure<ApiException> { client.getCron("never") }
    println("never $hooked")
    val broken = failure<AnswerException> { client.getCron("broken") }
    println("answer ${broken.body}")
    println("nothing ${failure<AnswerException> { client.getCron("nothing") }.body}")
    println("empty ${failure<AnswerException> { client.getCron("empty") }.body}")
    val before = hooked
    val circle = client.listExecutionsAll("circle")
    failure<AnswerException> { circle.collect { println("page ${hooked - before} ${it.id}") } }
    println("circle ${hooked - before}")
    circle.first()
    println("page ${hooked - before}")
    val moved = failure<ApiException> { client.canStart("moved") }
    println("moved ${moved.status}")
    val nowhere = Charon("top-secret", Options("http://127.0.0.1:9"))
    val unreached = failure<NetworkException> { nowhere.getCron("a-cron") }
    println("network ${unreached.isTimeout}")
    for (server in listOf("http://someone:top-secret@127.0.0.1:9", "http://127.0.0.1:9/?key=top-secret")) {
        val wrong = failure<IllegalArgumentException> { Options(server) }
        println("server ${"@?#" in wrong.message.orEmpty()}")
    }
    val hasty = Charon("top-secret", options.copy(timeout = 500.milliseconds))
    val stalled = failure<NetworkException> { hasty.getCron("stalled") }
    println("stalled ${stalled.isTimeout}")
    val ended = failure<TimeoutCancellationException> { withTimeout(300.milliseconds) { client.canStart("late") } }
    println("ended ${ended.message != null}")
    failure<IllegalArgumentException> { Charon("top-secret\n", options) }
    val following = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build()
    failure<IllegalArgumentException> { options.copy(httpClient = following) }
    val made = CharonNewCron(slug = "nightly")
    println("typed ${refused.bodyAs<CharonError>().message}")
    println("typed ${failure<AnswerException> { moved.bodyAs<CharonError>() }.body == moved.body}")
    println("equal ${made == Json.read<CharonNewCron>(Json.write(made))}")
}
