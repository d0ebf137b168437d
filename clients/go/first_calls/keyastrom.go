package main

import (
	"context"
	"fmt"
	"log"

	"tallystick/keyastrom"
)

func main() {
	client := keyastrom.New("dt0c01.abc123.abcdefjhij1234567890", keyastrom.WithServer(keyastrom.ServerLocalhost))
	results, err := client.IngestEvent(context.Background(), keyastrom.EventIngest{
		EventType:      keyastrom.EventIngestTypeCustomInfo,
		Title:          "Loadtest start",
		EntitySelector: keyastrom.Ptr("type(SERVICE),entityName.equals(BookingService)"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*results.ReportCount)
}
