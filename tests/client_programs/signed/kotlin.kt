import tallystick.eventgrid.*

const val PROJECT = "0123456789abcdef0123456789abcdef"

suspend fun main() {
    val options = Options("${server}", accessKey = AccessKey("DEVAK", "DEVSK"))
    val client = Eventgrid(options = options)
    val channel = EventgridChannelCreation(name = "signed-by-kotlin", description = "Signé")
    println("made ${client.createEventChannel(PROJECT, channel).name}")
    println("listed ${client.listEventChannels(PROJECT, sort = "name:ASC", fuzzyName = "é ~*").total}")
    val wrong = options.copy(accessKey = AccessKey("DEVAK", "top-secret"))
    try {
        Eventgrid(options = wrong).listEventChannels(PROJECT)
    } catch (error: ApiException) {
        println("refused ${error.status}")
        println("$error $wrong")
    }
}
