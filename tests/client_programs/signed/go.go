package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"tallystick/eventgrid"
)

const project = "0123456789abcdef0123456789abcdef"

func main() {
	ctx := context.Background()
	server := eventgrid.WithServer("${server}")
	client := eventgrid.New("", server, eventgrid.WithAccessKey("DEVAK", "DEVSK"))
	channel := eventgrid.EventgridChannelCreation{Name: "signed-by-go", Description: eventgrid.Ptr("Signé")}
	made, err := client.CreateEventChannel(ctx, project, channel, eventgrid.CreateEventChannelQuery{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("made", made.Name)
	query := eventgrid.ListEventChannelsQuery{Sort: eventgrid.Ptr("name:ASC"), FuzzyName: eventgrid.Ptr("é ~*")}
	page, err := client.ListEventChannels(ctx, project, query)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listed", page.Total)
	wrong := eventgrid.New("", server, eventgrid.WithAccessKey("DEVAK", "top-secret"))
	_, err = wrong.ListEventChannels(ctx, project, eventgrid.ListEventChannelsQuery{})
	var refused *eventgrid.APIError
	if errors.As(err, &refused) {
		fmt.Println("refused", refused.Status)
	}
	fmt.Printf("%+v %#v %v\n", *wrong, *wrong, err)
}
