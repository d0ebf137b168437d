import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper

private val mapper = ObjectMapper()
private val within = Regex("\\$\\{(\\w+)\\}")
private val whole = Regex("\"\\$\\{(\\w+)\\}\"")

/** Runs a scenario against a server, and says what was done: one line a call. */
class Harness(val server: String, values: String) {
    private val values = mapper.readTree(values).properties().associate { it.toPair() }.toMutableMap()

    fun text(template: String): String = within.replace(template) { known(it).asText() }

    fun body(template: String): String = whole.replace(template) { known(it).toString() }

    private fun known(place: MatchResult): JsonNode = values.getValue(place.groupValues[1])

    fun keep(name: String, result: String, pointer: String) {
        values[name] = mapper.readTree(result).at(pointer)
    }

    /** What is null is left out when an object is written. */
    fun expect(pointer: String, result: String, wanted: String) {
        val found = mapper.readTree(result).at(pointer)
        val isNothing = wanted == "null" && found.isMissingNode
        if (!isNothing && found != mapper.readTree(wanted)) {
            throw AssertionError("$pointer is $found, not $wanted")
        }
    }

    fun done(operation: String, result: String) = println("done $operation $result")

    fun refused(operation: String, asExpected: Boolean) {
        if (!asExpected) throw AssertionError("$operation was not refused as the contract says")
        println("refused $operation")
    }
}

/** Runs the scenarios of the APIs that are named after the server and the values. */
suspend fun main(arguments: Array<String>) {
    for (api in arguments.drop(2)) {
        scenarios.getValue(api)(Harness(arguments[0], arguments[1]))
    }
}
