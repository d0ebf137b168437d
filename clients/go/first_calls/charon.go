package main

import (
	"context"
	"fmt"
	"log"

	"tallystick/charon"
)

func main() {
	client := charon.New("dev-charon-key", charon.WithServer(charon.ServerLocalhost))
	started, err := client.StartExecution(context.Background(), "1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(started.ID)
}
