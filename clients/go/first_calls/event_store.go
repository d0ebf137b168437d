package main

import (
	"context"
	"fmt"
	"log"

	"tallystick/eventstore"
)

func main() {
	client := eventstore.New("XXX1XX12XxxxXXxxXXx0xXxx", eventstore.WithServer(eventstore.ServerLocalhost))
	created, err := client.CreateEvent(context.Background(), eventstore.EventStoreEvent{
		Cl: "EDF",
		Ty: "START_EC2",
		Hs: eventstore.HyperscalerAws,
		Ac: "525060831330",
		Re: "eu-west-3",
		St: eventstore.OperationStatusOk,
		Me: "Operation successful",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.ID)
}
