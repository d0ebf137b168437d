package main

import (
	"context"
	"fmt"
	"log"

	"tallystick/eventgrid"
)

func main() {
	client := eventgrid.New("dev-token", eventgrid.WithServer(eventgrid.ServerLocalhost))
	project := "0123456789abcdef0123456789abcdef"
	source, err := client.CreateEventSource(context.Background(), project, eventgrid.EventgridSourceCreation{
		Name:      "my-go-source",
		ChannelID: "11111111-1111-4111-8111-111111111111",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(source.ID)
}
