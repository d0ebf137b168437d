package main

import (
	"context"
	"fmt"
	"log"

	"tallystick/eventhos"
)

func main() {
	ctx := context.Background()
	here := eventhos.WithServer(eventhos.ServerLocalhost)
	token, err := eventhos.New("", here).CreateToken(ctx, eventhos.EventhosCredentials{
		GrantType:    "client_credentials",
		ClientID:     "dev-client",
		ClientSecret: "dev-secret",
	})
	if err != nil {
		log.Fatal(err)
	}
	client := eventhos.New(token.Content.AccessToken, here)
	received, err := client.SendEvent(
		ctx,
		map[string]any{"name": "Morpheush"},
		eventhos.SendEventQuery{EventIdentifier: "new-bomb-k736k3hiW7"},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(received.Message)
}
